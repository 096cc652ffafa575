/** A wait of many for the same kind of thing: one look for all of them, and one line of progress. */
import * as pulumi from "@pulumi/pulumi";
import { setTimeout as sleep } from "node:timers/promises";
import type { VolumeKey } from "../dr/model.js";
import { brief } from "../observe/cluster.js";
import { paceOf } from "./pace.js";
import { waitedInVain } from "./poll.js";

/** What those who wait share. */
export interface SharedWait<S> {
    /** Looks at everything that is waited for; it is given the volumes of those who wait. */
    readonly look: (waiting: readonly VolumeKey[]) => Promise<S>;
    /** Seconds between two looks at the most (`pace.ts`). */
    readonly interval: number;
}

/** What one of them waits for. */
export interface OwnWait<S> {
    /** In words that fit after "waiting for". */
    readonly what: string;
    /** Says what is still missing; undefined when all is there. What it throws ends this wait. */
    readonly missing: (seen: S) => string | undefined;
    /** How long to wait. */
    readonly seconds: number;
    /** The error's text in place of the usual one, asked when time is up. */
    readonly failure?: () => string | undefined;
}

/** One who waits. */
interface Waiting<S> extends OwnWait<S> {
    readonly end: number;
    readonly resolve: (seen: S) => void;
    readonly reject: (error: Error) => void;
}

/**
 * Makes a wait that volumes share. Each gets a look that has begun after it came.
 *
 * @returns waits for one volume, and gives the look that had all it asked for; its error names what was waited for, how long, and
 *   what was seen last
 */
export function waitTogether<S>({ look, interval }: SharedWait<S>): (key: VolumeKey, own: OwnWait<S>) => Promise<S> {
    const waiting = new Map<VolumeKey, Waiting<S>>();
    let running = false;
    const run = async (): Promise<void> => {
        const pace = paceOf(interval);
        let told: string | undefined;
        // Whoever comes at the same moment shares the first look.
        await new Promise(setImmediate);
        while (waiting.size > 0) {
            const began = Date.now();
            const asked = [...waiting];
            let done = 0;
            const seen = await look(asked.map(([key]) => key)).then(
                (found) => ({ found }),
                (error: unknown) => ({ failed: `cannot look: ${brief(error)}` }),
            );
            let first: string | undefined;
            for (const [key, one] of asked) {
                const missing = judge(one, seen);
                if (missing === undefined) done += Number(waiting.delete(key));
                else first ??= `${one.what}: ${missing}`;
            }
            const text =
                first && (waiting.size > 1 ? `${waiting.size} volumes, the first of them for ${first}` : first);
            if (text !== undefined && text !== told)
                await pulumi.log.info(`waiting for ${text}`, undefined, undefined, true);
            told = text;
            if (waiting.size > 0) await sleep(pace(began, { done, left: waiting.size }) * 1000);
        }
        running = false;
    };
    return (key, own) =>
        new Promise((resolve, reject) => {
            waiting.set(key, { ...own, end: Date.now() + own.seconds * 1000, resolve, reject });
            if (running) return;
            running = true;
            void run();
        });
}

/** What one who waits still misses; undefined when its wait is over, one way or the other. */
function judge<S>(one: Waiting<S>, seen: { readonly found: S } | { readonly failed: string }): string | undefined {
    let missing: string | undefined;
    try {
        missing = "found" in seen ? one.missing(seen.found) : seen.failed;
    } catch (error) {
        one.reject(error instanceof Error ? error : new Error(String(error)));
        return undefined;
    }
    if (missing === undefined && "found" in seen) one.resolve(seen.found);
    else if (missing !== undefined && Date.now() > one.end)
        one.reject(new Error(one.failure?.() ?? waitedInVain(one.what, one.seconds, missing)));
    else return missing;
    return undefined;
}
