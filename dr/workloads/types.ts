/** The words for what runs on the volumes: workloads that are stopped and started, and whoever else uses a claim. */
import type { LabelSelector } from "../claims/types.js";

/** Kinds that can be scaled down and up again. */
export type WorkloadKind = "Deployment" | "StatefulSet";

/** `Deployment/namespace/name`: how a workload is named in outputs and messages. */
export type WorkloadKey = string;

/** Names one workload. */
export interface WorkloadRef {
    readonly kind: WorkloadKind;
    readonly namespace: string;
    readonly name: string;
}

/** Workloads of config: one by name, or all that a selector matches. */
export type WorkloadSpec = (
    | (WorkloadRef & {
          /** Replicas while this site is primary; undefined means as many as it had when it was stopped. */
          readonly replicas?: number;
      })
    | {
          /** Undefined means both kinds. */
          readonly kind?: WorkloadKind;
          readonly selector: LabelSelector;
          /** Undefined means every namespace. */
          readonly namespaces?: readonly string[];
      }
) & {
    /** Name of the group that it belongs to; undefined means the default one. */
    readonly group?: string;
};

/** How many replicas a workload had, and when that was seen (RFC 3339). */
export interface ReplicaMemory {
    readonly replicas: number;
    readonly at: string;
}

/** A Deployment or StatefulSet as seen on a cluster. */
export interface WorkloadSeen extends WorkloadRef {
    readonly labels: Readonly<Record<string, string>>;
    /** Replicas asked for. */
    readonly replicas: number;
    /** Names of the claims that its pods mount, and prefixes `template-name-` of those that it makes for each replica. */
    readonly claims: readonly string[];
    readonly claimPrefixes: readonly string[];
    /** What its annotation `rbd-dr/replicas` remembers. */
    readonly memory?: ReplicaMemory;
    /** Name of a HorizontalPodAutoscaler that scales it. */
    readonly autoscaler?: string;
    /** `Kind/name` of the controller that made it, which may scale it back. */
    readonly owner?: string;
    /** Whether scaling it down deletes its claims (`persistentVolumeClaimRetentionPolicy.whenScaled: Delete`). */
    readonly deletesClaims: boolean;
}

/** A workload that this program stops before a demotion and starts after a promotion. */
export interface ManagedWorkload extends WorkloadRef {
    /** Replicas that config fixes. */
    readonly replicas?: number;
    /** How it came to be managed, in words. */
    readonly why: string;
    /** Undefined where it is not on this cluster. */
    readonly seen?: WorkloadSeen;
    readonly group?: string;
}

/** Somebody who uses a claim now, or is about to. */
export interface ClaimUser {
    /** Kind of the topmost controller; `Pod` for a pod that has none. */
    readonly kind: string;
    readonly name: string;
    /** Names of its pods that mount the claim; empty for one that has yet to start them. */
    readonly pods: readonly string[];
}

/** What is to be done with a workload. */
export interface WorkloadPlan extends WorkloadRef {
    /** Replicas that this `up` sets. */
    readonly replicas: number;
    /** What is written beside them on the workload, in the same request: a run that is killed afterwards is not forgotten. */
    readonly note: ReplicaMemory;
    /** What this stack's outputs are to remember; undefined where nobody ever saw it run. */
    readonly memory?: ReplicaMemory;
}
