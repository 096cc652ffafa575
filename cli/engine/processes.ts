/** The processes of this machine, as far as the CLI needs them: to tell a dead run from a live one, and to end its orphans. */
import { execa } from "execa";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { allPids, commandOf, environmentOf, readStat, startedAt, workingDirOf } from "../../host/procfs.js";
import { RUN_MARK } from "./pulumi.js";

/** A process. */
export interface ProcessInfo {
    readonly pid: number;
    readonly parent: number;
    readonly startedAt: Date;
    readonly command: readonly string[];
    /** Working folder, where that can be seen. */
    readonly cwd?: string;
    /** Id of the run of `rbd-dr` that it belongs to. */
    readonly run?: string;
}

/** All processes that can be seen, without zombies. */
export async function listProcesses(): Promise<ProcessInfo[]> {
    return existsSync("/proc/self/stat") ? fromProc() : fromPs();
}

/** One process; undefined where there is none of that pid. */
export async function findProcess(pid: number): Promise<ProcessInfo | undefined> {
    return (await listProcesses()).find((each) => each.pid === pid);
}

function fromProc(): ProcessInfo[] {
    return allPids().flatMap((pid): ProcessInfo[] => {
        const stat = readStat(pid);
        if (stat === undefined || stat.state === "Z") return [];
        return [
            {
                pid,
                parent: stat.parent,
                startedAt: startedAt(stat.startTime),
                command: commandOf(pid),
                cwd: workingDirOf(pid),
                run: environmentOf(pid, RUN_MARK),
            },
        ];
    });
}

async function fromPs(): Promise<ProcessInfo[]> {
    const env = { LC_ALL: "C" };
    const [{ stdout: plain }, { stdout: withEnv }] = await Promise.all([
        execa("ps", ["-axww", "-o", "pid=,ppid=,stat=,lstart=,command="], { env }),
        execa("ps", ["-axwwE", "-o", "pid=,command="], { env }),
    ]);
    return parsePs(plain, withEnv);
}

/**
 * Reads what `ps` prints where there is no /proc (macOS).
 *
 * @param plain output with `pid=,ppid=,stat=,lstart=,command=`
 * @param withEnv output with `-E` and `pid=,command=`: the command line, with the environment behind it
 */
export function parsePs(plain: string, withEnv: string): ProcessInfo[] {
    const marks = new Map(
        withEnv.split("\n").flatMap((line): [number, string][] => {
            const pid = /^\s*(\d+)\s/.exec(line)?.[1];
            const run = new RegExp(`\\s${RUN_MARK}=(\\S+)`).exec(line)?.[1];
            return pid === undefined || run === undefined ? [] : [[Number(pid), run]];
        }),
    );
    return plain.split("\n").flatMap((line): ProcessInfo[] => {
        const found = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s+(.*)$/.exec(line);
        if (found === null || found[3]!.startsWith("Z")) return [];
        const pid = Number(found[1]);
        return [
            {
                pid,
                parent: Number(found[2]),
                startedAt: new Date(found[4]!),
                command: found[5]!.split(" "),
                run: marks.get(pid),
            },
        ];
    });
}

/**
 * Ends processes: each signal in turn, with time to obey.
 *
 * @param pids whom to end
 * @param steps signals, each with the seconds that are waited for it to work
 * @returns the pids that are still there
 */
export async function endProcesses(
    pids: readonly number[],
    steps: readonly { readonly signal: NodeJS.Signals; readonly seconds: number }[],
): Promise<number[]> {
    let left = pids.filter(isThere);
    for (const { signal, seconds } of steps) {
        for (const pid of left) trySignal(pid, signal);
        const end = Date.now() + seconds * 1000;
        while (left.length > 0 && Date.now() < end) {
            await sleep(100);
            left = left.filter(isThere);
        }
        if (left.length === 0) return [];
    }
    return left;
}

function isThere(pid: number): boolean {
    if (existsSync("/proc/self/stat")) {
        const state = readStat(pid)?.state;
        return state !== undefined && state !== "Z";
    }
    return trySignal(pid, 0);
}

function trySignal(pid: number, signal: NodeJS.Signals | 0): boolean {
    try {
        return process.kill(pid, signal);
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}
