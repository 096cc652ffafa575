/**
 * Volumes that are used while nothing replicates them. A primary whose VR was deleted by hand becomes one: csi-addons ends
 * mirroring before it lets the VR go, and the application does not notice. Ceph no longer calls the image primary, yet whoever
 * promotes the other copy makes a second site that serves. Nothing can be copied from such an image, so it is no source of a resync.
 */
import { inUse, type Context, type VolumeFacts } from "./facts.js";
import type { VolumeSnapshot } from "./model.js";

/** Whether a volume is seen to be held without a VR, and its image not to be mirrored; false where Ceph cannot be looked at. */
export function seenUnmirrored(volume: VolumeSnapshot | undefined): boolean {
    if (volume?.pvc?.volumeName === undefined || volume.vr !== undefined) return false;
    return volume.image?.exists === true && volume.image.mirroring !== "enabled";
}

/**
 * Whether a volume is seen in use on a cluster while nothing replicates it. An image that is mirrored and not primary cannot be
 * written, whatever mounts its claim.
 *
 * @param leftPrimary whether the site's last `up` left the volume primary, which has to do where Ceph cannot be looked at
 */
export function servesUnprotected(volume: VolumeSnapshot | undefined, leftPrimary: boolean): boolean {
    if (volume?.pvc?.volumeName === undefined || volume.vr !== undefined || !inUse(volume)) return false;
    return volume.image === undefined ? leftPrimary : seenUnmirrored(volume);
}

/** Whether the peer may write this very volume, though neither a VR nor its image says that it is primary there. */
export function peerServesUnprotected({ peerOutputs }: Context, v: VolumeFacts): boolean {
    if (v.peerPrimary || boundElsewhere(v)) return false;
    return servesUnprotected(v.peer, peerOutputs?.replicationState === "primary");
}

/** Whether a volume here was replicated once, and has lost its VR and with it its mirroring. */
export function ownLostItsVr({ ownOutputs }: Context, v: VolumeFacts): boolean {
    if (v.ownVr !== undefined || (v.ownRecord ?? v.peerRecord) === undefined) return false;
    if (v.own?.image !== undefined) return seenUnmirrored(v.own);
    return v.own?.pvc !== undefined && ownOutputs?.replicationState === "primary";
}

/** Whether the peer's claim is bound to another volume than the one that is meant here: only the name is the same. */
export function boundElsewhere({ own, peer, ownRecord, peerRecord }: VolumeFacts): boolean {
    const there = peer?.pvc?.volumeName;
    const here = own?.pvc?.volumeName ?? ownRecord?.pv.metadata.name ?? peerRecord?.pv.metadata.name;
    return there !== undefined && here !== undefined && there !== here;
}
