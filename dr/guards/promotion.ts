/**
 * The guard before `primary`: the heart of the whole. csi-addons promotes by force on its own when a plain promotion is
 * refused, and in split brain the driver does not even refuse (facts b.5 fact 1, b.12), so every promotion that could lose
 * a write has to be stopped here.
 */
import { asksPrimary, asksResync, imageInSplitBrain, isPromoted, vrInSplitBrain, vrPhase } from "../vr-status.js";
import { holdsAnything, peerServes, type Context, type VolumeFacts } from "../facts.js";
import { ownLostItsVr, peerServesUnprotected } from "../unprotected.js";
import { no, type Verdict } from "./verdict.js";
import type { ImageSnapshot, RefusalCode } from "../model.js";

/** Gravest first: what a person has to know before anything else. */
export const PROMOTION_ORDER: readonly RefusalCode[] = [
    "LOST_SITE_ALIVE",
    "BOTH_PRIMARY",
    "PEER_PRIMARY",
    "IMAGE_DISAGREES",
    "OWN_COPY_MISSING",
    "VOLUME_LOST",
    "OWN_SPLIT_BRAIN",
    "OWN_RESYNCING",
    "OWN_COPY_INCOMPLETE",
    "VR_DELETING",
    "PEER_RESYNCING",
    "PEER_VR_MISSING",
    "PEER_NOT_HANDED_OVER",
    "LOST_SITE_LEFTOVER",
    "PEER_UNREACHABLE",
];

/** What `primary` means for one volume, or why not. */
export function judgePromotion(context: Context, v: VolumeFacts): Verdict {
    const atPeer = judgePeerPrimary(context, v);
    if (atPeer !== undefined) return atPeer;
    if (v.ownVr !== undefined && asksPrimary(v.ownVr))
        return imageContradicts(v) ? no("IMAGE_DISAGREES") : { move: "keep" };
    if (isNew(v)) return judgeProvision(context, v);
    return judgeOwnCopy(context, v) ?? judgeGate(context, v);
}

/**
 * A peer that is primary, or that serves with nothing to replicate it: nothing here may be promoted, nor be kept, unless config
 * gives it up and nothing uses it there.
 */
function judgePeerPrimary(context: Context, v: VolumeFacts): Verdict | undefined {
    if (!v.peerPrimary && !servesOnPeer(context, v)) return undefined;
    if (!context.peerLost) return no(v.ownPrimary ? "BOTH_PRIMARY" : "PEER_PRIMARY");
    // Any volume in use shows that the site is alive, not only this one. A lost site that came back after the failover, its
    // old application with it, is no longer a site to fence first: it is the other half of a split brain.
    if (!peerServes(context)) return undefined;
    return no(v.ownPrimary ? "BOTH_PRIMARY" : "LOST_SITE_ALIVE");
}

/** A claim that was never replicated is no other copy of ours: what may be made beside it is for `judgeProvision` to say. */
function servesOnPeer(context: Context, v: VolumeFacts): boolean {
    return !isNew(v) && peerServesUnprotected(context, v);
}

/**
 * Nothing of it here and no record to restore it from: if it can be had at all, it is by provisioning. Likewise a claim of
 * our own that was never replicated, as a first run that was killed leaves it.
 */
function isNew(v: VolumeFacts): boolean {
    if (v.ownVr !== undefined || v.ownRecord !== undefined || v.peerRecord !== undefined) return false;
    return !holdsAnything(v.own) || v.ownTerm + v.peerTerm === 0;
}

/** A fresh volume must never take the place of one that exists somewhere. */
function judgeProvision(context: Context, v: VolumeFacts): Verdict {
    if (holdsAnything(v.peer)) return context.peerLost ? no("NOTHING_TO_RESTORE") : no("RECORD_MISSING");
    const servesHere = context.volumes.some((each) => each.ownVr !== undefined && isPromoted(each.ownVr));
    if (servesHere) return { move: "provision" };
    if (context.peerLost) return no("NOTHING_TO_RESTORE");
    if (context.peerSeen)
        return context.peerOutputs?.replicationState === "primary" ? no("PEER_PRIMARY") : { move: "provision" };
    const nothingAnywhere = context.peerOutputs === undefined && context.input.peer.reach === "unknown";
    return nothingAnywhere ? { move: "provision" } : no("PROVISION_UNSURE");
}

/** A copy that is known not to be whole or not to be the latest. */
function judgeOwnCopy(context: Context, v: VolumeFacts): Verdict | undefined {
    const image = v.own?.image;
    if (image?.exists === false) return no("OWN_COPY_MISSING");
    // The cluster was rebuilt since the last up: nothing shows that its Ceph still has the image.
    if (image === undefined && v.ownHeld && !holdsAnything(v.own)) return no("VOLUME_LOST");
    const resyncing = v.ownVr !== undefined && asksResync(v.ownVr);
    if (resyncing && (!context.peerLost || vrPhase(v.ownVr!) !== "degraded")) return no("OWN_RESYNCING");
    if (neverComplete(image)) return no("OWN_COPY_INCOMPLETE");
    if (context.peerLost) return undefined;
    return imageInSplitBrain(image) || vrInSplitBrain(v.ownVr) ? no("OWN_SPLIT_BRAIN") : undefined;
}

