/**
 * What a VR's status must say before a run counts it as done, and whether that is still to be waited for. It is the program that
 * waits (`gates/vr-reached.ts`): at each run for what is live then (docs/adr/0004).
 */
import { asksPrimary, has, replaying } from "./vr-status.js";
import type { VrSnapshot } from "./model.js";

/** What can be waited for, in words; which of them depends on how a VR came to its state, not on the state alone. */
export const GATES = {
    /** Promoted and healthy. */
    promoted: "to be promoted, and healthy",
    /** A secondary whose peer is primary already: it stays degraded while it replays, which is healthy. */
    secondary: "to be a secondary that is fed",
    /**
     * A secondary that nobody feeds at the moment: it can be asked for no more than being secondary. Likewise a primary that is
     * demoted: that the peer has its last write is a wait of its own (`VolumePlan.vr.awaitsHandover`).
     */
    demoted: "to be secondary",
    /** Given up, recreated, and replaying afresh from the primary peer: the steady face of facts b.12's recovery. */
    resynced: "to be copied afresh from the primary",
} as const satisfies Record<string, string>;

/** Name of a gate. */
export type Gate = keyof typeof GATES;

/** What a VR is asked to be. */
export interface Wanted {
    readonly replicationState: string;
    readonly autoResync: boolean;
}

/** Whether a VR fulfils a gate now. Only what was said of its current generation counts. */
export function fulfils(vr: VrSnapshot, gate: Gate): boolean {
    switch (gate) {
        case "promoted":
            return (
                asksPrimary(vr) &&
                inState(vr, "Primary") &&
                has(vr, "Completed", "True") &&
                has(vr, "Degraded", "False")
            );
        case "secondary":
            return inState(vr, "Secondary") && has(vr, "Completed", "True");
        case "demoted":
            return inState(vr, "Secondary");
        case "resynced":
            return (
                replaying(vr) ||
                (inState(vr, "Secondary") && has(vr, "Completed", "True") && has(vr, "Resyncing", "True"))
            );
    }
}

/**
 * The gate that a run has to wait for; undefined where the VR is what is asked, and says so, or has once said so to a run that was
 * finished: what it says later, as while its peer is away, is no reason to wait.
 *
 * @param live the VR on the cluster, if there is one
 * @param wanted what it is asked to be
 * @param gate the gate that a change to that needs
 * @param finished whether a run that asked the same has seen it through
 */
export function gateLeft(
    live: VrSnapshot | undefined,
    wanted: Wanted,
    gate: Gate,
    finished: boolean,
): Gate | undefined {
    const asked = live !== undefined && asks(live, wanted);
    return asked && (finished || fulfils(live, gate)) ? undefined : gate;
}

/** Whether a VR asks what is wanted of it. */
export function asks({ spec }: VrSnapshot, wanted: Wanted): boolean {
    return spec.replicationState === wanted.replicationState && spec.autoResync === wanted.autoResync;
}

function inState(vr: VrSnapshot, state: "Primary" | "Secondary"): boolean {
    return vr.status.state === state && (vr.status.observedGeneration ?? vr.generation) >= vr.generation;
}
