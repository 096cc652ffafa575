/**
 * Long-lived processes of the lab: started detached, known by a pid file, stopped by process group.
 * A pid file holds the start time and the boot too, so that a pid that was given away meanwhile is never signalled.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { privateDir, writePrivate } from "../host/files.js";
import { allPids, bootId, commandOf, environmentOf, readStat, startedAt } from "../host/procfs.js";

/** What to run, and where its pid file and log go. */
export interface ProcessSpec {
    /** Name of the process: `<dir>/<name>.pid`, `<dir>/<name>.log`. */
    readonly name: string;
    /** Absolute path of the program. */
    readonly command: string;
    readonly args: readonly string[];
    /** Variables on top of this process's environment; undefined takes one out. */
    readonly env?: Readonly<Record<string, string | undefined>>;
    /** Working folder; default: `dir`. */
    readonly cwd?: string;
    /** Folder of the pid file and the log. */
    readonly dir: string;
    /**
     * Folder with token, ca.crt and namespace that the process shall find at the path where a pod finds its service account:
     * the process gets a mount namespace of its own, and the host sees nothing of it.
     */
    readonly serviceAccountDir?: string;
}

/** `frozen`: stopped by SIGSTOP; `dead`: its pid file is there and the process is not; `absent`: no pid file. */
export type ProcessState = "running" | "frozen" | "dead" | "absent";

/** A process that has a pid file. */
export interface ProcessInfo {
    readonly name: string;
    readonly dir: string;
    readonly pid: number;
    readonly command: readonly string[];
    readonly state: Exclude<ProcessState, "absent">;
    /** When it started; undefined if it is dead. */
    readonly since?: Date;
    readonly log: string;
}

interface PidRecord {
    readonly pid: number;
    readonly startTime: number;
    readonly boot: string;
    readonly command: readonly string[];
    readonly log: string;
}

/** Set in every process that is started here, and so inherited by what it starts: strays are found by it. */
const MARKER = "RBD_DR_PROCESS_DIR";

/** Variables that mark what is started with them as belonging to a folder: for programs that run for a moment only. */
export function markedFor(dir: string): Record<string, string> {
    return { [MARKER]: dir };
}

/** Pids of what was started in a folder or below it and still runs, by the mark; `program` keeps those of that name. */
export function markedPids(dir: string, program?: string): number[] {
    return allPids().filter((pid) => {
        if (pid === process.pid) return false;
        const mark = environmentOf(pid, MARKER);
        if (mark !== dir && !mark?.startsWith(`${dir}/`)) return false;
        if (program !== undefined && basename(commandOf(pid)[0] ?? "") !== program) return false;
        return readStat(pid)?.state !== "Z";
    });
}
const LAUNCHER = fileURLToPath(new URL("with-service-account.sh", import.meta.url));
const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

/**
 * Starts a process detached from this one (session and process group of its own), unless it runs already.
 * @returns its pid.
 * @throws if the program cannot be started. That it stays up is the caller's to check.
 */
export async function startProcess(spec: ProcessSpec): Promise<number> {
    const running = liveRecord(spec.dir, spec.name);
    if (running) return running.pid;
    privateDir(spec.dir);
    const log = logFile(spec.dir, spec.name);
    rotate(log);
    const output = openSync(log, "a", 0o600);
    const [command, ...args] = commandLine(spec) as [string, ...string[]];
    try {
        // Not execa: its promise and its pipes belong to a parent that waits, and this child outlives its parent.
        const child = spawn(command, args, {
            cwd: spec.cwd ?? spec.dir,
            env: { ...process.env, ...spec.env, ...markedFor(spec.dir) },
            detached: true,
            stdio: ["ignore", output, output],
        });
        await new Promise<void>((resolve, reject) => {
            child.once("spawn", resolve);
            child.once("error", (error) =>
                reject(new Error(`Cannot start ${spec.name} (${spec.command}): ${error.message}`)),
            );
        });
        child.unref();
        adoptProcess(spec.dir, spec.name, child.pid as number, [spec.command, ...spec.args], log);
        return child.pid as number;
    } finally {
        closeSync(output);
    }
}

/** Writes the pid file of a process that something else started (kwokctl its components). A dead pid is recorded as dead. */
export function adoptProcess(dir: string, name: string, pid: number, command: readonly string[], log: string): void {
    const record: PidRecord = { pid, startTime: readStat(pid)?.startTime ?? -1, boot: bootId(), command, log };
    writePrivate(pidFile(dir, name), `${JSON.stringify(record)}\n`);
}

/** State of a process by its pid file. */
export function processState(dir: string, name: string): ProcessState {
    const record = readRecord(pidFile(dir, name));
    return record ? stateOf(record) : "absent";
}

/** Pid of a process that is there, running or frozen; undefined otherwise. */
export function processPid(dir: string, name: string): number | undefined {
    return liveRecord(dir, name)?.pid;
}

/**
 * Ends a process and its process group: SIGTERM, then SIGKILL after the timeout. Removes the pid file.
 * @param options.timeoutMs time to end by itself, in milliseconds; default 10 s.
 */
export async function stopProcess(dir: string, name: string, options: { timeoutMs?: number } = {}): Promise<void> {
    const record = liveRecord(dir, name);
    if (record) {
        // A frozen process takes no SIGTERM before it is continued.
        signal(record, "SIGTERM");
        signal(record, "SIGCONT");
        if (!(await gone([record], options.timeoutMs ?? 10_000))) await kill([record]);
    }
    rmSync(pidFile(dir, name), { force: true });
}

