/** Spread and ratio of repeated measurements. */
import { max, median, min } from "simple-statistics";

/** What several rounds of one measurement come to. */
export interface Spread {
    readonly count: number;
    readonly min: number;
    readonly median: number;
    readonly max: number;
}

/** The spread of some values; undefined when there is none. */
export function spread(values: readonly number[]): Spread | undefined {
    if (values.length === 0) return undefined;
    const all = [...values];
    return { count: all.length, min: min(all), median: median(all), max: max(all) };
}

/** Values of one contender in the same round belong together: the machine was in the same mood. */
export type ByRound = ReadonlyMap<number, number>;

/**
 * How many times a contender took what the base took, round by round.
 *
 * @param values the contender's value of each round
 * @param base the base's; rounds that only one of the two has are left out, and so is a base of 0
 */
export function ratio(values: ByRound, base: ByRound): Spread | undefined {
    return spread(
        [...values].flatMap(([round, value]) => {
            const against = base.get(round);
            return against === undefined || against === 0 ? [] : [value / against];
        }),
    );
}
