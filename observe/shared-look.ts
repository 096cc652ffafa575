/** What many wait for at once is looked at once. */

import { setTimeout as sleep } from "node:timers/promises";

/**
 * Milliseconds of a look after which the next one is put off, and the most that it is. What takes so long keeps both sites' Ceph and API
 * servers busy, and these have a move to carry out.
 */
const LONG = 2000;
const LONGEST_REST = 10_000;

/**
 * Lets callers share looks without ever being given an old one: whoever asks while a look is under way gets the next one,
 * which begins when that one has ended; and after a long one, when half as much time again has passed.
 *
 * @param look looks; its error reaches all who share it
 * @param rest waits for so many milliseconds
 */
export function sharedLook<T>(
    look: () => Promise<T>,
    rest: (ms: number) => Promise<unknown> = sleep,
): () => Promise<T> {
    let underWay: Promise<unknown> = Promise.resolve();
    let next: Promise<T> | undefined;
    let notBefore = 0;
    return () => {
        next ??= underWay.then(async () => {
            const early = notBefore - performance.now();
            // No timer that nobody waits for.
            if (early > 0) await rest(early);
            const begun = performance.now();
            const started = look();
            next = undefined;
            underWay = started
                .catch(() => undefined)
                .then(() => {
                    const ended = performance.now();
                    if (ended - begun > LONG) notBefore = ended + Math.min((ended - begun) / 2, LONGEST_REST);
                });
            return started;
        });
        return next;
    };
}

/** Lets callers join a wait that is under way: it ends with a look that is newer than any of them needs. */
export function joined<T>(wait: () => Promise<T>): () => Promise<T> {
    let underWay: Promise<T> | undefined;
    return () => (underWay ??= wait().finally(() => (underWay = undefined)));
}
