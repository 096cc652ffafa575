/**
 * Faults that the model check must find, each one string of `dr/` replaced: guards left out, looks that are skipped, terms
 * that are counted wrongly.
 */

import type { Given } from "./check.js";

/** A fault in the decisions. */
export interface Mutant {
    readonly name: string;
    /** Relative to the repository. */
    readonly file: string;
    /** Is found in the file exactly once. */
    readonly from: string;
    readonly to: string;
    /** Where walks that find it begin, what is seen in them, and which kinds of commands it takes; anything where not given. */
    readonly hunt?: Partial<Pick<Given, "start" | "images" | "peerContext" | "first">> & {
        readonly kinds?: readonly string[];
    };
}

const PROMOTION = "dr/guards/promotion.ts";
const DEMOTION = "dr/guards/demotion.ts";
const STATUS = "dr/vr-status.ts";
const HANDED_OVER = "dr/handed-over.ts";

/** A handover with a write still on its way: only the VRs say how far it is. */
const WRITES_ON_THEIR_WAY: Mutant["hunt"] = {
    start: "running",
    images: false,
    peerContext: true,
    kinds: ["csi", "crash"],
    first: ["time passes", "application writes default/a on cluster1"],
};

/** Demoted, taken back, written and demoted again, while the other site has heard of the first time only. */
const DEMOTED_ONCE_MORE: Mutant["hunt"] = {
    start: "handed over",
    images: true,
    peerContext: true,
    kinds: ["crash", "csi", "mirror", "link"],
};

/** A site that was given up is back and serves, and its VRs were deleted: the other one has taken over long since. */
const VRS_DELETED: Mutant["hunt"] = {
    start: "parted",
    peerContext: true,
    kinds: ["csi"],
    first: ["kubectl delete vr of default/a on cluster1", "kubectl delete vr of default/b on cluster1", "time passes"],
};

