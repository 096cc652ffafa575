/** What was seen of a cluster and of its Ceph. */
import type { ClaimSeen } from "../claims/types.js";
import type { ClaimUser, WorkloadSeen } from "../workloads/types.js";
import type { ReplicationState, VolumeKey } from "./intent.js";

/** One condition of a VolumeReplication's status. */
export interface Condition {
    readonly type: string;
    readonly status: "True" | "False" | "Unknown";
    readonly reason?: string;
    readonly message?: string;
    readonly observedGeneration?: number;
    readonly lastTransitionTime?: string;
}

/** A VolumeReplication as seen on a cluster. */
export interface VrSnapshot {
    readonly name: string;
    readonly generation: number;
    readonly deleting: boolean;
    readonly annotations: Readonly<Record<string, string>>;
    readonly spec: {
        readonly replicationState: ReplicationState;
        readonly autoResync: boolean;
        readonly volumeReplicationClass: string;
        /** Name of the PVC that the VR replicates. */
        readonly claim: string;
    };
    readonly status: {
        readonly state?: "Primary" | "Secondary" | "Unknown";
        readonly message?: string;
        readonly observedGeneration?: number;
        readonly conditions: readonly Condition[];
        /** Time of the newest snapshot that the peer holds (RFC 3339); known on the primary only. */
        readonly lastSyncTime?: string;
        readonly lastSyncBytes?: number;
        readonly lastSyncDuration?: string;
    };
}

/** Mirroring state of one RBD image on one Ceph cluster, from `rbd info` and `rbd mirror image status`. */
export interface ImageSnapshot {
    /** False when the image does not exist on this cluster. */
    readonly exists: boolean;
    readonly mirroring: "enabled" | "disabled" | "disabling" | "unknown";
    readonly primary: boolean;
    /** For example `up+replaying`, `up+stopped`, `up+unknown`, `up+error`, `down+unknown`; undefined when no status is known. */
    readonly state?: string;
    readonly description?: string;
    /** From the replayer's own report, when it gives one. */
    readonly sync?: {
        /** Seconds since the epoch of the newest snapshot that is complete on this side. */
        readonly localSnapshotTimestamp?: number;
        readonly remoteSnapshotTimestamp?: number;
        readonly bytesPerSecond?: number;
        readonly bytesPerSnapshot?: number;
        readonly replayState?: string;
        readonly syncingPercent?: number;
        readonly lastSnapshotBytes?: number;
    };
    /**
     * Whether a copy has a whole snapshot, which a forced promotion would go back to; undefined where that was not looked
     * at: it is where the replayer's report names no snapshot, and a site is declared lost or both copies are demoted.
     */
    readonly complete?: boolean;
    /** The newest mirror snapshot, if it is whole; known of an image that is demoted on both sites, and wherever `complete` is. */
    readonly newest?: MirrorSnapshot;
}

/** A whole mirror snapshot of an image. */
export interface MirrorSnapshot {
    readonly id: number;
    /** Seconds since the epoch; undefined where that was not looked at. */
    readonly at?: number;
    /** Whether it is what the image was when it was demoted: here, or on the peer if it is a copy. */
    readonly demotion: boolean;
    /** Of a copy: id of the peer's snapshot. */
    readonly copyOf?: number;
}

/** Everything seen of one volume on one cluster. */
export interface VolumeSnapshot {
    readonly key: VolumeKey;
    readonly pvc?: {
        readonly phase: string;
        readonly volumeName?: string;
        readonly uid: string;
        readonly deleting: boolean;
        readonly requestedBytes?: number;
        readonly storageClass?: string;
        /** Whether this program restored it, though the volume was adopted: by the annotation `rbd-dr/restored`. */
        readonly restored?: boolean;
    };
    readonly pv?: {
        readonly name: string;
        readonly phase: string;
        readonly volumeHandle?: string;
        readonly reclaimPolicy: string;
    };
    readonly vr?: VrSnapshot;
    /** Names of pods, not finished, that mount the claim. */
    readonly pods: readonly string[];
    /** Names of VolumeAttachments of the PV. */
    readonly attachments: readonly string[];
    /** Who those pods belong to, and who is about to start some; undefined where that was not looked at. */
    readonly users?: readonly ClaimUser[];
    /** Undefined where no toolbox and no admin key is at hand. */
    readonly image?: ImageSnapshot;
}

/** What was seen of a site's cluster. */
export type SiteSnapshot =
    | {
          readonly reach: "observed";
          /** RFC 3339 time of the observation. */
          readonly at: string;
          readonly volumes: Readonly<Record<VolumeKey, VolumeSnapshot>>;
          /** Claims that entries of `adopt` match; undefined where config has none. */
          readonly claims?: readonly ClaimSeen[];
          /** Deployments and StatefulSets in the volumes' namespaces; undefined where they were not looked at. */
          readonly workloads?: readonly WorkloadSeen[];
          /** Health of the pool's mirroring as Rook reports it. */
          readonly mirroring?: {
              readonly health?: string;
              readonly daemonHealth?: string;
              readonly imageHealth?: string;
              readonly peers: number;
              readonly poolId?: number;
              readonly siteName?: string;
          };
      }
    | { readonly reach: "unreachable"; readonly at: string; readonly error: string }
    /** Nowhere to look: no kubeconfig context is known for it. */
    | { readonly reach: "unknown"; readonly at: string; readonly why: string };
