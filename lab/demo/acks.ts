/** The application's acknowledgement log, read for what a user asks of a failover: how long was it down, what was lost. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const lineSchema = z.looseObject({
    seq: z.number(),
    at: z.string(),
    site: z.string(),
    epoch: z.number().optional(),
});

/** One acknowledged write. */
export interface Ack {
    readonly seq: number;
    /** RFC 3339. */
    readonly at: string;
    /** Site on which the application ran. */
    readonly site: string;
    /** Number of the writer's run: it grows whenever a writer starts. */
    readonly epoch?: number;
}

/** Reads the log; a last line that is still being written is left out. */
export async function readAcks(file: string): Promise<Ack[]> {
    const text = await readFile(file, "utf8").catch(() => "");
    return text
        .slice(0, text.lastIndexOf("\n") + 1)
        .split("\n")
        .filter((line) => line !== "")
        .flatMap((line) => {
            const parsed = lineSchema.safeParse(JSON.parse(line));
            return parsed.success ? [parsed.data] : [];
        });
}

/**
 * Waits until the application has had `count` more writes acknowledged on a site.
 *
 * @throws Error with the number seen last when `seconds` are over
 */
export async function waitForAcks(file: string, site: string, count: number, seconds = 90): Promise<void> {
    const on = async () => (await readAcks(file)).filter((ack) => ack.site === site).length;
    const before = await on();
    const end = Date.now() + seconds * 1000;
    let now = before;
    while (now - before < count) {
        if (Date.now() > end)
            throw new Error(
                `Waited ${seconds} s for ${count} writes on ${site}; seen: ${now - before}. Look at the writer's log below labs/.../${site}/run.`,
            );
        await sleep(500);
        now = await on();
    }
}

/**
 * How long the application was down in the last move to `site`: from the last write acknowledged elsewhere to the first
 * one there.
 *
 * @returns seconds; undefined when the log holds no such move
 */
export function outage(acks: readonly Ack[], site: string): number | undefined {
    const lastElsewhere = acks.findLastIndex((ack) => ack.site !== site);
    const first = acks[lastElsewhere + 1];
    const last = acks[lastElsewhere];
    if (first === undefined || last === undefined) return undefined;
    return (Date.parse(first.at) - Date.parse(last.at)) / 1000;
}
