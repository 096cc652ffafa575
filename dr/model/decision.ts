/** What a decision is made from, and what it says. */
import type { REFUSALS } from "../refusals.js";
import type { ReplicaMemory, WorkloadKey, WorkloadPlan } from "../workloads/types.js";
import type { ReplicationState, SiteIntent, VolumeKey, VolumeSpec } from "./intent.js";
import type { Gate } from "../wait-for.js";
import type { StackOutputs } from "./outputs.js";
import type { VolumeRecord } from "./records.js";
import type { SiteSnapshot } from "./seen.js";

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
        /** What its status must say before this `up` is done; undefined where that has been seen already. */
        readonly waitFor?: Gate;
        /**
         * Value of the VR's annotation `rbd-dr/term`, written in the same request as the state: the number of the
         * promotion that this copy was last primary in, 0 where it never was. The higher term is the newer primary, which
         * still holds when a run was killed before it could write outputs (docs/adr/0002).
         */
        readonly term: number;
        /**
         * Set where this `up` is done only once the peer has the last write. The program waits for it, and not Pulumi: what
         * csi-addons says of it can pass, and must be looked for at each run afresh (docs/adr/0004).
         */
        readonly awaitsHandover?: true;
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
