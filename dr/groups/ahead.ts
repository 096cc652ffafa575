/**
 * Planning a promotion while the peer still hands over, so that everything before it can be made ready meanwhile. The
 * promotion itself waits for the decision that is made of what is really there: no guard is passed by assuming anything.
 */
import { DEFAULT_GROUP } from "../model.js";
import type {
    Decision,
    DecisionInput,
    Refusal,
    SiteDecision,
    VolumeKey,
    VolumeSnapshot,
    VrSnapshot,
} from "../model.js";
import { decideSite } from "./decide.js";
import { splitByGroup } from "./split.js";

/** A decision, and what of it holds only once the peer has handed over. */
export interface Ahead {
    readonly decision: SiteDecision;
    /** Names of the groups whose VRs must wait until a fresh look leads to a plan, too. */
    readonly pending: ReadonlySet<string>;
}

/**
 * Decides for a run that may wait for the peer's handover: where only that is missing, the plan is the one that there will be.
 *
 * @returns the decision as it is now wherever anything else is missing as well
 */
export function decideAhead(input: DecisionInput): Ahead {
    const now = decideSite(input);
    const none: Ahead = { decision: now, pending: new Set() };
    if (now.kind === "plan" || !now.refusals.every(endsWithHandover)) return none;
    const pending = new Set(now.refusals.map((refusal) => refusal.group ?? DEFAULT_GROUP));
    const then = decideSite(assumeHandover(input, pending));
    return then.kind === "plan" ? { decision: then, pending } : none;
}

/** Whether a decision is a refusal that ends by itself when the peer's own `up`, running at the same time, has handed over. */
export function endsWithHandover(decision: Decision): decision is Refusal {
    return (
        decision.kind === "refusal" && (decision.code === "PEER_PRIMARY" || decision.code === "PEER_NOT_HANDED_OVER")
    );
}

/** The same look, if the peer's volumes of these groups had been demoted and had handed over. */
function assumeHandover(input: DecisionInput, groups: ReadonlySet<string>): DecisionInput {
    const { peer } = input;
    if (peer.reach !== "observed") return input;
    const assumed: Record<VolumeKey, VolumeSnapshot> = { ...peer.volumes };
    for (const group of splitByGroup(input))
        if (groups.has(group.name) && group.input.peer.reach === "observed")
            for (const volume of Object.values(group.input.peer.volumes)) assumed[volume.key] = handedOver(volume);
    return { ...input, peer: { ...peer, volumes: assumed } };
}

function handedOver(volume: VolumeSnapshot): VolumeSnapshot {
    if (volume.vr === undefined) return volume;
    const { vr, image } = volume;
    const conditions = [
        ["Completed", "True"],
        ["Degraded", "False"],
        ["Resyncing", "False"],
    ] as const;
    const after: VrSnapshot = {
        ...vr,
        spec: { ...vr.spec, replicationState: "secondary" },
        status: {
            ...vr.status,
            state: "Secondary",
            observedGeneration: vr.generation,
            conditions: conditions.map(([type, status]) => ({ type, status, observedGeneration: vr.generation })),
        },
    };
    return { ...volume, vr: after, image: image && { ...image, primary: false } };
}
