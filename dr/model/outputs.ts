/** What a stack's last `up` left behind. */
import type { ReplicaMemory, WorkloadKey } from "../workloads/types.js";
import type { ReplicationState, VolumeKey } from "./intent.js";
import type { VolumeRecord } from "./records.js";

/** The part of a stack's last outputs that decisions use; it lies in the Pulumi backend and so outlives the cluster. */
export interface SiteOutputs {
    readonly schema: "rbd-dr/1";
    readonly site: string;
    /** State that the stack's last successful `up` brought about. */
    readonly replicationState: ReplicationState;
    /** RFC 3339 time of that `up`. */
    readonly at: string;
    readonly records: Readonly<Record<VolumeKey, VolumeRecord>>;
    /**
     * How each volume came to this cluster. It decides `VolumePlan.source` for as long as the volume lives here: a
     * provisioned PVC is never turned into a restored one, nor the other way round, since that would replace it.
     */
    readonly sources: Readonly<Record<VolumeKey, "provision" | "restore" | "adopt">>;
    /** Volumes that the last `up` handed over: demoted, and the final snapshot has arrived on the peer. */
    readonly handedOver: readonly VolumeKey[];
    /**
     * Last sync known of each volume when the stack was primary (RFC 3339): of the newest snapshot that the peer holds, or,
     * right after a forced promotion, of the newest one that had arrived here from the lost site.
     */
    readonly lastSync: Readonly<Record<VolumeKey, string>>;
    /** Term of each volume held here, as on its VR: see `VolumePlan.vr.term`. */
    readonly terms?: Readonly<Record<VolumeKey, number>>;
    /** The site that the last `up` here was told is lost; the group that is said of: the default one, where there are others. */
    readonly lostSite?: string;
    /** What the last `up` left each group in; absent in outputs of a version that had one group only, the default one. */
    readonly groups?: Readonly<Record<string, GroupOutputs>>;
    /** Replicas of the workloads that run on the volumes, as they were when they last ran. */
    readonly workloads?: Readonly<Record<WorkloadKey, ReplicaMemory>>;
    /** Volumes whose VR the last `up` took the protection from: the next one lets them go. */
    readonly releasing?: readonly VolumeKey[];
    readonly teardown: boolean;
}

/** What a stack's last `up` left one group in. */
export interface GroupOutputs {
    readonly replicationState: ReplicationState;
    /** Volumes that config named, held or not. */
    readonly volumes: readonly VolumeKey[];
    /** The site given up for this group: see `Plan.lostSite`. */
    readonly lostSite?: string;
}

/** Result of reading a stack's outputs. */
export type StackOutputs =
    | { readonly found: "none" }
    | { readonly found: "outputs"; readonly outputs: SiteOutputs }
    /** The stack exists, has outputs, and they are not those of this program. */
    | { readonly found: "foreign"; readonly keys: readonly string[] };
