/** Looks of those who wait for a handover: many volumes are not opened again and again while most of them still move. */
import { stillMoves } from "../dr/handed-over.js";
import { keyOf, volumeIn } from "../dr/facts.js";
import type { DecisionInput } from "../dr/model.js";
import { hasMany } from "../many-volumes.js";
import type { Observation } from "../observe/index.js";
import { sharedLook } from "../observe/shared-look.js";

/** A look, and whether it has seen all that a decision needs. */
export interface HandoverLook {
    readonly now: DecisionInput;
    readonly whole: boolean;
}

/**
 * Looks with which a group's handover is waited for. With many volumes these are glances, until one shows all of them demoted, or no
 * other number of them than the glance before: then it is looked for what is missing. With few, each is a whole look.
 *
 * @param observation of the group
 * @param demoted which site hands over
 */
export function handoverLook(
    { input, again, glance }: Pick<Observation, "input" | "again" | "glance">,
    demoted: "own" | "peer",
): () => Promise<HandoverLook> {
    const keys = input.intent.volumes.map(keyOf);
    const whole = async () => ({ now: await again(), whole: true });
    if (!hasMany(keys.length)) return whole;
    let before: number | undefined;
    return sharedLook(async () => {
        const now = await glance();
        const moving = keys.filter((key) => moves(now, key, demoted)).length;
        const settled = moving === 0 || moving === before;
        before = moving;
        return settled ? whole() : { now, whole: false };
    });
}

function moves({ own, peer }: DecisionInput, key: string, demoted: "own" | "peer"): boolean {
    const [here, there] = [volumeIn(own, key), volumeIn(peer, key)];
    return demoted === "own" ? stillMoves(here, there) : stillMoves(there, here);
}
