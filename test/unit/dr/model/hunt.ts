/** What is bundled with a fault in it: walks until one goes wrong. */
import fc from "fast-check";
import { given, walk } from "./check.js";
import { maskOf } from "./commands.js";
import type { Mutant } from "./mutants.js";

/** How a hunt ended. */
export interface Hunt {
    /** What went wrong; undefined when nothing did. */
    readonly wrong?: string;
    readonly walks: number;
}

/**
 * Walks until something goes wrong.
 *
 * @param where where to look
 * @param walks how many there are at most
 */
export function hunt({ kinds, ...fixed }: NonNullable<Mutant["hunt"]>, walks: number, seed: number): Hunt {
    let wrong: string | undefined;
    const property = fc.property(given({ ...fixed, ...(kinds && { kinds: maskOf(kinds) }) }), (g) => {
        wrong = walk(g);
        return wrong === undefined;
    });
    const { numRuns } = fc.check(property, { numRuns: walks, seed, endOnFailure: true });
    return { wrong, walks: numRuns };
}
