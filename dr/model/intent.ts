/** What a stack's config asks for, as far as decisions need it. */
import type { AdoptSpec, Adoption } from "../claims/types.js";
import type { ManagedWorkload } from "../workloads/types.js";

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
