/** Waits that say what they wait for, and what they saw last when time is up. */
import * as pulumi from "@pulumi/pulumi";
import { setTimeout as sleep } from "node:timers/promises";
import { brief } from "../observe/cluster.js";

/**
 * Asks again and again until nothing is missing.
 *
 * @param what what is waited for, in words that fit after "waiting for"
 * @param missing returns what is still missing, in words; undefined when all is there
 * @param seconds how long to wait
 * @param options `rest`: asked after each look for the seconds until the next, 1 by default; `background`: nobody waits for this wait, so it must
 *   not keep the program from ending either; `failure`: the error's text in place of the usual one, asked when time is up
 * @throws Error naming what was waited for, how long, and what was seen last
 */
export async function waitUntil(
    what: string,
    missing: () => Promise<string | undefined>,
    seconds: number,
    options: {
        readonly rest?: (began: number) => number;
        readonly background?: boolean;
        readonly failure?: () => string | undefined;
    } = {},
): Promise<void> {
    const end = Date.now() + seconds * 1000;
    let last: string | undefined;
    for (;;) {
        const began = Date.now();
        const now = await missing().catch((error: unknown) => `cannot look: ${brief(error)}`);
        if (now === undefined) return;
        if (now !== last) await pulumi.log.info(`waiting for ${what}: ${now}`, undefined, undefined, true);
        last = now;
        if (Date.now() > end) throw new Error(options.failure?.() ?? waitedInVain(what, seconds, now));
        await sleep((options.rest?.(began) ?? 1) * 1000, undefined, { ref: !options.background });
    }
}

/** What to say when time is up. */
export function waitedInVain(what: string, seconds: number, last: string): string {
    return `Waited ${seconds} s for ${what}; seen last: ${last}. Nothing further was changed; run the same command again once that is mended.`;
}
