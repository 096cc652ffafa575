import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { RBD_DRIVER, ROOK_NAMESPACE } from "../ceph/rook.js";

export interface BlockStorageClassArgs {
    /** Name of the StorageClass, the same on both sites: a restored PVC names it. */
    readonly storageClass: string;
    /** Name of the mirrored pool. */
    readonly pool: string;
}

/** The StorageClass of replicated volumes. `Retain`, always: a PV that goes must never take the image with it. */
export class BlockStorageClass extends pulumi.ComponentResource {
    readonly storageClass: k8s.storage.v1.StorageClass;

    constructor(name: string, args: BlockStorageClassArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:storage:BlockStorageClass", name, {}, opts);
        this.storageClass = new k8s.storage.v1.StorageClass(
            `${name}-class`,
            {
                metadata: { name: args.storageClass },
                provisioner: RBD_DRIVER,
                parameters: {
                    clusterID: ROOK_NAMESPACE,
                    pool: args.pool,
                    imageFormat: "2",
                    imageFeatures: "layering",
                    ...secretOf("provisioner", "rook-csi-rbd-provisioner"),
                    ...secretOf("controller-expand", "rook-csi-rbd-provisioner"),
                    ...secretOf("node-stage", "rook-csi-rbd-node"),
                    "csi.storage.k8s.io/fstype": "ext4",
                },
                reclaimPolicy: "Retain",
                allowVolumeExpansion: true,
            },
            { parent: this },
        );
        this.registerOutputs();
    }
}

function secretOf(role: string, secret: string): Record<string, string> {
    return {
        [`csi.storage.k8s.io/${role}-secret-name`]: secret,
        [`csi.storage.k8s.io/${role}-secret-namespace`]: ROOK_NAMESPACE,
    };
}
