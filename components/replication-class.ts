import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { RBD_DRIVER, ROOK_NAMESPACE } from "../ceph/rook.js";

export interface ReplicationClassArgs {
    /** Name of the VolumeReplicationClass, the same on both sites. */
    readonly replicationClass: string;
    /**
     * How often a mirror snapshot is taken, for example `5m`. Without it nothing is copied between a promotion and the
     * next demotion; it must be set on both sites, since a promotion takes the schedule of its own cluster's class.
     */
    readonly schedulingInterval: string;
}

/** How volumes are replicated: by mirror snapshots, on a schedule, with Rook's CSI credentials. */
export class ReplicationClass extends pulumi.ComponentResource {
    readonly replicationClass: k8s.apiextensions.CustomResource;

    constructor(name: string, args: ReplicationClassArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:replication:ReplicationClass", name, {}, opts);
        this.replicationClass = new k8s.apiextensions.CustomResource(
            `${name}-class`,
            {
                apiVersion: "replication.storage.openshift.io/v1alpha1",
                kind: "VolumeReplicationClass",
                metadata: { name: args.replicationClass },
                spec: {
                    provisioner: RBD_DRIVER,
                    parameters: {
                        mirroringMode: "snapshot",
                        schedulingInterval: args.schedulingInterval,
                        "replication.storage.openshift.io/replication-secret-name": "rook-csi-rbd-provisioner",
                        "replication.storage.openshift.io/replication-secret-namespace": ROOK_NAMESPACE,
                    },
                },
            },
            // The class is immutable; a changed interval makes a new one of the same name (VRs go by name and stay).
            { parent: this, replaceOnChanges: ["spec"], deleteBeforeReplace: true },
        );
        this.registerOutputs();
    }
}
