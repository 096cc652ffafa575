/**
 * The words of the program: what a site, a volume and a record are, what was seen of them, and what was decided.
 * Everything in `dr/` is a pure function over these types; `observe/` fills them in, `components/` builds from them.
 */
import type { Adoption, AdoptSpec, ClaimSeen } from "./claims/types.js";
import type { REFUSALS } from "./refusals.js";
import type {
    ClaimUser,
    ManagedWorkload,
    ReplicaMemory,
    WorkloadKey,
    WorkloadPlan,
    WorkloadSeen,
} from "./workloads/types.js";

/** What a stack's config says its site is now. */
export type ReplicationState = "primary" | "secondary" | "resync";

/** `namespace/name` of a PVC: how a volume is named in config, plans, records and messages. */
export type VolumeKey = string;

/** A volume as asked for in config. */
export interface VolumeSpec {
    readonly name: string;
    readonly namespace: string;
    /** Kubernetes quantity, for example `1Gi`; of an adopted claim, what it requests. */
    readonly size: string;
    /** Name of the group that it belongs to; undefined means {@link DEFAULT_GROUP}. */
    readonly group?: string;
    /** Whether the claim was made by others, and stays theirs: only its replication is this program's. */
    readonly adopt?: true;
    /** Whether config lets it go: its VR loses its protection now, and goes at the next `up`. */
    readonly release?: true;
}

/** The group of all that config names at its top level: `replicationState`, `volumes` and `workloads`. */
export const DEFAULT_GROUP = "default";

/** An application, or whatever else moves as one: a part of a site with a role of its own (docs/adr/0006). */
export interface GroupIntent {
    readonly name: string;
    readonly replicationState: ReplicationState;
}

/** What a stack's config says, as far as decisions need it. */
export interface SiteIntent {
    /** Name of this site: the stack's name. */
    readonly site: string;
    /** Name of the other site. */
    readonly peer: string;
    /** Of the volumes that belong to no other group. */
    readonly replicationState: ReplicationState;
    /** Of all groups. */
    readonly volumes: readonly VolumeSpec[];
    /** The groups besides the default one. */
    readonly groups?: readonly GroupIntent[];
    /** Set where this is the intent of one group: the group's name; undefined for the default group. */
    readonly group?: string;
    /** The site that config declares lost: allows a forced promotion here, and nothing else. */
    readonly lostSite?: string;
    /** True while the stack is being taken down: lifts the protection of its VRs, in the safe order only. */
    readonly teardown: boolean;
    /** Interval of the mirror snapshots, for example `5m`; the bound of what a disaster can cost. */
    readonly schedulingInterval: string;
    /** Name of the VolumeReplicationClass that VRs are made with; undefined leaves a VR's class unchecked. */
    readonly replicationClass?: string;
    /** Name of the StorageClass that PVCs are provisioned with; undefined leaves a PVC's class unchecked. */
    readonly storageClass?: string;
    /** Existing claims that config takes in; `resolveAdoption` turns them into volumes. */
    readonly adopt?: readonly AdoptSpec[];
    /** Volumes that config lets go, and claims that no selector is to take in. */
    readonly release?: readonly VolumeKey[];
    /** What became of `adopt`, once it was resolved. */
    readonly adoption?: Adoption;
    /** Whether the program sets the reclaim policy of adopted PVs itself; otherwise one that is not Retain is refused. */
    readonly setRetain?: boolean;
    /** What is stopped before a demotion; undefined leaves the users of claims unchecked. */
    readonly workloads?: readonly ManagedWorkload[];
    /** Whether the demo application runs on the volumes that are not adopted. */
    readonly demoApp?: boolean;
}

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
     * at: it is where a site is declared lost, and the replayer's report names no snapshot.
     */
    readonly complete?: boolean;
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

/** All that a decision is made from. */
export interface DecisionInput {
    readonly intent: SiteIntent;
    readonly own: SiteSnapshot;
    readonly peer: SiteSnapshot;
    readonly ownOutputs: StackOutputs;
    readonly peerOutputs: StackOutputs;
    /** RFC 3339 time of the decision. */
    readonly now: string;
    /** Where this is the input of one group: volumes of other groups that are in use on the peer, which show that it is alive. */
    readonly inUseAtPeer?: readonly VolumeKey[];
}

