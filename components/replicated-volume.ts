import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { VolumePlan, VolumeRecord } from "../dr/model.js";
import { toRecord } from "../dr/records.js";
import { waitFor } from "./wait-for.js";

export interface ReplicatedVolumeArgs {
    /** What was decided for this volume. Its source is not `absent`. */
    readonly plan: VolumePlan;
    /** Name of the StorageClass of a provisioned volume. */
    readonly storageClass: string;
    /** Name of the VolumeReplicationClass. */
    readonly replicationClass: string;
    /** Whether the VR is protected against deletion by Pulumi. */
    readonly protect: boolean;
    /** Seconds until the VR must have reached its state. */
    readonly timeout: number;
    /** Checked right before the VR is created or updated: see `gates/`. */
    readonly gate: pulumi.ResourceHook;
    /** Workloads that must be down before the VR changes. */
    readonly after?: pulumi.Resource[];
}

/** A volume that lives on both sites: the PV where it is restored, the PVC, and the VolumeReplication. */
export class ReplicatedVolume extends pulumi.ComponentResource {
    readonly claim: k8s.core.v1.PersistentVolumeClaim;
    readonly replication: k8s.apiextensions.CustomResource;
    /** What the other site needs to restore this volume. */
    readonly record: pulumi.Output<VolumeRecord>;

    constructor(name: string, args: ReplicatedVolumeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:replication:ReplicatedVolume", name, {}, opts);
        const { spec, record, vr } = args.plan;
        if (vr === undefined) throw new Error(`${args.plan.key}: a volume that is to be absent has no component`);
        const volume = record && restoredVolume(name, record, { parent: this });
        this.claim = record
            ? restoredClaim(name, record, { parent: this, dependsOn: volume })
            : provisionedClaim(name, args, { parent: this, hooks: { beforeCreate: [args.gate] } });
        const hooks = { beforeCreate: [args.gate], beforeUpdate: [args.gate] };
        const timeout = `${args.timeout}s`;
        this.replication = new k8s.apiextensions.CustomResource(
            `${name}-vr`,
            {
                apiVersion: "replication.storage.openshift.io/v1alpha1",
                kind: "VolumeReplication",
                metadata: { name: spec.name, namespace: spec.namespace, annotations: waitFor(...vr.waitFor) },
                spec: {
                    volumeReplicationClass: args.replicationClass,
                    replicationState: vr.replicationState,
                    autoResync: vr.autoResync,
                    replicationHandle: "",
                    dataSource: { apiGroup: "", kind: "PersistentVolumeClaim", name: spec.name },
                },
            },
            {
                parent: this,
                dependsOn: [this.claim, ...(args.after ?? [])],
                protect: args.protect,
                hooks,
                customTimeouts: { create: timeout, update: timeout },
            },
        );
        this.record = record ? pulumi.output(record) : this.readRecord(name);
        this.registerOutputs({ record: this.record });
    }

    /** A provisioned volume's PV is made by the provisioner: it is read, never owned. */
    private readRecord(name: string): pulumi.Output<VolumeRecord> {
        const pv = k8s.core.v1.PersistentVolume.get(`${name}-pv-of-claim`, this.claim.spec.volumeName, {
            parent: this,
        });
        return pulumi
            .all([this.claim.metadata, this.claim.spec, pv.metadata, pv.spec])
            .apply(([claimMetadata, claimSpec, metadata, spec]) =>
                toRecord(
                    { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: claimMetadata, spec: claimSpec },
                    { apiVersion: "v1", kind: "PersistentVolume", metadata, spec },
                ),
            );
    }
}

function restoredVolume(name: string, record: VolumeRecord, opts: pulumi.CustomResourceOptions) {
    return new k8s.core.v1.PersistentVolume(
        `${name}-pv`,
        { metadata: { ...record.pv.metadata }, spec: record.pv.spec as k8s.types.input.core.v1.PersistentVolumeSpec },
        opts,
    );
}

function restoredClaim(name: string, record: VolumeRecord, opts: pulumi.CustomResourceOptions) {
    return new k8s.core.v1.PersistentVolumeClaim(
        `${name}-pvc`,
        {
            metadata: { ...record.pvc.metadata },
            spec: record.pvc.spec as k8s.types.input.core.v1.PersistentVolumeClaimSpec,
        },
        opts,
    );
}

function provisionedClaim(name: string, args: ReplicatedVolumeArgs, opts: pulumi.CustomResourceOptions) {
    const { spec } = args.plan;
    return new k8s.core.v1.PersistentVolumeClaim(
        `${name}-pvc`,
        {
            metadata: { name: spec.name, namespace: spec.namespace },
            spec: {
                accessModes: ["ReadWriteOnce"],
                resources: { requests: { storage: spec.size } },
                storageClassName: args.storageClass,
            },
        },
        opts,
    );
}
