/** The words of adoption: which existing claims config takes in, and what was seen of those that could be. */
import type { VolumeKey, VolumeRecord } from "../model.js";

/** Kubernetes' label selector: everything that it says must hold. Empty matches everything. */
export interface LabelSelector {
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly {
        readonly key: string;
        readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
        readonly values?: readonly string[];
    }[];
}

/** Existing claims that config takes in: one by name, or all that a selector matches. */
export type AdoptSpec = (
    | { readonly name: string; readonly namespace: string }
    | {
          readonly selector: LabelSelector;
          /** Where to look; undefined means in every namespace. */
          readonly namespaces?: readonly string[];
      }
) & {
    /** Name of the group that the claims belong to; undefined means the default one. */
    readonly group?: string;
};

/** A claim on this cluster that some `adopt` entry may match, as far as adoption needs it. */
export interface ClaimSeen {
    readonly key: VolumeKey;
    readonly labels: Readonly<Record<string, string>>;
    readonly phase: string;
    readonly deleting: boolean;
    readonly accessModes: readonly string[];
    readonly volumeMode: "Filesystem" | "Block";
    /** Requested size, as the claim has it. */
    readonly size: string;
    /** What it was made from, as `VolumeSnapshot nightly` or `PersistentVolumeClaim data`; undefined for an empty volume. */
    readonly madeFrom?: string;
    /** VolumeReplications or groups of others that replicate it already, by name. */
    readonly replicatedBy: readonly string[];
    /** Whether a VR of this program's replicates it: one that has the claim's name and carries a term. */
    readonly ours: boolean;
    /** Undefined while it is bound to none. */
    readonly pv?: {
        readonly name: string;
        readonly reclaimPolicy: string;
        /** Undefined for a volume that is not CSI's. */
        readonly csi?: {
            readonly driver: string;
            readonly handle: string;
            readonly attributes: Readonly<Record<string, string>>;
        };
    };
    /** Undefined where images cannot be seen, or this one does not exist. */
    readonly image?: {
        /** The image that it is a clone of, as `pool/image@snapshot`. */
        readonly parent?: string;
        /** Mirrored, and not primary: a copy of somebody's. */
        readonly copy: boolean;
    };
    /** What the other site needs to restore it; undefined where none can be made of it. */
    readonly record?: VolumeRecord;
}

/** What became of the entries of config that adopt claims. */
export interface Adoption {
    /** Named in config and not on this cluster, nor in anybody's records. */
    readonly missing: readonly VolumeKey[];
    /** Replicated so far, and no longer matched: never dropped in silence. */
    readonly vanished: readonly { readonly key: VolumeKey; readonly why: string }[];
    /** Claims that cannot be replicated, each with every reason. */
    readonly unfit: readonly {
        readonly key: VolumeKey;
        readonly named: boolean;
        readonly reasons: readonly string[];
    }[];
    /** What a person should know besides: raw block volumes, claims that join later. */
    readonly notes: readonly string[];
}
