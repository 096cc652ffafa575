/**
 * The guard before `secondary`. Demoting loses nothing by itself; what is stopped here is a demotion that would never end
 * in a handover, and the two that lead to loss: in split brain, and with autoResync on at either side.
 */
import {
    asksPrimary,
    asksResync,
    awaitsSnapshot,
    has,
    imageInSplitBrain,
    isPromoted,
    mirrorDown,
    mirrorHung,
    mirrorStopped,
    replaying,
    syncProgress,
    vrInSplitBrain,
    vrPhase,
} from "../vr-status.js";
import { holdsAnything, type Context, type VolumeFacts } from "../facts.js";
import { intervalSeconds } from "../time.js";
import { peerServesUnprotected } from "../unprotected.js";
import { neverComplete } from "./promotion.js";
import { no, type Verdict } from "./verdict.js";
import type { ImageSnapshot, RefusalCode, VrSnapshot } from "../model.js";

/** Gravest first. */
export const DEMOTION_ORDER: readonly RefusalCode[] = [
    "BOTH_PRIMARY_USE_RESYNC",
    "OWN_SPLIT_BRAIN_USE_RESYNC",
    "IMAGE_DISAGREES",
    "VR_DELETING",
    "PEER_AUTO_RESYNC",
    "PEER_SPLIT_BRAIN",
    "PEER_HAS_NO_COPY",
    "PEER_MIRROR_DOWN",
    "OWN_MIRROR_DOWN",
    "OWN_MIRROR_HUNG",
    "PEER_NOT_REPLAYING",
    "PEER_BEHIND",
];

/** Snapshot intervals that a copy may be behind before a demotion is refused; alerts in the field use 2 and 3. */
const INTERVALS_BEHIND = 3;

/** What `secondary` means for one volume, or why not. */
export function judgeDemotion(context: Context, v: VolumeFacts): Verdict {
    const vr = v.ownVr;
    if (vr === undefined) return judgeWithoutVr(v);
    if (asksPrimary(vr)) return judgePrimary(context, v);
    if (asksResync(vr)) return judgeAfterResync(v);
    if (v.peerPrimary && (imageInSplitBrain(v.own?.image) || vrInSplitBrain(vr)))
        return no("OWN_SPLIT_BRAIN_USE_RESYNC");
    if (v.own?.image?.primary === true && vrPhase(vr) === "handed-over") return no("IMAGE_DISAGREES");
    if (!awaitsPeer(context, v)) return { move: "keep" };
    if (v.peer?.image?.exists === false) return no("PEER_HAS_NO_COPY");
    return mirrorStopped(v.own?.image) ? no("OWN_MIRROR_DOWN") : { move: "keep" };
}

/** A demotion that was begun, and not handed over, below a peer that is there: what it waits for may not be able to come. */
function awaitsPeer(context: Context, v: VolumeFacts): boolean {
    const waits = v.ownVr !== undefined && !v.ownHandedOver && v.ownTerm > v.peerTerm;
    return waits && context.peerSeen && !v.peerPrimary;
}

function judgeWithoutVr(v: VolumeFacts): Verdict {
    if (!holdsAnything(v.own)) return judgeStrayImage(v);
    const mirrored = v.own?.image?.mirroring === "enabled";
    const recorded = v.peerRecord !== undefined && v.own?.image?.mirroring !== "disabled";
    return mirrored || recorded ? { move: "secondary" } : no("HALF_PROVISIONED");
}

/** Kubernetes here knows nothing of the volume; its image may still have been made primary by hand, or before a rebuild. */
function judgeStrayImage({ own, peerPrimary, peerRecord }: VolumeFacts): Verdict {
    const image = own?.image;
    const known = image?.exists === true && image.mirroring === "enabled" && peerRecord !== undefined;
    if (known && image.primary) return no(peerPrimary ? "BOTH_PRIMARY_USE_RESYNC" : "IMAGE_DISAGREES");
    if (known && peerPrimary && imageInSplitBrain(image)) return no("OWN_SPLIT_BRAIN_USE_RESYNC");
    return { move: "absent" };
}

function judgePrimary(context: Context, v: VolumeFacts): Verdict {
    const image = v.own?.image;
    // A promotion that has not happened, or an image demoted by hand: there is nothing to demote, whatever the peer does.
    const neverPromoted = image?.exists === true && !image.primary;
    if (v.peerPrimary) return neverPromoted ? { move: "secondary" } : no("BOTH_PRIMARY_USE_RESYNC");
    if (context.peerSeen) return judgeSeenPeer(context, v, neverPromoted);
    if (neverPromoted) return { move: "secondary" };
    return judgeUnseenPeer(context);
}

