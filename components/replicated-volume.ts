import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { VolumePlan, VolumeRecord } from "../dr/model.js";
import { toRecord } from "../dr/records.js";
import { TERM_ANNOTATION } from "../dr/vr-status.js";
import { gated } from "../gates/gated.js";
import type { VolumeGates } from "../gates/volume-gates.js";
import { DELETE_TIMEOUT, waitFor } from "./wait-for.js";

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
    /** What must hold right before the claim and the VR. */
    readonly gates: VolumeGates;
    /** Storage and classes: they must be there before anything of the volume. */
    readonly base: readonly pulumi.Resource[];
    /** Workloads that must be down before the VR changes. */
    readonly stopped: readonly pulumi.Resource[];
}

/** A volume that lives on both sites: the PV where it is restored, the PVC, and the VolumeReplication. */
export class ReplicatedVolume extends pulumi.ComponentResource {
    readonly claim: k8s.core.v1.PersistentVolumeClaim;
    readonly replication: k8s.apiextensions.CustomResource;
    /** What the other site needs to restore this volume. */
    readonly record: pulumi.Output<VolumeRecord>;

    constructor(name: string, args: ReplicatedVolumeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:replication:ReplicatedVolume", name, {}, opts);
        const { record } = args.plan;
        this.claim = record ? restored(name, record, this) : provisioned(name, args, this);
        this.replication = replication(name, args, this.claim, this);
        this.record = record ? pulumi.output(record) : readRecord(name, this.claim, this);
        this.registerOutputs({ record: this.record });
    }
}

/** The VR. Its spec is held back until its gate is content. */
function replication(
    name: string,
    args: ReplicatedVolumeArgs,
    claim: k8s.core.v1.PersistentVolumeClaim,
    parent: pulumi.Resource,
): k8s.apiextensions.CustomResource {
    const { spec, vr } = args.plan;
    if (vr === undefined) throw new Error(`${args.plan.key}: a volume that is to be absent has no component`);
    const before = [claim, ...args.stopped];
    const timeout = `${args.timeout}s`;
    return new k8s.apiextensions.CustomResource(
        `${name}-vr`,
        {
            apiVersion: "replication.storage.openshift.io/v1alpha1",
            kind: "VolumeReplication",
            metadata: {
                name: spec.name,
                namespace: spec.namespace,
                annotations: { ...waitFor(...vr.waitFor), [TERM_ANNOTATION]: String(vr.term) },
            },
            spec: gated(
                {
                    volumeReplicationClass: args.replicationClass,
                    replicationState: vr.replicationState,
                    autoResync: vr.autoResync,
                    replicationHandle: "",
                    dataSource: { apiGroup: "", kind: "PersistentVolumeClaim", name: spec.name },
                },
                before,
                args.gates.beforeReplication,
            ),
        },
        {
            parent,
            dependsOn: before,
            protect: args.protect,
            customTimeouts: { create: timeout, update: timeout, ...DELETE_TIMEOUT },
        },
    );
}

/** The static PV of the peer's image, and the PVC bound to it. */
function restored(name: string, record: VolumeRecord, parent: pulumi.Resource): k8s.core.v1.PersistentVolumeClaim {
    const { pv, pvc } = record;
    const volume = new k8s.core.v1.PersistentVolume(
        `${name}-pv`,
        { metadata: { ...pv.metadata }, spec: pv.spec as unknown as k8s.types.input.core.v1.PersistentVolumeSpec },
        { parent },
    );
    return new k8s.core.v1.PersistentVolumeClaim(
        `${name}-pvc`,
        {
            metadata: { ...pvc.metadata },
            spec: pvc.spec as unknown as k8s.types.input.core.v1.PersistentVolumeClaimSpec,
        },
        { parent, dependsOn: [volume], customTimeouts: DELETE_TIMEOUT },
    );
}

/** A new PVC; the provisioner makes image and PV. */
function provisioned(
    name: string,
    args: ReplicatedVolumeArgs,
    parent: pulumi.Resource,
): k8s.core.v1.PersistentVolumeClaim {
    const { spec } = args.plan;
    return new k8s.core.v1.PersistentVolumeClaim(
        `${name}-pvc`,
        {
            metadata: { name: spec.name, namespace: spec.namespace },
            spec: gated(
                {
                    accessModes: ["ReadWriteOnce"],
                    resources: { requests: { storage: spec.size } },
                    storageClassName: args.storageClass,
                },
                args.base,
                args.gates.beforeClaim,
            ),
        },
        { parent },
    );
}

/** A provisioned volume's PV is made by the provisioner: it is read, never owned. */
function readRecord(
    name: string,
    claim: k8s.core.v1.PersistentVolumeClaim,
    parent: pulumi.Resource,
): pulumi.Output<VolumeRecord> {
    const pv = k8s.core.v1.PersistentVolume.get(`${name}-pv-of-claim`, claim.spec.volumeName, { parent });
    return pulumi
        .all([claim.metadata, claim.spec, pv.metadata, pv.spec])
        .apply(([claimMetadata, claimSpec, metadata, spec]) =>
            toRecord(
                { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: claimMetadata, spec: claimSpec },
                { apiVersion: "v1", kind: "PersistentVolume", metadata, spec },
            ),
        );
}
