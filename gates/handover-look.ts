/** Looks of those who wait for a handover: many volumes are not opened again and again while most of them still move. */
import { glanced, type Glanced } from "../dr/handed-over.js";
import { keyOf, volumeIn } from "../dr/facts.js";
import type { DecisionInput, VolumeKey } from "../dr/model.js";
import { hasMany } from "../many-volumes.js";
import type { Observation } from "../observe/index.js";
import { sharedLook } from "../observe/shared-look.js";
import type { Progress } from "./pace.js";

/** A look, and whether it has seen all that a decision needs. */
export interface SeenHandover {
    readonly now: DecisionInput;
    readonly whole: boolean;
    /** Of those that are waited for; undefined where there are few. */
    readonly progress?: Pick<Progress, "done" | "left">;
}

/** Looks for those who wait for these volumes; who asks at the same time gets the same look. */
export type HandoverLook = (waiting: readonly VolumeKey[]) => Promise<SeenHandover>;

/**
 * Looks with which a group's handover is waited for. With many volumes these are glances, until one leaves open whether a volume is
 * handed over, while no other of them moves, or no other number of them than at the glance before. With few, each is a whole look.
 *
 * @param observation of the group
 * @param demoted which site hands over
 */
export function handoverLook(
    { input, again, glance }: Pick<Observation, "input" | "again" | "glance">,
    demoted: "own" | "peer",
): HandoverLook {
    const whole = async () => ({ now: await again(), whole: true });
    if (!hasMany(input.intent.volumes.length)) return whole;
    const all = input.intent.volumes.map(keyOf);
    let waiting = new Set<VolumeKey>();
    let before: number | undefined;
    const look = sharedLook(async () => {
        // The site that hands over waits for those that are demoted already; while others still are to be, images are not opened for a few.
        const keys = demoted === "own" ? all : [...waiting];
        waiting = new Set();
        const now = await glance();
        const told = keys.map((key) => toldOf(now, key, demoted));
        const moving = told.filter((each) => each === "moves").length;
        const settled = moving === 0 || moving === before;
        const progress = { done: (before ?? keys.length) - moving, left: moving };
        before = moving;
        return settled && told.some((each) => each !== "over")
            ? { ...(await whole()), progress }
            : { now, whole: false, progress };
    });
    return (keys) => {
        for (const key of keys) waiting.add(key);
        return look();
    };
}

function toldOf({ own, peer }: DecisionInput, key: VolumeKey, demoted: "own" | "peer"): Glanced {
    const [here, there] = [volumeIn(own, key), volumeIn(peer, key)];
    return demoted === "own" ? glanced(here, there) : glanced(there, here);
}
