/** Ports for programs that insist on one: free ones, and the same again for the same program after a restart. */
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import getPort, { portNumbers } from "get-port";
import { writePrivate } from "../../host/files.js";

/** Below the kernel's range for outgoing connections (32768 and up), which could take a port between two runs. */
const FIRST = 24_000;
const LAST = 32_000;

/**
 * A free port for one program of a pod, kept in the pod's folder.
 * @param dir the pod's folder
 * @param program key in its `ports.json`
 */
export async function portFor(dir: string, program: string): Promise<number> {
    const file = join(dir, "ports.json");
    const known = await readPorts(file);
    // Sites choose at the same time: starting each at a random port keeps two of them from picking the same one.
    const start = FIRST + Math.floor(Math.random() * (LAST - FIRST - 100));
    const wanted = known[program] !== undefined ? [known[program]] : [];
    const port = await getPort({ port: [...wanted, ...portNumbers(start, start + 100)] });
    if (port !== known[program]) writePrivate(file, JSON.stringify({ ...known, [program]: port }));
    return port;
}

/** The port that `portFor` last gave to a program; undefined before that. */
export async function knownPort(dir: string, program: string): Promise<number | undefined> {
    return (await readPorts(join(dir, "ports.json")))[program];
}

/** Whether something accepts connections on a TCP port of `host`, or on a unix socket. */
export function listens(where: { host: string; port: number } | { path: string }, timeoutMs = 500): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = connect(where);
        const done = (answer: boolean) => {
            socket.destroy();
            resolve(answer);
        };
        socket.setTimeout(timeoutMs, () => done(false));
        socket.once("connect", () => done(true));
        socket.once("error", () => done(false));
    });
}

async function readPorts(file: string): Promise<Record<string, number>> {
    try {
        return JSON.parse(await readFile(file, "utf8")) as Record<string, number>;
    } catch {
        return {};
    }
}