/** What is to be built of one volume. */
export interface VolumePlan {
    readonly key: VolumeKey;
    readonly spec: VolumeSpec;
    /**
     * `provision`: a new PVC through the StorageClass. `restore`: a static PV and PVC from a record. `adopt`: PV and PVC
     * are others', and there. `absent`: nothing of the volume is to exist on this cluster yet (a secondary that has never
     * held it).
     */
    readonly source: "provision" | "restore" | "adopt" | "absent";
    /** Set when source is `restore` or `adopt`. */
    readonly record?: VolumeRecord;
    /** Undefined when source is `absent`. */
    readonly vr?: {
        readonly replicationState: ReplicationState;
        readonly autoResync: boolean;
        /** Value of the `pulumi.com/waitFor` annotation: all of these must hold before the VR counts as done. */
        readonly waitFor: readonly string[];
        /**
         * Value of the VR's annotation `rbd-dr/term`, written in the same request as the state: the number of the
         * promotion that this copy was last primary in, 0 where it never was. The higher term is the newer primary, which
         * still holds when a run was killed before it could write outputs (docs/adr/0002).
         */
        readonly term: number;
    };
    /** What happens to this volume, in one line for a person. */
    readonly summary: string;
    /** For a forced promotion: what may be lost. */
    readonly lossWindow?: { readonly lastSync?: string; readonly seconds?: number };
}

/** What is to be built of one group. */
export interface Plan {
    readonly kind: "plan";
    /** Name of the group; undefined for the default one. */
    readonly group?: string;
    /** The operation in the field's words, for the report. */
    readonly operation:
        | "provision"
        | "steady"
        | "planned-demotion"
        | "planned-promotion"
        | "forced-promotion"
        | "resync"
        | "join-as-secondary"
        /**
         * A site that handed over wants to be primary again: this `up` only takes the handover out of the outputs, since
         * the peer may promote on the strength of them; the next `up` promotes.
         */
        | "withdraw-handover"
        | "teardown";
    readonly replicationState: ReplicationState;
    readonly workload: "up" | "down";
    /** The workloads deployed by other means that are scaled; those that are not on this cluster are left out. */
    readonly workloads: readonly WorkloadPlan[];
    /** What `SiteOutputs.workloads` must say once this plan has been carried out. */
    readonly memories: Readonly<Record<WorkloadKey, ReplicaMemory>>;
    /** Which pair of config's hooks this `up` runs: round the stop or the start of the workloads; undefined for neither. */
    readonly hooks?: "stop" | "start";
    /** Whether VRs carry Pulumi's `protect`. */
    readonly protect: boolean;
    readonly volumes: readonly VolumePlan[];
    /** What `SiteOutputs.handedOver` must say once this plan has been carried out. */
    readonly handedOver: readonly VolumeKey[];
    /**
     * Records that `SiteOutputs.records` must go on carrying for volumes that are not held here (any more): a site that was
     * rebuilt may be the only one that knows them.
     */
    readonly carried: Readonly<Record<VolumeKey, VolumeRecord>>;
    /** What `SiteOutputs.lostSite` must say once this plan has been carried out. */
    readonly lostSite?: string;
    /** Said in preview and up: facts a person should weigh, for example a loss window. */
    readonly warnings: readonly string[];
    /** Said in preview and up: what was found, for example which workloads run on adopted claims. */
    readonly notes: readonly string[];
    /** What to do next, as a command or a sentence. */
    readonly next: readonly string[];
}

/** Codes of the refusals (the keys of `REFUSALS` in refusals.ts); each has an entry in docs/refusals.md. */
export type RefusalCode = keyof typeof REFUSALS;

/** Why nothing is done. */
export interface Refusal {
    readonly kind: "refusal";
    /** Name of the group that refuses; undefined for the default one. */
    readonly group?: string;
    readonly code: RefusalCode;
    /** One sentence: what is refused and why. */
    readonly reason: string;
    /** What was seen, each with its time. */
    readonly seen: readonly string[];
    /** Commands or steps that lead on, in order. */
    readonly next: readonly string[];
}

/** What is decided for one group. */
export type Decision = Plan | Refusal;

/** What is to be built of a site: one plan a group, at least one, the default group's first. */
export interface SitePlan {
    readonly kind: "plan";
    readonly groups: readonly Plan[];
}

/** Why nothing is done on a site: a refusal of any group keeps the others where they are. */
export interface SiteRefusal {
    readonly kind: "refusal";
    readonly refusals: readonly Refusal[];
}

/** What is decided for a site. */
export type SiteDecision = SitePlan | SiteRefusal;
