/** A look on which something irreversible depends, where an API server may be busy with the very move. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DecisionInput } from "../dr/model.js";

/** Looks after one that a site has not answered, and milliseconds before each. */
const MORE_LOOKS = 3;
const PAUSE = 2000;

/**
 * Looks once more, a few times, where a site that does not answer may be what stands in the way: with a thousand volumes in motion one
 * list of many did not come in time, and must not end the move. What is decided is decided from the last look, as before.
 *
 * @param again looks
 * @param suffices whether a look in which a site did not answer is enough all the same
 * @param pause milliseconds between two looks
 */
export async function answeredLook(
    again: () => Promise<DecisionInput>,
    suffices: (now: DecisionInput) => boolean,
    pause = PAUSE,
): Promise<DecisionInput> {
    for (let left = MORE_LOOKS; ; left--) {
        const now = await again();
        const silent = [now.own, now.peer].some(({ reach }) => reach === "unreachable");
        if (left === 0 || !silent || suffices(now)) return now;
        await sleep(pause);
    }
}
