/** Whether an existing claim can be replicated, and every reason why not. */
import type { ClaimSeen } from "./types.js";

/** What a claim's volume must be part of to be mirrored. */
export interface MirroredStorage {
    /** Name of Rook's RBD driver. */
    readonly driver: string;
    /** `clusterID` of the driver's volumes. */
    readonly clusterId: string;
    /** The mirrored pool. */
    readonly pool: string;
}

/** Every reason why a claim cannot be replicated, each with what would mend it where something would; empty when it can. */
export function whyNot(claim: ClaimSeen, storage: MirroredStorage): string[] {
    if (claim.deleting) return ["it is being deleted"];
    if (claim.phase !== "Bound" || claim.pv === undefined)
        return [`it is ${claim.phase}, not Bound: there is no volume yet`];
    return [...whyNotThisVolume(claim, storage), ...whyNotThisImage(claim, storage)];
}

function whyNotThisVolume(
    { pv, accessModes, volumeMode, replicatedBy }: ClaimSeen,
    storage: MirroredStorage,
): string[] {
    const csi = pv?.csi;
    if (csi === undefined) return ["its volume is not CSI's: only RBD volumes of ceph-csi can be mirrored"];
    if (csi.driver !== storage.driver)
        return [`its driver is ${csi.driver}, not ${storage.driver}: only RBD volumes can be mirrored`];
    const { pool, clusterID, staticVolume } = csi.attributes;
    const reasons: string[] = [];
    if (pool !== undefined && pool !== storage.pool)
        reasons.push(`its image is in pool ${pool}, and ${storage.pool} is the one that is mirrored`);
    if (clusterID !== undefined && clusterID !== storage.clusterId)
        reasons.push(`it is of the cluster ${clusterID}, not of ${storage.clusterId}`);
    if (staticVolume === "true")
        reasons.push("it is a static volume of ceph-csi's, whose handle csi-addons cannot work with");
    if (volumeMode === "Filesystem" && accessModes.includes("ReadWriteMany"))
        reasons.push("it is ReadWriteMany with a filesystem, which RBD cannot share without damage");
    if (replicatedBy.length > 0) reasons.push(`it is replicated already, by ${replicatedBy.join(", ")}`);
    return reasons;
}

function whyNotThisImage({ image, pv, record }: ClaimSeen, { pool }: MirroredStorage): string[] {
    if (image?.parent !== undefined) {
        const name = record?.image.image ?? pv?.csi?.attributes["imageName"] ?? "IMAGE";
        return [`its image is a clone of ${image.parent}. Make it stand alone: rbd flatten ${pool}/${name}`];
    }
    if (image?.copy === true) return ["its image is a copy, mirrored from another cluster"];
    // Without an image's name the driver's answers cannot be followed, and the other site could not restore it.
    return pv?.csi !== undefined && record === undefined ? ["its PV does not say which image it is"] : [];
}

/** What a person should know of a claim that can be replicated. */
export function notesOn(claim: ClaimSeen): string[] {
    const notes: string[] = [];
    if (claim.volumeMode === "Block")
        notes.push("it is a raw block volume: nothing flushes a filesystem before the handover");
    if (claim.image === undefined && claim.madeFrom !== undefined)
        notes.push(
            `it was made from ${claim.madeFrom}, and its image cannot be looked at: if that still is a clone, replication fails until it is flattened`,
        );
    if (claim.pv?.csi?.attributes["encrypted"] === "true")
        notes.push("it is encrypted by ceph-csi: the other site must reach the same key store");
    return notes;
}