/** Whether a copy is known to have no whole snapshot: it says so itself, or its replayer still copies the first one. */
export function neverComplete(image: ImageSnapshot | undefined): boolean {
    if (image === undefined || !image.exists || image.primary || image.mirroring !== "enabled") return false;
    if (image.complete !== undefined) return !image.complete;
    if (image.state === "up+syncing") return true;
    const { sync } = image;
    return sync !== undefined && sync.localSnapshotTimestamp === undefined && (sync.syncingPercent ?? 100) < 100;
}

/** The gate: the peer has handed over, seen live or recorded; or config gives it up. */
function judgeGate(context: Context, v: VolumeFacts): Verdict {
    const plain: Verdict = { move: "promote", forced: false, recorded: false };
    if (!context.peerSeen) return judgeUnseenPeer(context, v);
    const vr = v.peerVr;
    // Primary in Ceph already, and the only one: nothing is promoted, the VR only catches up with that.
    if (v.own?.image?.exists === true && v.own.image.primary && !v.peerPrimary) return plain;
    if (vr?.deleting === false && !v.peerPrimary && isPrimaryButForItsVr(context, v)) return plain;
    if (v.peerHandedOver && !v.peerPrimary && !imageInSplitBrain(v.peer?.image)) return plain;
    if (vr === undefined && !v.peerPrimary && isNewerThanPeer(v)) return plain;
    if (context.peerLost) return judgeForced(context, v);
    if (vr === undefined)
        return holdsAnything(v.own) || v.peerRecord !== undefined ? no("PEER_VR_MISSING") : no("VOLUME_LOST");
    if (vr.deleting) return no("VR_DELETING");
    if (asksResync(vr)) return no("PEER_RESYNCING");
    return no("PEER_NOT_HANDED_OVER");
}

/**
 * The VR here was deleted by hand, and the peer, which has one, was not promoted since: it has nothing to hand over. Where images
 * cannot be seen, both may have been primary at the same time; only what the peer handed over is known not to have parted.
 */
function isPrimaryButForItsVr(context: Context, v: VolumeFacts): boolean {
    if (!ownLostItsVr(context, v) || v.ownTerm <= v.peerTerm) return false;
    return v.own?.image !== undefined || context.peerOutputs?.handedOver.includes(v.key) === true;
}

/**
 * The peer has no VR. It cannot have been promoted since this copy was primary when its last known term is lower. Or this
 * copy is not mirrored at all, its VR having been deleted by hand.
 */
function isNewerThanPeer(v: VolumeFacts): boolean {
    const image = v.own?.image;
    if (image?.exists === true && image.mirroring === "disabled" && v.own?.pvc !== undefined) return true;
    return v.ownTerm > v.peerTerm && (holdsAnything(v.own) || image?.exists === true);
}

/** A peer that cannot be looked at: its record counts if nothing here contradicts it. */
function judgeUnseenPeer(context: Context, v: VolumeFacts): Verdict {
    if (v.peerRecordsHandover) {
        // Replaying means that the other image was primary after that record was written.
        if (v.own?.image?.state !== "up+replaying") return { move: "promote", forced: false, recorded: true };
        if (!context.peerLost)
            return no("PEER_UNREACHABLE", "its outputs do, but this copy replays from a primary again");
    }
    return context.peerLost ? judgeForced(context, v) : no("PEER_UNREACHABLE");
}

/** Forced promotion: the peer was given up by name, is not in use, and the consent is fresh. */
function judgeForced(context: Context, v: VolumeFacts): Verdict {
    if (peerServes(context)) return no("LOST_SITE_ALIVE");
    const used = context.ownOutputs?.lostSite === context.intent.lostSite;
    // While any volume here is still primary the peer has not been, so the earlier consent still covers the rest.
    if (used && !context.volumes.some((each) => each.ownPrimary)) return no("LOST_SITE_LEFTOVER");
    if (!holdsAnything(v.own) && v.peerRecord === undefined && v.ownRecord === undefined)
        return no("NOTHING_TO_RESTORE");
    return { move: "promote", forced: true, recorded: false };
}

function imageContradicts(v: VolumeFacts): boolean {
    const image = v.own?.image;
    if (image === undefined || v.ownVr === undefined || !isPromoted(v.ownVr)) return false;
    return !image.exists || (image.mirroring === "enabled" && !image.primary);
}
