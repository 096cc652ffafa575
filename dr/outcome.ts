/**
 * The look after an `up`: whether the clusters are what the plan wanted. Pulumi changes only what differs from its own
 * checkpoint, so a VR that was changed by hand is left alone without a word; and outputs must never run ahead of a cluster.
 */
import { contextOf, type VolumeFacts } from "./facts.js";
import { refuse } from "./refusals.js";
import { handedOver } from "./vr-status.js";
import type { DecisionInput, Plan, Refusal, VolumeKey, VolumePlan } from "./model.js";

/**
 * Whether a plan has been carried out.
 *
 * @param plan what was decided
 * @param after a fresh look at both sites
 * @returns the refusal to end with, before a workload starts or outputs are written; undefined when all is as planned
 */
export function unfinished(plan: Plan, after: DecisionInput): Refusal | undefined {
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
    const volumes = after.own.reach === "observed" ? after.own.volumes : {};
    return plan.handedOver.filter((key) => {
        const vr = volumes[key]?.vr;
        return vr !== undefined && handedOver(vr);
    });
}
