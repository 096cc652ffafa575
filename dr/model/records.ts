/** What is recorded of a volume, so that another cluster can have it. */
import type { VolumeKey } from "./intent.js";

/** Where a record's volume lies in Ceph. */
export interface ImageRef {
    readonly pool: string;
    readonly image: string;
}

/** What a site must know to recreate a volume: the sanitised PV and PVC. It outlives the cluster, as a stack output. */
export interface VolumeRecord {
    readonly key: VolumeKey;
    readonly image: ImageRef;
    /** PersistentVolume manifest without anything that belongs to one cluster; `claimRef` keeps name and namespace only. */
    readonly pv: Manifest;
    /** PersistentVolumeClaim manifest, with `volumeName` set. */
    readonly pvc: Manifest;
    /** Whether the volume came by adoption: the other site takes it in without config naming it. */
    readonly adopted?: true;
}

/** A Kubernetes manifest as plain data. */
export interface Manifest {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly spec: Readonly<Record<string, unknown>>;
}
