/**
 * The conditions behind the annotation `pulumi.com/waitFor` of a VR: what must hold before Pulumi counts it as done.
 * They are evaluated for the current generation only, at create and at update.
 */
import { asksPrimary, replaying } from "./vr-status.js";
import type { VrSnapshot } from "./model.js";

/** Annotation that the Kubernetes provider waits on. */
export const WAIT_FOR_ANNOTATION = "pulumi.com/waitFor";

/** The gates a VR can have; which one depends on how it came to its state, not on the state alone. */
export const GATES = {
    /** Promoted and healthy. */
    promoted: ["jsonpath={.status.state}=Primary", "condition=Completed", "condition=Degraded=False"],
    /** A secondary whose peer is primary already: it stays degraded while it replays, which is healthy. */
    secondary: ["jsonpath={.status.state}=Secondary", "condition=Completed"],
    /**
     * A secondary that nobody feeds at the moment: it can be asked for no more than being secondary. Likewise a primary that is
     * demoted: that the peer has its last write is waited for by the program (`VolumePlan.vr.awaitsHandover`).
     */
    demoted: ["jsonpath={.status.state}=Secondary"],
    /** Given up, recreated, and replaying afresh from the primary peer: the steady face of facts b.12's recovery. */
    resynced: ["jsonpath={.status.state}=Secondary", "condition=Completed", "condition=Resyncing"],
} as const satisfies Record<string, readonly string[]>;

/** Name of a gate. */
export type Gate = keyof typeof GATES;

/**
 * The gate of a VR in this plan.
 *
 * A VR that already is what is asked keeps the gate it has, so that a second `up` changes nothing; unless its status does
 * not fulfil that gate, and perhaps never will.
 *
 * @param live the VR on the cluster, if there is one
 * @param wanted state and autoResync that are asked for
 * @param gate the gate that a change to that state needs
 */
export function stableWaitFor(
    live: VrSnapshot | undefined,
    wanted: { readonly replicationState: string; readonly autoResync: boolean },
    gate: Gate,
): readonly string[] {
    if (live === undefined || live.spec.replicationState !== wanted.replicationState) return GATES[gate];
    if (live.spec.autoResync !== wanted.autoResync) return GATES[gate];
    const current = liveGate(live);
    // A VR that was changed by hand still carries the gate of its former role, which could never come true.
    if (current === undefined || (current === "promoted") !== (gate === "promoted")) return GATES[gate];
    if ((current === "resynced") !== (gate === "resynced")) return GATES[gate];
    // A gate that does not hold now may never hold again, as one that needs a primary to feed it.
    if (current !== gate && !fulfils(live, current)) return GATES[gate];
    return GATES[current];
}

/** The gate in a VR's annotation, as far as it is one of ours. */
function liveGate(vr: VrSnapshot): Gate | undefined {
    const text = vr.annotations[WAIT_FOR_ANNOTATION];
    if (text === undefined) return undefined;
    return GATE_BY_TEXT.get(text);
}

const GATE_BY_TEXT: ReadonlyMap<string, Gate> = new Map(
    (Object.keys(GATES) as Gate[]).map((gate) => [JSON.stringify(GATES[gate]), gate]),
);

/** Whether a VR fulfils a gate now; what the provider evaluates, for plans, reports and the model check. */
export function fulfils(vr: VrSnapshot, gate: Gate): boolean {
    switch (gate) {
        case "promoted":
            return asksPrimary(vr) && holds(vr, GATES.promoted);
        case "resynced":
            return replaying(vr) || holds(vr, GATES.resynced);
        default:
            return holds(vr, GATES[gate]);
    }
}

/**
 * Evaluates conditions as pulumi-kubernetes does (facts, `pulumi.com/waitFor`): for the current generation, a condition's
 * own observedGeneration first, the status' one otherwise.
 *
 * @throws Error naming an expression that is none of the forms used here
 */
export function holds(vr: VrSnapshot, expressions: readonly string[]): boolean {
    return expressions.every((expression) => {
        const state = /^jsonpath=\{\.status\.state\}=(\w+)$/.exec(expression);
        if (state !== null)
            return vr.status.state === state[1] && (vr.status.observedGeneration ?? vr.generation) >= vr.generation;
        const condition = /^condition=(\w+)(?:=(\w+))?$/.exec(expression);
        if (condition === null)
            throw new Error(`${JSON.stringify(expression)} is not a condition that can be waited for`);
        const seen = vr.status.conditions.find((c) => c.type === condition[1]);
        return (
            seen !== undefined &&
            seen.status === (condition[2] ?? "True") &&
            (seen.observedGeneration ?? vr.status.observedGeneration ?? vr.generation) >= vr.generation
        );
    });
}
