/** The file beside a project that says which run of `rbd-dr` works on it: how a run that was killed is found again. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { writePrivate } from "../../host/files.js";
import type { ProcessInfo } from "./processes.js";

/** Name of the file, in the project's folder. */
export const RUN_FILE = ".rbd-dr-run.json";

const schema = z.object({
    id: z.string(),
    pid: z.number(),
    host: z.string(),
    startedAt: z.string(),
    /** What was asked for, as a command line for a person. */
    line: z.string(),
});

/** A run. */
export type RunRecord = z.infer<typeof schema>;

/** The run that the file names; undefined where there is no file, or half of one. */
export function readRunFile(dir: string): RunRecord | undefined {
    const file = join(dir, RUN_FILE);
    if (!existsSync(file)) return undefined;
    try {
        return schema.parse(JSON.parse(readFileSync(file, "utf8")));
    } catch {
        return undefined;
    }
}

/** Writes this run down. */
export function writeRunFile(dir: string, run: Pick<RunRecord, "id" | "line">): void {
    const record: RunRecord = { ...run, pid: process.pid, host: hostname(), startedAt: new Date().toISOString() };
    writePrivate(join(dir, RUN_FILE), `${JSON.stringify(record)}\n`);
}

/** Takes the file away, if it is still this run's. */
export function removeRunFile(dir: string, id: string): void {
    if (readRunFile(dir)?.id === id) rmSync(join(dir, RUN_FILE), { force: true });
}

/** Whether a run may still be at work: its process is there, and no younger than the file. */
export function runIsAlive(run: RunRecord, processes: readonly ProcessInfo[], here = hostname()): boolean {
    if (run.host !== here) return true;
    const holder = processes.find((each) => each.pid === run.pid);
    return holder !== undefined && holder.startedAt.getTime() <= Date.parse(run.startedAt) + 2000;
}