function judgeUnseenPeer(context: Context): Verdict {
    if (context.input.peer.reach === "unreachable") return no("DEMOTION_WITHOUT_PEER");
    switch (context.peerOutputs?.replicationState) {
        case "secondary":
            return { move: "demote" };
        case "resync":
            return no("PEER_AUTO_RESYNC");
        case "primary":
            return no("BOTH_PRIMARY_USE_RESYNC");
        default:
            return no("DEMOTION_WITHOUT_PEER");
    }
}

function judgeSeenPeer(context: Context, v: VolumeFacts, neverPromoted: boolean): Verdict {
    const { peer, peerVr } = v;
    if (peerVr?.deleting === true) return no("VR_DELETING");
    if (peerVr !== undefined && asksResync(peerVr)) return no("PEER_AUTO_RESYNC");
    if (neverPromoted || failedToPromote(v)) return { move: "secondary" };
    const image = peer?.image;
    if (imageInSplitBrain(image) || vrInSplitBrain(peerVr)) return no("PEER_SPLIT_BRAIN");
    if (image?.exists === false) return no("PEER_HAS_NO_COPY");
    if (mirrorDown(image)) return no("PEER_MIRROR_DOWN");
    if (mirrorHung(v.own?.image)) return no("OWN_MIRROR_HUNG");
    // Its controller has not answered since it was primary: the image may still be.
    if (peerVr?.status.state === "Primary" && vrPhase(peerVr) === "pending") return no("PEER_NOT_REPLAYING");
    if (image?.state === "up+error" || isFailing(peerVr, image)) return no("PEER_NOT_REPLAYING");
    const behind = syncProgress(image)?.behindSeconds ?? 0;
    const allowed = INTERVALS_BEHIND * (intervalSeconds(context.intent.schedulingInterval) ?? Infinity);
    if (notMirroredYet(image) || neverComplete(image) || behind > allowed) return no("PEER_BEHIND");
    // It receives nothing either, and what mirroring ended for is deleted here once it is demoted.
    if (peerServesUnprotected(context, v)) return no("PEER_BEHIND");
    // The controller here completes a handover from what this daemon reports of the demoted image.
    if (mirrorStopped(v.own?.image)) return no("OWN_MIRROR_DOWN");
    return { move: "demote" };
}

/** An image that rbd-mirror has made and not begun to fill: it becomes a mirrored one with its first whole snapshot. */
function notMirroredYet(image: ImageSnapshot | undefined): boolean {
    return image?.exists === true && !image.primary && image.mirroring !== "enabled";
}

/** Whether the controller fails on the copy, and its image does not show better. */
function isFailing(vr: VrSnapshot | undefined, image: ImageSnapshot | undefined): boolean {
    if (vr === undefined || vrPhase(vr) !== "failing") return false;
    return !(awaitsSnapshot(vr) && image?.state === "up+replaying" && image.sync !== undefined);
}

/** Leaving `resync`: with a primary peer only once it replays; without one at once, since then it is dangerous. */
function judgeAfterResync(v: VolumeFacts): Verdict {
    if (!v.peerPrimary) return { move: "secondary" };
    const image = v.own?.image;
    // Promoted with rbd meanwhile: the controller demotes it, and gives it up, while it is still asked to.
    if (neverComplete(image) || image?.primary === true) return no("RESYNC_UNFINISHED");
    const done = v.ownVr !== undefined && replaying(v.ownVr) && !imageInSplitBrain(image) && image?.exists !== false;
    return done || image?.state === "up+replaying" ? { move: "secondary" } : no("RESYNC_UNFINISHED");
}

/** Whether the controller says that it could not promote: no application can have been started on it. */
function failedToPromote({ ownVr }: VolumeFacts): boolean {
    return ownVr !== undefined && ownVr.status.state !== "Primary" && has(ownVr, "Completed", "False");
}

/** Whether a VR's copy could be given up or taken over at all: promoted and alive. */
export function servesAsSource(v: VolumeFacts): boolean {
    if (v.peerVr === undefined || !isPromoted(v.peerVr) || v.peerVr.deleting) return false;
    const image = v.peer?.image;
    return image === undefined || (image.exists && image.primary);
}
