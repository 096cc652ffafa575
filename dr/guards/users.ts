/** The guard over who uses a volume: whatever this program does not stop itself must be stopped by a person first. */
import { asksPrimary } from "../vr-status.js";
import { refuse } from "../refusals.js";
import { demoAppName, workloadKey } from "../workloads/keys.js";
import { workloadsOf } from "../workloads/managed.js";
import { claimOf, type Context, type VolumeFacts } from "../facts.js";
import type { Refusal } from "../model.js";
import type { ClaimUser } from "../workloads/types.js";
import type { Moved } from "./verdict.js";

/** Why the volumes that stop being primary cannot be brought out of use; asked before anything is stopped. */
export function guardUsers(context: Context, moved: readonly Moved[]): Refusal | undefined {
    const leaving = moved.filter(leavesPrimary).map((m) => m.facts);
    if (leaving.length === 0) return undefined;
    if (deletesClaims(context).length > 0) return refuse("WORKLOAD_DELETES_CLAIMS", context, leaving);
    const others = othersUsing(context);
    const used = leaving.filter((v) => others(v).length > 0);
    return used.length > 0 ? refuse("USED_BY_OTHERS", context, used) : undefined;
}

/** Who uses a volume here and is not stopped by this program; the workloads are gone through once, for any number of volumes. */
export function othersUsing({ intent }: Context): (volume: VolumeFacts) => readonly ClaimUser[] {
    if (intent.workloads === undefined) return () => [];
    const managed = new Set(workloadsOf(intent).map(workloadKey));
    return ({ own, key, spec }) => {
        const { namespace, name: claim } = claimOf(key);
        const demo = intent.demoApp === true && spec?.adopt !== true ? demoAppName(claim) : undefined;
        return (own?.users ?? []).filter(
            ({ kind, name }) =>
                !managed.has(`${kind}/${namespace}/${name}`) && !(kind === "Deployment" && name === demo),
        );
    };
}

/** Workloads that Kubernetes takes the claims from when they are scaled down. */
export function deletesClaims({ intent }: Context) {
    return workloadsOf(intent).filter((w) => w.seen?.deletesClaims === true && w.seen.replicas > 0);
}

function leavesPrimary({ facts, move }: Moved): boolean {
    if (facts.ownVr === undefined || !asksPrimary(facts.ownVr)) return false;
    return move.move === "demote" || move.move === "resync";
}
