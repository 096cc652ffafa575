/** Claims as seen on a cluster, for the tests of adoption. */
import { RBD_DRIVER } from "../../../../ceph/rook.js";
import type { ClaimSeen } from "../../../../dr/claims/types.js";
import type { MirroredStorage } from "../../../../dr/claims/fitness.js";
import type { VolumeRecord } from "../../../../dr/model.js";
import { recordOf } from "../world.js";

export const STORAGE: MirroredStorage = { driver: RBD_DRIVER, clusterId: "rook-ceph", pool: "replicapool" };

/** The record of an adopted volume. */
export function adoptedRecord(key: string, labels: Record<string, string> = { app: "shop" }): VolumeRecord {
    const record = recordOf(key);
    return { ...record, pvc: { ...record.pvc, metadata: { ...record.pvc.metadata, labels } }, adopted: true };
}

/** A bound claim of the mirrored pool, with changes. */
export function claim(key: string, more: Partial<ClaimSeen> = {}): ClaimSeen {
    return {
        key,
        labels: { app: "shop" },
        phase: "Bound",
        deleting: false,
        accessModes: ["ReadWriteOnce"],
        volumeMode: "Filesystem",
        size: "1Gi",
        replicatedBy: [],
        ours: false,
        pv: {
            name: "pvc-0a1b",
            reclaimPolicy: "Retain",
            csi: {
                driver: RBD_DRIVER,
                handle: "h",
                attributes: { pool: "replicapool", clusterID: "rook-ceph", imageName: "csi-vol-1" },
            },
        },
        record: adoptedRecord(key),
        ...more,
    };
}

/** The same with other CSI attributes. */
export function claimWith(attributes: Record<string, string>, driver = RBD_DRIVER): ClaimSeen {
    const of = claim("shop/data");
    const csi = { ...of.pv!.csi!, driver, attributes: { ...of.pv!.csi!.attributes, ...attributes } };
    return { ...of, pv: { ...of.pv!, csi } };
}
