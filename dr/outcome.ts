/**
 * The looks during and after an `up`: whether what was planned still holds, and whether the clusters are what the plan wanted. Pulumi changes only what differs from its own
 * checkpoint, so a VR that was changed by hand is left alone without a word; and outputs must never run ahead of a cluster.
 */
import { decide } from "./decide.js";
import { contextOf, volumeIn, type VolumeFacts } from "./facts.js";
import { refuse } from "./refusals.js";
import { hasHandedOver } from "./handed-over.js";
import type { Decision, DecisionInput, Plan, Refusal, VolumeKey, VolumePlan } from "./model.js";

/**
 * The last look before a volume's claim or VR is made or changed: whether what was planned for it would be planned now.
 *
 * @param planned what was decided for the volume when the run began
 * @param now a fresh look at both sites
 * @param decision what is decided from it, where that is known already
 * @returns the refusal to end with; undefined when the plan still holds
 */
export function stillPlanned(
    planned: VolumePlan,
    now: DecisionInput,
    decision: Decision = decide(now),
): Refusal | undefined {
    if (decision.kind === "refusal") return decision;
    const fresh = decision.volumes.find((v) => v.key === planned.key);
    const difference = differs(planned, fresh);
    if (difference === undefined) return undefined;
    const context = contextOf(now);
    const facts = context.all.filter((v) => v.key === planned.key);
    return refuse("PLAN_CHANGED", context, facts, difference);
}

function differs(planned: VolumePlan, fresh: VolumePlan | undefined): string | undefined {
    if (fresh?.source !== planned.source) return `it was to be ${planned.source}, now ${fresh?.source ?? "nothing"}`;
    const [before, after] = [planned.vr, fresh.vr];
    if (before?.replicationState !== after?.replicationState || before?.autoResync !== after?.autoResync)
        return `its VR was to ask ${before?.replicationState}, now ${after?.replicationState}`;
    if (before?.term !== after?.term) return `it has been promoted in another term meanwhile`;
    if (planned.lossWindow === undefined && fresh.lossWindow !== undefined)
        return `its promotion would lose writes now`;
    return undefined;
}

/**
 * Whether a plan has been carried out.
 *
 * @param plan what was decided
 * @param after a fresh look at both sites
 * @returns the refusal to end with, before a workload starts or outputs are written; undefined when all is as planned
 */
export function unfinished(plan: Pick<Plan, "volumes">, after: DecisionInput): Refusal | undefined {
    const context = contextOf(after);
    const plans = new Map(plan.volumes.map((v) => [v.key, v]));
    const drifted = context.all.filter((facts) => drifts(plans.get(facts.key), facts));
    return drifted.length === 0 ? undefined : refuse("VR_DRIFTED", context, drifted);
}

function drifts(plan: VolumePlan | undefined, facts: VolumeFacts): boolean {
    if (plan?.vr === undefined) return false;
    const spec = facts.ownVr?.spec;
    return (
        spec === undefined ||
        spec.replicationState !== plan.vr.replicationState ||
        spec.autoResync !== plan.vr.autoResync
    );
}

/**
 * Volumes that `SiteOutputs.handedOver` may name: those of the plan that are seen handed over now.
 *
 * @param plan what was decided
 * @param after a fresh look, after the VRs have reached their state
 */
export function confirmedHandover(plan: Plan, after: DecisionInput): VolumeKey[] {
    return plan.handedOver.filter((key) => hasHandedOver(volumeIn(after.own, key), volumeIn(after.peer, key)));
}