/** Ends a process group at once by SIGKILL, as a power cut would. The pid file stays, and reads as dead. */
export async function killProcess(dir: string, name: string): Promise<void> {
    const record = liveRecord(dir, name);
    if (record) await kill([record]);
}

/** Stops a process group in its tracks (SIGSTOP): sockets stay open, nothing answers. */
export function freezeProcess(dir: string, name: string): void {
    const record = liveRecord(dir, name);
    if (record) signal(record, "SIGSTOP");
}

/** Lets a frozen process group go on (SIGCONT). */
export function thawProcess(dir: string, name: string): void {
    const record = liveRecord(dir, name);
    if (record) signal(record, "SIGCONT");
}

/** Every process that has a pid file in a folder or below it. */
export function listProcesses(dir: string): ProcessInfo[] {
    return recordsBelow(dir).map(({ dir: at, name, record }) => {
        const state = stateOf(record);
        const since = state === "dead" ? undefined : startedAt(record.startTime);
        return { name, dir: at, pid: record.pid, command: record.command, state, since, log: record.log };
    });
}

/**
 * Signals everything that was started in a folder or below it: by pid file, and by the mark that children inherit.
 * @returns how many processes were signalled.
 */
export function signalAll(dir: string, name: "SIGSTOP" | "SIGCONT" | "SIGKILL"): number {
    const recorded = recordsBelow(dir)
        .map(({ record }) => record)
        .filter((record) => stateOf(record) !== "dead");
    for (const record of recorded) signal(record, name);
    const known = new Set(recorded.map((record) => record.pid));
    const strays = markedPids(dir).filter((pid) => !known.has(pid));
    for (const pid of strays) sendTo(pid, name);
    return known.size + strays.length;
}

/**
 * Kills everything that was started in a folder or below it, until nothing is left.
 * @throws if something survives for 10 seconds.
 */
export async function killAll(dir: string): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (signalAll(dir, "SIGKILL") > 0) {
        if (Date.now() > deadline) {
            throw new Error(
                `Processes of ${dir} survive SIGKILL: pids ${markedPids(dir).join(", ")} (in uninterruptible I/O?).`,
            );
        }
        await sleep(20);
    }
}

/** The last lines of a process's log, for error messages. */
export function logTail(log: string, lines = 15): string {
    try {
        return readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
    } catch {
        return "(no log)";
    }
}

/** Path of a process's log. */
export function logFile(dir: string, name: string): string {
    return join(dir, `${name}.log`);
}

function pidFile(dir: string, name: string): string {
    return join(dir, `${name}.pid`);
}

function commandLine(spec: ProcessSpec): string[] {
    const own = [spec.command, ...spec.args];
    if (!spec.serviceAccountDir) return own;
    const rights = process.getuid?.() === 0 ? [] : ["--map-root-user"];
    return ["unshare", ...rights, "--mount", "--", LAUNCHER, spec.serviceAccountDir, ...own];
}

function readRecord(file: string): PidRecord | undefined {
    try {
        const value: unknown = JSON.parse(readFileSync(file, "utf8"));
        // kwokctl keeps pid files of its own, with a bare number in them.
        return typeof value === "object" && value !== null && "pid" in value ? (value as PidRecord) : undefined;
    } catch {
        return undefined;
    }
}

function liveRecord(dir: string, name: string): PidRecord | undefined {
    const record = readRecord(pidFile(dir, name));
    return record && stateOf(record) !== "dead" ? record : undefined;
}

function recordsBelow(dir: string): Array<{ dir: string; name: string; record: PidRecord }> {
    let entries;
    try {
        entries = readdirSync(dir, { withFileTypes: true });
    } catch {
        return [];
    }
    return entries.flatMap((entry) => {
        const path = join(dir, entry.name);
        if (entry.isDirectory()) return recordsBelow(path);
        if (!entry.name.endsWith(".pid")) return [];
        const record = readRecord(path);
        return record ? [{ dir, name: entry.name.slice(0, -".pid".length), record }] : [];
    });
}

function stateOf(record: PidRecord): Exclude<ProcessState, "absent"> {
    const stat = readStat(record.pid);
    if (!stat || stat.startTime !== record.startTime || record.boot !== bootId()) return "dead";
    if (stat.state === "Z" || stat.state === "X") return "dead";
    return stat.state === "T" ? "frozen" : "running";
}

function signal(record: PidRecord, name: NodeJS.Signals): void {
    if (stateOf(record) !== "dead") sendTo(-record.pid, name);
}

function sendTo(pid: number, name: NodeJS.Signals): void {
    try {
        process.kill(pid, name);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
}

async function kill(records: readonly PidRecord[]): Promise<void> {
    for (const record of records) signal(record, "SIGKILL");
    if (!(await gone(records, 10_000))) throw new Error(`Process ${records[0]?.pid} survives SIGKILL.`);
}

async function gone(records: readonly PidRecord[], timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    while (records.some((record) => stateOf(record) !== "dead")) {
        if (Date.now() > deadline) return false;
        await sleep(20);
    }
    return true;
}

function rotate(log: string): void {
    const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    if (size > LOG_LIMIT_BYTES) renameSync(log, `${log}.1`);
}
