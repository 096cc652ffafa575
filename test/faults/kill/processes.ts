/** The processes of a pulumi run, and their end. */
import { readFileSync } from "node:fs";
import { allPids, readStat } from "../../../host/procfs.js";

/** A process that cannot be mistaken for a later one of the same pid. */
export interface Handle {
    readonly pid: number;
    readonly startTime: number;
}

/** All processes that a process has started, directly or not. */
export function descendants(pid: number): Handle[] {
    const parents = new Map(allPids().map((each) => [each, parentOf(each)]));
    const below = (of: number): number[] =>
        [...parents].filter(([, parent]) => parent === of).flatMap(([child]) => [child, ...below(child)]);
    return below(pid).flatMap((child) => {
        const stat = readStat(child);
        return stat === undefined ? [] : [{ pid: child, startTime: stat.startTime }];
    });
}

/** Ends processes by SIGKILL; those that have ended already are left alone. @returns how many there were */
export function endAll(handles: readonly Handle[]): number {
    let ended = 0;
    for (const { pid, startTime } of handles) {
        const stat = readStat(pid);
        if (stat === undefined || stat.startTime !== startTime || stat.state === "Z") continue;
        try {
            process.kill(pid, "SIGKILL");
            ended += 1;
        } catch {
            // It has ended between the look and the signal.
        }
    }
    return ended;
}

function parentOf(pid: number): number | undefined {
    try {
        const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        return parent === undefined ? undefined : Number(parent);
    } catch {
        return undefined;
    }
}