export const MUTANTS: readonly Mutant[] = [
    {
        name: "a status of an older generation is trusted",
        file: STATUS,
        from: "(condition.observedGeneration ?? vr.status.observedGeneration ?? -1) >= vr.generation",
        to: "true",
        hunt: {
            start: "handed over",
            images: false,
            peerContext: true,
            kinds: ["crash", "csi-addons"],
            first: ["csi-addons of cluster1 dies before each status from now on"],
        },
    },
    {
        name: "terms are not compared where the peer has no VR",
        file: PROMOTION,
        from: "v.ownTerm > v.peerTerm && (holds",
        to: "(holds",
        hunt: {
            start: "toured",
            peerContext: true,
            kinds: ["csi"],
            first: [
                "time passes",
                "rbd-mirror of cluster1 stops",
                "application writes default/a on cluster2",
                // While it runs there, that alone is reason enough.
                "kubectl scale --replicas=0 on cluster2",
                "kubectl delete vr of default/a on cluster2",
                "kubectl delete vr of default/b on cluster2",
            ],
        },
    },
    {
        name: "a promotion does not heed the peer's term",
        file: "dr/plans/volume.ts",
        from: "Math.max(v.ownTerm, v.peerTerm) + (forced ? 2 : 1)",
        to: "v.ownTerm + (forced ? 2 : 1)",
    },
    {
        name: "a promotion has no new term",
        file: "dr/plans/volume.ts",
        from: "Math.max(v.ownTerm, v.peerTerm) + (forced ? 2 : 1)",
        to: "Math.max(v.ownTerm, v.peerTerm)",
    },
    {
        name: "a copy that is given up is not seen to be",
        file: STATUS,
        from: `vr.spec.replicationState === "resync" || (vr.spec.autoResync && !asksPrimary(vr))`,
        to: "false && vr",
        hunt: {
            start: "parted",
            peerContext: true,
            images: false,
            kinds: ["crash", "csi"],
            first: [
                "pulumi config set replicationState resync -s cluster1 && pulumi up -s cluster1, killed after 6 steps, before csi-addons has looked",
            ],
        },
    },
    {
        name: "a demotion below a peer with autoResync",
        file: DEMOTION,
        from: `if (peerVr !== undefined && asksResync(peerVr)) return no("PEER_AUTO_RESYNC");`,
        to: "",
        hunt: {
            start: "parted",
            peerContext: true,
            images: false,
            kinds: ["crash", "csi"],
            first: [
                "pulumi config set replicationState resync -s cluster1 && pulumi up -s cluster1, killed after 6 steps, before csi-addons has looked",
            ],
        },
    },
    {
        name: "a forced promotion without lostSite",
        file: PROMOTION,
        from: `return context.peerLost ? judgeForced(context, v) : no("PEER_UNREACHABLE");`,
        to: "return judgeForced(context, v);",
    },
    {
        name: "a used lostSite counts again",
        file: PROMOTION,
        from: `if (used && !context.volumes.some((each) => each.ownPrimary)) return no("LOST_SITE_LEFTOVER");`,
        to: "void used;",
    },
    {
        name: "secondary while both sites are primary",
        file: DEMOTION,
        from: `return neverPromoted ? { move: "secondary" } : no("BOTH_PRIMARY_USE_RESYNC");`,
        to: `return { move: neverPromoted ? "secondary" : "demote" };`,
    },
    {
        name: "primary while the peer is",
        file: PROMOTION,
        from: `if (!context.peerLost) return no(v.ownPrimary ? "BOTH_PRIMARY" : "PEER_PRIMARY");`,
        to: `if (!context.peerLost) return undefined;`,
    },
    {
        name: "a peer in use does not count as alive",
        file: PROMOTION,
        from: `if (!peerServes(context)) return undefined;`,
        to: `return undefined;`,
    },
    {
        name: "a peer that serves without a VR does not count",
        file: PROMOTION,
        from: `if (!v.peerPrimary && !servesOnPeer(context, v)) return undefined;`,
        to: `if (!v.peerPrimary) return undefined;`,
        hunt: { ...VRS_DELETED, images: true },
    },
    {
        name: "a peer that serves without a VR does not count where Ceph cannot be seen",
        file: "dr/unprotected.ts",
        from: `volume.image === undefined ? leftPrimary : seenUnmirrored(volume)`,
        to: `seenUnmirrored(volume)`,
        hunt: { ...VRS_DELETED, images: false },
    },
    {
        name: "a copy that lost its VR is taken for the newest whatever its term",
        file: PROMOTION,
        from: `!ownLostItsVr(context, v) || v.ownTerm <= v.peerTerm`,
        to: `!ownLostItsVr(context, v)`,
        hunt: { ...VRS_DELETED, images: true, kinds: ["kubectl"] },
    },
    {
        name: "Degraded is not looked at in a handover",
        file: STATUS,
        from: `has(vr, "Degraded", "False") &&
        has(vr, "Resyncing", "False")`,
        to: `has(vr, "Resyncing", "False")`,
        hunt: WRITES_ON_THEIR_WAY,
    },
    {
        name: "Degraded and Resyncing are not looked at in a handover",
        file: STATUS,
        from: `has(vr, "Degraded", "False") &&
        has(vr, "Resyncing", "False")`,
        to: `true`,
        hunt: WRITES_ON_THEIR_WAY,
    },
    {
        name: "a demotion that has not arrived will do",
        file: HANDED_OVER,
        from: `to.demotion && to.copyOf === from.id`,
        to: `(to.demotion || to.copyOf !== from.id)`,
        hunt: DEMOTED_ONCE_MORE,
    },
    {
        name: "an earlier demotion will do",
        file: HANDED_OVER,
        from: `to.copyOf === from.id`,
        to: `to.copyOf !== undefined`,
        hunt: DEMOTED_ONCE_MORE,
    },
    {
        name: "a peer that has not handed over will do",
        file: PROMOTION,
        from: `return no("PEER_NOT_HANDED_OVER");`,
        to: `return plain;`,
        hunt: { start: "running", images: false, peerContext: true, kinds: ["crash", "csi"] },
    },
    {
        name: "a recorded handover never ends",
        file: "dr/facts.ts",
        from: `handovers.peer.has(key) && recordedPeerTerm > ownTerm`,
        to: `handovers.peer.has(key)`,
        hunt: { start: "toured", peerContext: false, kinds: ["crash", "site"] },
    },
    {
        name: "a recorded handover counts though this copy replays again",
        file: PROMOTION,
        from: `if (v.own?.image?.state !== "up+replaying") return`,
        to: `return`,
        hunt: {
            start: "running",
            peerContext: true,
            images: true,
            kinds: ["link"],
            first: [
                "pulumi config set replicationState secondary -s cluster1 && pulumi up -s cluster1 (with time passing)",
                "pulumi stack export -s cluster1 > FILE",
                "pulumi config set replicationState primary -s cluster1 && pulumi up -s cluster1 (with time passing)",
                "pulumi up -s cluster1 (with time passing)",
                "time passes",
                "pulumi stack import -s cluster1 < FILE",
            ],
        },
    },
    {
        name: "a handover is taken back without withdrawing it",
        file: "dr/plans/site.ts",
        from: `move.move === "promote" && facts.ownRecordsHandover`,
        to: `false && move && facts`,
        hunt: { start: "toured", kinds: ["link", "crash"] },
    },
    {
        name: "no last look before a change",
        file: "dr/outcome.ts",
        from: `    if (decision.kind === "refusal") return decision;
    const fresh`,
        to: `    if (decision.kind === "refusal") return undefined;
    const fresh`,
    },
    {
        name: "a changed term is no change of plan",
        file: "dr/outcome.ts",
        from: "if (before?.term !== after?.term) return",
        to: "if (Number.isNaN(before?.term)) return",
        hunt: {
            start: "handed over",
            peerContext: true,
            images: false,
            kinds: ["link"],
            first: ["pulumi config set replicationState primary -s cluster2", "pulumi up -s cluster2 (begins)"],
        },
    },
    {
        name: "outputs are written without a look",
        file: "dr/outcome.ts",
        from: `hasHandedOver(volumeIn(after.own, key), volumeIn(after.peer, key))`,
        to: `volumeIn(after.own, key)?.vr !== undefined`,
        hunt: {
            start: "handed over",
            kinds: ["step"],
            first: [
                "pulumi up -s cluster1 (begins)",
                "kubectl patch vr of default/a to primary on cluster1",
                "csi-addons of cluster1 looks",
                "kubectl patch vr of default/a to secondary on cluster1",
                "csi-addons of cluster1 looks",
            ],
        },
    },
    {
        name: "what drifted counts as done",
        file: "dr/outcome.ts",
        from: `spec.replicationState !== plan.vr.replicationState ||`,
        to: "",
        hunt: {
            start: "handed over",
            kinds: ["step"],
            first: [
                "pulumi config set replicationState primary -s cluster1",
                "pulumi up -s cluster1 (begins)",
                "  up of cluster1 goes on (4 steps)",
                "csi-addons of cluster1 looks",
                "  up of cluster1 goes on (2 steps)",
                "kubectl patch vr of default/a to secondary on cluster1",
                "csi-addons of cluster1 looks",
            ],
        },
    },
    {
        name: "resync below no primary",
        file: "dr/guards/resync.ts",
        from: `if (!servesAsSource(v)) return no("RESYNC_PEER_NOT_PRIMARY");`,
        to: "",
    },
    {
        name: "resync of a healthy copy",
        file: "dr/guards/resync.ts",
        from: `return isHealthy(v) ? { move: "keep" } : { move: "resync" };`,
        to: `return { move: "resync" };`,
    },
    {
        name: "a fresh volume takes the place of one that is at the peer",
        file: PROMOTION,
        from: `if (holdsAnything(v.peer)) return context.peerLost ? no("NOTHING_TO_RESTORE") : no("RECORD_MISSING");`,
        to: "",
    },
    {
        name: "the peer's records are no reason not to provision",
        file: PROMOTION,
        from: `v.ownVr !== undefined || v.ownRecord !== undefined || v.peerRecord !== undefined`,
        to: `v.ownVr !== undefined || v.ownRecord !== undefined`,
    },
    {
        name: "resync is left before the copy replays",
        file: DEMOTION,
        from: `if (!v.peerPrimary) return { move: "secondary" };
    const image`,
        to: `if (v.key !== "") return { move: "secondary" };
    const image`,
        hunt: { start: "parted", kinds: ["crash", "up", "step"] },
    },
    {
        name: "a VR taken out of config is dropped",
        file: "dr/guards/objects.ts",
        from: `v.spec === undefined && v.ownVr !== undefined && !isReleased(context, v)`,
        to: `v.ownVr?.deleting === true && !isReleased(context, v)`,
    },
    {
        name: "a demotion under the application",
        file: "dr/guards/in-use.ts",
        from: "facts !== undefined && inUse(facts.own)",
        to: "facts === undefined && inUse(facts)",
    },
    {
        name: "an image that is not primary is taken for one",
        file: PROMOTION,
        from: `return imageContradicts(v) ? no("IMAGE_DISAGREES") : { move: "keep" };`,
        to: `return { move: "keep" };`,
    },
];

/*
 * Guards whose absence does no harm, as another one stands behind them; they are kept, since they name the cause:
 *
 * - OWN_SPLIT_BRAIN (`judgeOwnCopy`). A planned promotion goes on to ask for the peer's handover or for its having no VR in
 *   a higher term. A copy parts from the other one only where both were primary since: then the peer's term is the higher
 *   one, or its VR asks primary (PEER_PRIMARY), or it was demoted in split brain, of which csi-addons never says
 *   Degraded=False. What is left is an image that somebody changed with rbd, and on which nobody's application has run.
 * - OWN_RESYNCING (`judgeOwnCopy`). Without `lostSite` the peer would have to be seen handed over, which PEER_AUTO_RESYNC
 *   stops while this copy is being given up. With it, the copy holds all from before the sites parted, and that time is
 *   the beginning of the window that the consent names; a fresh copy that is not whole is OWN_COPY_INCOMPLETE.
 * - That the controller has answered the demotion before Ceph's word counts (`handed-over.ts`). The model's controller looks and
 *   acts in one step; a real one may still be at an earlier request, and promote.
 */
