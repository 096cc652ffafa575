/** What was measured, kept on disk after every turn, so that a run that was cut short is gone on with. */
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CONTENDERS } from "./contenders/names.js";
import { stackRunSchema } from "./stack-run.js";
import { usageSchema } from "./usage.js";

/** What a move is: there and back, planned, and there by force, after the first site was lost. */
export const DIRECTIONS = ["failover", "failback", "disaster"] as const;

/** The round that a disaster is kept as: none of those that are planned. */
export const DISASTER_ROUND = 0;

const phaseSchema = z.object({
    /** What was reached. */
    name: z.string(),
    /** Seconds after the last acknowledged write at which it was. */
    at: z.number(),
});

const legSchema = usageSchema.extend({
    direction: z.enum(DIRECTIONS),
    /** When it began (RFC 3339). */
    began: z.string(),
    /** Seconds from the first volume that fell silent to the last one that was written again. */
    rto: z.number(),
    /** Seconds of acknowledged writes that are gone. */
    rpo: z.number(),
    /** Acknowledged writes, over all volumes. */
    acknowledged: z.number(),
    lost: z.number(),
    stateBytes: z.number(),
    /** Load average of one minute when it began. */
    load: z.number(),
    /** Where the time went, in the order in which it was reached. */
    phases: z.array(phaseSchema),
});

const turnSchema = z.object({
    volumes: z.number(),
    writers: z.number(),
    round: z.number(),
    contender: z.enum(CONTENDERS),
    legs: z.array(legSchema),
});

const resultsSchema = z.object({
    schema: z.literal("rbd-dr-bench/1"),
    machine: z.record(z.string(), z.string()),
    turns: z.array(turnSchema),
    /** Our stacks' own runs, outside moves. */
    runs: z.array(stackRunSchema).default([]),
});

/** Something that was reached in a move. */
export type Phase = z.infer<typeof phaseSchema>;
/** One move. */
export type Leg = z.infer<typeof legSchema>;
/** A contender's failover and failback in one round; or its disaster. */
export type TurnResult = z.infer<typeof turnSchema>;
/** A whole run. */
export type Results = z.infer<typeof resultsSchema>;

/** Path of the results in a folder. */
export function resultsFile(folder: string): string {
    return join(folder, "results.json");
}

/**
 * Reads a folder's results; empty ones where there are none yet.
 *
 * @throws Error when the file there is something else
 */
export async function loadResults(folder: string, machine: Results["machine"]): Promise<Results> {
    const file = resultsFile(folder);
    if (!existsSync(file)) return { schema: "rbd-dr-bench/1", machine, turns: [], runs: [] };
    const parsed = resultsSchema.safeParse(JSON.parse(await readFile(file, "utf8")));
    if (!parsed.success)
        throw new Error(
            `${file} holds no results of this bench (${z.prettifyError(parsed.error)}); give another --out.`,
        );
    return parsed.data;
}

/** Writes results whole or not at all. */
export async function saveResults(folder: string, results: Results): Promise<void> {
    await mkdir(folder, { recursive: true });
    const file = resultsFile(folder);
    await writeFile(`${file}.tmp`, `${JSON.stringify(results, null, 4)}\n`);
    await rename(`${file}.tmp`, file);
}

/** Whether a turn has been measured already. */
export function has(results: Results, turn: Pick<TurnResult, "volumes" | "writers" | "round" | "contender">): boolean {
    return results.turns.some(
        (t) =>
            t.volumes === turn.volumes &&
            t.writers === turn.writers &&
            t.round === turn.round &&
            t.contender === turn.contender,
    );
}
