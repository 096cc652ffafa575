/** Refusals over claims and workloads that exist already. */
import { letGo, up } from "../commands.js";
import { claimOf } from "../facts.js";
import { deletesClaims, othersUsing } from "../guards/users.js";
import { seenOutputs, seenSite } from "../seen.js";
import { workloadName } from "../workloads/keys.js";
import { describeUser, howToStop } from "../workloads/users.js";
import { allNames, bothSides, names, oneSide, type RefusalBuilder } from "./build.js";

const RELEASE_MEANS =
    "its VR is taken away: on the primary that ends mirroring and deletes the other site's copy; PVC, PV and data of the primary stay";

export const ADOPTION_REFUSALS = {
    ADOPT_MISSING: (context) => {
        const missing = context.intent.adoption?.missing ?? [];
        return {
            reason: `Config adopts ${missing.join(", ")}, and ${context.intent.site} has no such PVC.`,
            seen: [
                seenSite(context, "own"),
                ...missing.map((key) => `${key}: no PVC on this cluster, no record of one`),
            ],
            next: [
                `kubectl get pvc -n ${claimOf(missing[0] ?? "NAMESPACE/NAME").namespace}, and correct the name in the volumes of stack ${context.intent.site}`,
                `or make it first, and run ${up(context.intent.site)}`,
            ],
        };
    },
    ADOPT_UNFIT: (context) => {
        const unfit = (context.intent.adoption?.unfit ?? []).filter((each) => each.named);
        return {
            reason: `Config adopts ${unfit.map((each) => each.key).join(", ")}, which cannot be replicated.`,
            seen: unfit.flatMap(({ key, reasons }) => reasons.map((reason) => `${key}: ${reason}`)),
            next: [
                `mend what is listed, and run ${up(context.intent.site)}`,
                `or leave it out of the volumes of stack ${context.intent.site}`,
            ],
        };
    },
    ADOPTED_VANISHED: (context) => {
        const vanished = context.intent.adoption?.vanished ?? [];
        const keys = vanished.map((each) => each.key);
        return {
            reason: `${keys.join(", ")} is replicated, and would be dropped: nothing is let go that config does not name.`,
            seen: [...vanished.map(({ key, why }) => `${key}: ${why}`), seenOutputs(context, "own")],
            next: [
                `to keep it: put its labels or its entry in volumes back, and run ${up(context.intent.site)}`,
                `to let it go (${RELEASE_MEANS}), on both stacks: ${letGo(context.intent, keys).join(" && ")}; see ADOPTED_VANISHED in docs/refusals.md`,
            ],
        };
    },
    CLAIM_IN_THE_WAY: (context, volumes) => ({
        reason: `The PVC ${names(volumes)} on ${context.intent.site} is bound to another volume than the one that is replicated: what is asked of the one would be done to the other.`,
        seen: [
            ...volumes.map(
                (v) =>
                    `${v.key}: bound to PV ${v.own?.pvc?.volumeName}, the records say ${(v.ownRecord ?? v.peerRecord)?.pv.metadata.name}`,
            ),
            ...oneSide(context, volumes, "own"),
        ],
        next: [
            `see what made it, most likely a StatefulSet that runs here already: kubectl describe pvc ${firstClaim(volumes)}`,
            `scale that down, and if nothing on it is needed: kubectl delete pvc ${firstClaim(volumes)}`,
            up(context.intent.site),
        ],
    }),
    PEER_CLAIM_IN_THE_WAY: (context, volumes) => ({
        reason: `${context.intent.peer} has a PVC ${names(volumes)} of its own: the volume from ${context.intent.site} could never be restored beside it.`,
        seen: bothSides(context, volumes),
        next: [
            `see what made it, most likely a StatefulSet that runs there already: kubectl describe pvc ${firstClaim(volumes)}, on ${context.intent.peer}`,
            `scale that down, and if nothing on it is needed: kubectl delete pvc ${firstClaim(volumes)}, on ${context.intent.peer}`,
            up(context.intent.site),
        ],
    }),
    RELEASE_ORDER: (context, volumes) => ({
        reason: `${names(volumes)} cannot be let go here yet: ${context.intent.peer} still replicates it, and its VR could not be taken away afterwards.`,
        seen: bothSides(context, volumes),
        next: [
            `put ${allNames(volumes)} into release of stack ${context.intent.peer} first, and run twice: ${up(context.intent.peer)}`,
            `then, twice: ${up(context.intent.site)}`,
        ],
    }),
    RELEASE_NOT_REPLAYING: (context, volumes) => ({
        reason: `${names(volumes)} does not replay here from a primary: its VR could not be taken away, its finalizer would stay.`,
        seen: bothSides(context, volumes),
        next: [`wait until it replays (rbd mirror image status POOL/IMAGE), and run ${up(context.intent.site)}`],
    }),
    RELEASE_PEER_UNKNOWN: (context, volumes) => ({
        reason: `${context.intent.peer} cannot be seen: whether ${names(volumes)} may be let go here depends on what is there.`,
        seen: [seenSite(context, "peer"), seenOutputs(context, "peer")],
        next: [`bring ${context.intent.peer} back, then ${up(context.intent.site)}`],
    }),
    USED_BY_OTHERS: (context, volumes) => {
        const others = othersUsing(context);
        const users = volumes.flatMap((v) => others(v).map((user) => ({ key: v.key, user })));
        return {
            reason: `${names(volumes)} is used by something that this program does not stop: a demotion would pull the volume away from under it.`,
            seen: users.map(({ key, user }) => `${key}: ${describeUser(user)}`),
            next: [...users.map(({ key, user }) => howToStop(user, claimOf(key).namespace)), up(context.intent.site)],
        };
    },
    WORKLOAD_DELETES_CLAIMS: (context) => {
        const workloads = deletesClaims(context);
        return {
            reason: `Scaling ${workloads.map(workloadName).join(", ")} down would delete its claims: its persistentVolumeClaimRetentionPolicy says so.`,
            seen: workloads.map((w) => `${workloadName(w)}: whenScaled is Delete, ${w.seen?.replicas} replicas`),
            next: [
                ...workloads.map(
                    (w) =>
                        `kubectl patch statefulset ${w.name} -n ${w.namespace} --type merge -p '{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Retain"}}}'`,
                ),
                up(context.intent.site),
            ],
        };
    },
} as const satisfies Record<string, RefusalBuilder>;

function firstClaim(volumes: Parameters<RefusalBuilder>[1]): string {
    const { namespace, name } = claimOf(volumes[0]?.key ?? "NAMESPACE/NAME");
    return `${name} -n ${namespace}`;
}
