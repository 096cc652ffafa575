/** How long to rest between two looks at many volumes. */

/** Seconds of the shortest rest. */
const SHORTEST = 0.5;
/** A rest is at least so many times as long as the look before it took: where a machine is busy, looks are what it can do without. */
const REST_TO_LOOK = 2;

/** What a look has shown. */
export interface Progress {
    /** How many are done since the look before. */
    readonly done: number;
    /** How many are left. */
    readonly left: number;
    /** Seconds in which they were done: since the look before, or since the wait began. */
    readonly seconds: number;
    /** Seconds that the look itself took. */
    readonly look: number;
}

/**
 * Seconds to rest: half of what those that are left will take at the pace of late, so that the end is not missed by much; and not more than
 * `longest`, as they may come all at once.
 *
 * @param longest in seconds; the rest where nothing was done since the look before, too
 */
export function restAfter({ done, left, seconds, look }: Progress, longest: number): number {
    if (done <= 0) return longest;
    return Math.min(longest, Math.max(SHORTEST, REST_TO_LOOK * look, (left / done) * seconds * 0.5));
}

/**
 * Keeps the pace of a wait that begins now.
 *
 * @param longest seconds of the longest rest
 * @returns to be called when a look has ended, with what it showed and the time at which it began (milliseconds since the epoch); gives the
 *   seconds to rest
 */
export function paceOf(longest: number): (began: number, shown: Pick<Progress, "done" | "left">) => number {
    let before = Date.now();
    return (began, shown) => {
        const seconds = (began - before) / 1000;
        before = began;
        return restAfter({ ...shown, seconds, look: (Date.now() - began) / 1000 }, longest);
    };
}
