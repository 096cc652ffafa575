/** A lock between processes that the kernel gives back when its holder dies, however it dies. */
import { createHash } from "node:crypto";
import { connect, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How to wait for the lock. */
export interface LockOptions {
    /** Called once when someone else holds the lock, with its pid if it says. */
    readonly onWait?: (holder: string) => void;
    /** Milliseconds to wait before giving up; default: an hour, as a cold toolchain build takes long. */
    readonly timeoutMs?: number;
}

/**
 * Runs `body` while holding the lock of that name.
 * The lock is a listening abstract socket: Linux lets one process have it, and frees it with the process, so that there is
 * no such thing as a stale lock. It holds within one network namespace.
 * @param name what is locked: a path, for example.
 * @throws if the lock is not free within the time, naming its holder.
 */
export async function withLock<T>(name: string, body: () => Promise<T>, options: LockOptions = {}): Promise<T> {
    const path = `\0rbd-dr-${createHash("sha256").update(`${process.getuid?.()} ${name}`).digest("hex").slice(0, 32)}`;
    const deadline = Date.now() + (options.timeoutMs ?? 3_600_000);
    let told = false;
    let server = await tryListen(path);
    while (!server) {
        if (Date.now() > deadline) throw new Error(`${name} is in use by ${await askHolder(path)}.`);
        if (!told) options.onWait?.(await askHolder(path));
        told = true;
        await sleep(200);
        server = await tryListen(path);
    }
    try {
        return await body();
    } finally {
        server.close();
    }
}

function tryListen(path: string): Promise<Server | undefined> {
    return new Promise((resolve, reject) => {
        const server = createServer((socket) => {
            socket.on("error", () => undefined);
            socket.end(`process ${process.pid}`);
        });
        server.once("error", (error: NodeJS.ErrnoException) => {
            if (error.code === "EADDRINUSE") resolve(undefined);
            else reject(error);
        });
        server.listen(path, () => {
            server.unref();
            resolve(server);
        });
    });
}

function askHolder(path: string): Promise<string> {
    return new Promise((resolve) => {
        let said = "";
        const socket = connect(path);
        socket.setTimeout(1000, () => socket.destroy());
        socket.on("data", (data) => (said += data.toString()));
        socket.on("error", () => undefined);
        socket.on("close", () => resolve(said || "another process"));
    });
}
