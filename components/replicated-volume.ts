import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Manifest, VolumePlan, VolumeRecord } from "../dr/model.js";
import { RESTORED_ANNOTATION } from "../dr/records.js";
import { TERM_ANNOTATION } from "../dr/vr-status.js";
import { allDone, forPeople, gated, unlessFailed } from "../gates/gated.js";
import type { VolumeGates } from "../gates/volume-gates.js";
import { SKIP_AWAIT } from "./wait-for.js";

export interface ReplicatedVolumeArgs {
    /** What was decided for this volume. Its source is not `absent`. */
    readonly plan: VolumePlan;
    /** Name of the StorageClass of a provisioned volume. */
    readonly storageClass: string;
    /** Name of the VolumeReplicationClass. */
    readonly replicationClass: string;
    /** Whether the VR is protected against deletion by Pulumi. */
    readonly protect: boolean;
    /** Whether PV and PVC that this program made stay when they are no longer its: an application goes on with them. */
    readonly keepClaim: boolean;
    /** Whether the reclaim policy of an adopted PV is set to Retain. */
    readonly setRetain: boolean;
    /** What must hold right before the claim and the VR. */
    readonly gates: VolumeGates;
    /** Storage and classes: they must be there before anything of the volume. */
    readonly base: readonly pulumi.Resource[];
    /** Workloads that must be down before the VR changes. */
    readonly stopped: readonly pulumi.Resource[];
}

/** A volume that lives on both sites: the PV where it is restored, the PVC, and the VolumeReplication. */
export class ReplicatedVolume extends pulumi.ComponentResource {
    readonly replication: k8s.apiextensions.CustomResource;
    /** What its VR stands on: the claim, or what is changed of an adopted one's PV. */
    readonly volume: readonly pulumi.Resource[];
    /** Resolves once the VR has reached its state. */
    readonly arrived: Promise<void>;
    /** What the other site needs to restore this volume. */
    readonly record: pulumi.Output<VolumeRecord>;

    constructor(name: string, args: ReplicatedVolumeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:replication:ReplicatedVolume", name, {}, opts);
        const { before, record } = volumeOf(name, args, this);
        this.volume = before;
        this.replication = replication(name, args, before, this);
        this.arrived = arrival(this.replication, args.gates);
        this.record = record;
        this.registerOutputs({ record: this.record });
    }
}

/** The wait after the VR. A preview waits for nothing. */
async function arrival(replication: pulumi.Resource, { afterReplication }: VolumeGates): Promise<void> {
    if (pulumi.runtime.isDryRun()) return;
    await allDone([replication])();
    await forPeople(afterReplication);
}

/** What the VR waits for, and what is to be remembered of the volume. */
function volumeOf(
    name: string,
    args: ReplicatedVolumeArgs,
    parent: pulumi.Resource,
): { before: pulumi.Resource[]; record: pulumi.Output<VolumeRecord> } {
    const { source, record, key } = args.plan;
    if (source === "provision") {
        const claim = provisioned(name, args, parent);
        return { before: [claim], record: readRecord(claim, args.gates) };
    }
    if (record === undefined) throw new Error(`${key}: ${source} without a record`);
    const before = source === "restore" ? [restored(name, args, record, parent)] : retained(name, args, record, parent);
    return { before, record: pulumi.output(record) };
}

/** The VR. Its spec is held back until its gate is content. */
function replication(
    name: string,
    args: ReplicatedVolumeArgs,
    volume: readonly pulumi.Resource[],
    parent: pulumi.Resource,
): k8s.apiextensions.CustomResource {
    const { spec, vr } = args.plan;
    if (vr === undefined) throw new Error(`${args.plan.key}: a volume that is to be absent has no component`);
    const before = [...volume, ...args.stopped];
    return new k8s.apiextensions.CustomResource(
        `${name}-vr`,
        {
            apiVersion: "replication.storage.openshift.io/v1alpha1",
            kind: "VolumeReplication",
            metadata: {
                name: spec.name,
                namespace: spec.namespace,
                annotations: { [TERM_ANNOTATION]: String(vr.term) },
            },
            spec: gated(
                {
                    volumeReplicationClass: args.replicationClass,
                    replicationState: vr.replicationState,
                    autoResync: vr.autoResync,
                    // The controller writes it, empty, where it is not there, and then looks at the VR once more.
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
        },
    );
}

/** The static PV of the peer's image, and the PVC bound to it. */
function restored(
    name: string,
    { keepClaim }: ReplicatedVolumeArgs,
    record: VolumeRecord,
    parent: pulumi.Resource,
): k8s.core.v1.PersistentVolumeClaim {
    const { pv, pvc } = record;
    const volume = new k8s.core.v1.PersistentVolume(
        `${name}-pv`,
        {
            metadata: restoredMetadata(pv, record),
            spec: pv.spec as unknown as k8s.types.input.core.v1.PersistentVolumeSpec,
        },
        { parent, retainOnDelete: keepClaim },
    );
    return new k8s.core.v1.PersistentVolumeClaim(
        `${name}-pvc`,
        {
            metadata: unwaited(restoredMetadata(pvc, record)),
            spec: pvc.spec as unknown as k8s.types.input.core.v1.PersistentVolumeClaimSpec,
        },
        { parent, dependsOn: [volume], retainOnDelete: keepClaim },
    );
}

/** That a claim is bound is waited for before its VR (`gates/claim-bound.ts`), and not by the provider. */
function unwaited(metadata: Manifest["metadata"]): Manifest["metadata"] {
    return { ...metadata, annotations: { ...metadata.annotations, ...SKIP_AWAIT } };
}

/** Metadata as recorded. What was adopted on the other site is marked here, where it is this program's. */
function restoredMetadata({ metadata }: Manifest, { adopted }: VolumeRecord): Manifest["metadata"] {
    if (adopted !== true) return { ...metadata };
    return { ...metadata, annotations: { ...metadata.annotations, [RESTORED_ANNOTATION]: "true" } };
}

/** An adopted volume is left as it is, but for its PV's reclaim policy where config wants that set. */
function retained(
    name: string,
    { setRetain }: ReplicatedVolumeArgs,
    { pv }: VolumeRecord,
    parent: pulumi.Resource,
): pulumi.Resource[] {
    if (!setRetain) return [];
    const patch = new k8s.core.v1.PersistentVolumePatch(
        `${name}-retain`,
        {
            metadata: { name: pv.metadata.name, annotations: { "pulumi.com/patchForce": "true" } },
            spec: { persistentVolumeReclaimPolicy: "Retain" },
        },
        // Given back, it would be Delete again.
        { parent, retainOnDelete: true },
    );
    return [patch];
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
            metadata: unwaited({ name: spec.name, namespace: spec.namespace }),
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
        { parent, retainOnDelete: args.keepClaim },
    );
}

/**
 * A provisioned volume's PV is made by the provisioner: it is read, never owned. A preview waits for none. Where it cannot be read, the gate
 * before the VR, which reads it too, ends the program: an output that fails may have Pulumi's SDK (3.248) run for ever, and take all memory.
 */
function readRecord(
    claim: k8s.core.v1.PersistentVolumeClaim,
    { bound, record }: VolumeGates,
): pulumi.Output<VolumeRecord> {
    if (pulumi.runtime.isDryRun() && !bound)
        return pulumi.output(pulumi.unknown) as unknown as pulumi.Output<VolumeRecord>;
    return claim.urn.apply(() => unlessFailed(record())) as pulumi.Output<VolumeRecord>;
}
