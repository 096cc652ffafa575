/** The parts of Rook's objects that the stand-in reads and writes (deploy/examples/crds.yaml of Rook 1.17.9). */

/** Metadata as far as it is used. */
export interface Metadata {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly generation?: number;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly annotations?: Readonly<Record<string, string>>;
}

/** A condition as Rook writes them. */
export interface RookCondition {
    readonly type: string;
    readonly status: "True" | "False" | "Unknown";
    readonly reason: string;
    readonly message: string;
    readonly lastHeartbeatTime?: string;
    readonly lastTransitionTime?: string;
}

export interface CephCluster {
    readonly apiVersion: string;
    readonly kind: "CephCluster";
    readonly metadata: Metadata;
    readonly spec: {
        readonly external?: { readonly enable?: boolean };
        readonly dataDirHostPath?: string;
        readonly cephVersion?: { readonly image?: string };
        readonly healthCheck?: { readonly daemonHealth?: { readonly status?: { readonly interval?: string } } };
    };
    readonly status?: CephClusterStatus;
}

export interface CephClusterStatus {
    readonly phase?: string;
    readonly state?: string;
    readonly message?: string;
    readonly conditions?: readonly RookCondition[];
    readonly ceph?: CephHealth;
    readonly observedGeneration?: number;
    readonly [other: string]: unknown;
}

/** `status.ceph` of a CephCluster. */
export interface CephHealth {
    readonly health?: string;
    readonly fsid?: string;
    readonly lastChecked?: string;
    readonly lastChanged?: string;
    readonly previousHealth?: string;
    readonly details?: Readonly<Record<string, { readonly severity: string; readonly message: string }>>;
    readonly capacity?: Readonly<Record<string, number | string>>;
    readonly versions?: unknown;
}

export interface SnapshotSchedule {
    readonly interval: string;
    readonly startTime?: string;
}

export interface CephBlockPool {
    readonly apiVersion: string;
    readonly kind: "CephBlockPool";
    readonly metadata: Metadata;
    readonly spec: {
        /** Name of the pool in Ceph where it differs from the object's (`.mgr`, `.nfs`). */
        readonly name?: string;
        readonly failureDomain?: string;
        readonly crushRoot?: string;
        readonly deviceClass?: string;
        readonly replicated?: {
            readonly size?: number;
            readonly requireSafeReplicaSize?: boolean;
            readonly targetSizeRatio?: number;
        };
        readonly parameters?: Readonly<Record<string, string>>;
        readonly mirroring?: {
            readonly enabled?: boolean;
            readonly mode?: string;
            readonly snapshotSchedules?: readonly SnapshotSchedule[];
            readonly peers?: { readonly secretNames?: readonly string[] };
        };
        readonly statusCheck?: { readonly mirror?: { readonly disabled?: boolean; readonly interval?: string } };
    };
    readonly status?: CephBlockPoolStatus;
}

export interface CephBlockPoolStatus {
    readonly phase?: string;
    readonly info?: Readonly<Record<string, string>>;
    readonly poolID?: number;
    readonly observedGeneration?: number;
    readonly conditions?: readonly RookCondition[];
    readonly mirroringInfo?: MirroringInfo;
    readonly mirroringStatus?: MirroringStatus;
    readonly snapshotScheduleStatus?: SnapshotScheduleStatus;
    readonly [other: string]: unknown;
}

export interface MirroringInfo {
    readonly lastChecked?: string;
    readonly lastChanged?: string;
    readonly details?: string;
    readonly mode?: string;
    readonly site_name?: string;
    readonly peers?: readonly MirrorPeer[];
}

/** A peer as `rbd mirror pool info --format json` lists it. */
export interface MirrorPeer {
    readonly uuid?: string;
    readonly direction?: string;
    readonly site_name?: string;
    readonly mirror_uuid?: string;
    readonly client_name?: string;
}

export interface MirroringStatus {
    readonly lastChecked?: string;
    readonly lastChanged?: string;
    readonly details?: string;
    readonly summary?: Readonly<Record<string, unknown>>;
}

export interface SnapshotScheduleStatus {
    readonly lastChecked?: string;
    readonly lastChanged?: string;
    readonly details?: string;
    readonly snapshotSchedules?: readonly unknown[];
}

export interface CephRBDMirror {
    readonly apiVersion: string;
    readonly kind: "CephRBDMirror";
    readonly metadata: Metadata;
    readonly spec: { readonly count?: number };
    readonly status?: { readonly phase?: string; readonly observedGeneration?: number };
}

/** Group and version of Rook's CRDs. */
export const GROUP = "ceph.rook.io";
export const VERSION = "v1";
/** `type` of the Secrets that Rook makes. */
export const ROOK_SECRET_TYPE = "kubernetes.io/rook";

/** An owner reference that makes the garbage collector delete the owned object with its owner. */
export function ownerReference(owner: { apiVersion: string; kind: string; metadata: Metadata }) {
    return {
        apiVersion: owner.apiVersion,
        kind: owner.kind,
        name: owner.metadata.name,
        uid: owner.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
    };
}
