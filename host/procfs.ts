/** What Linux says of processes: `/proc`, read directly, as every other source needs a tool that may be missing. */
import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/** A process as `/proc/<pid>/stat` shows it. */
export interface ProcessStat {
    /** One letter: R, S, D, T (stopped), Z (zombie) ... */
    readonly state: string;
    /** Clock ticks after boot at which it started: with the pid it names one process for good. */
    readonly startTime: number;
    /** Pid of its parent. */
    readonly parent: number;
    /** Process group. */
    readonly group: number;
}

/** Reads `/proc/<pid>/stat`; undefined if there is no such process. */
export function readStat(pid: number): ProcessStat | undefined {
    const text = read(`/proc/${pid}/stat`);
    if (!text) return undefined;
    // The name, in parentheses, may hold spaces and parentheses of its own: count from behind the last one.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return {
        state: fields[0] ?? "?",
        parent: Number(fields[1]),
        group: Number(fields[2]),
        startTime: Number(fields[19]),
    };
}

/** Identity of this boot: pids and start times begin anew with each. */
export function bootId(): string {
    return read("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
}

/** When a process started, by its start time in clock ticks after boot. */
export function startedAt(startTime: number): Date {
    const uptimeSeconds = Number(read("/proc/uptime")?.split(" ")[0] ?? 0);
    // 100 ticks a second is part of Linux's interface to programs (USER_HZ) on all of Node's platforms.
    return new Date(Date.now() - (uptimeSeconds - startTime / 100) * 1000);
}

/** Every pid there is. */
export function allPids(): number[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
}

/** Value of a variable in the environment a process was started with; undefined if absent or not ours to read. */
export function environmentOf(pid: number, variable: string): string | undefined {
    const entries = read(`/proc/${pid}/environ`)?.split("\0") ?? [];
    return entries.find((entry) => entry.startsWith(`${variable}=`))?.slice(variable.length + 1);
}

/** A process's command line; empty if there is no such process. */
export function commandOf(pid: number): string[] {
    return read(`/proc/${pid}/cmdline`)?.split("\0").slice(0, -1) ?? [];
}

/** A process's working folder; undefined if there is no such process, or it is not ours to see. */
export function workingDirOf(pid: number): string | undefined {
    try {
        return readlinkSync(`/proc/${pid}/cwd`);
    } catch {
        return undefined;
    }
}

/** A TCP socket on which a process waits for connections. */
export interface Listener {
    readonly address: string;
    readonly port: number;
}

/** The TCP listeners of each process, in one pass over the socket tables. */
export function listenersOf(pids: readonly number[]): Map<number, Listener[]> {
    const sockets = new Map([...listeningSockets("/proc/net/tcp"), ...listeningSockets("/proc/net/tcp6")]);
    return new Map(
        pids.map((pid) => {
            const found = socketInodes(pid).flatMap((inode) => sockets.get(inode) ?? []);
            return [pid, found.sort((a, b) => a.port - b.port)] as const;
        }),
    );
}

/** Whether an address is reachable from this machine only. */
export function isLoopback(address: string): boolean {
    return address.startsWith("127.") || address === "::1" || address.startsWith("::ffff:127.");
}

function socketInodes(pid: number): string[] {
    let names: string[];
    try {
        names = readdirSync(`/proc/${pid}/fd`);
    } catch {
        return [];
    }
    return names.flatMap((name) => {
        try {
            return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1] ?? [];
        } catch {
            return [];
        }
    });
}

const TCP_LISTEN = "0A";

function listeningSockets(table: string): Array<[string, Listener]> {
    const lines = (read(table) ?? "").trim().split("\n").slice(1);
    return lines.flatMap((line): Array<[string, Listener]> => {
        const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
        if (state !== TCP_LISTEN || !local || !inode) return [];
        const [address, port] = local.split(":") as [string, string];
        return [[inode, { address: parseAddress(address), port: parseInt(port, 16) }]];
    });
}

/** Turns the kernel's hexadecimal address (32-bit words in host order) into the usual notation. */
export function parseAddress(hex: string): string {
    const bytes = Buffer.from(hex, "hex");
    bytes.swap32();
    if (bytes.length === 4) return bytes.join(".");
    if (bytes.every((byte) => byte === 0)) return "::";
    const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes.readUInt16BE(10) === 0xffff;
    if (mapped) return `::ffff:${bytes.subarray(12).join(".")}`;
    const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
    return words.join(":").replace(/(^|:)0(:0)+(:|$)/, "::");
}

function read(file: string): string | undefined {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return undefined;
    }
}
