/** Names of workloads, and the annotation that remembers their replicas. */
import type { ReplicaMemory, WorkloadKey, WorkloadRef } from "./types.js";

/** Annotation on a workload, written in the same request as its replicas: how many there are to be when it runs. */
export const REPLICAS_ANNOTATION = "rbd-dr/replicas";

/** Name of the demo application's Deployment on a volume. */
export function demoAppName(claim: string): string {
    return `${claim}-app`;
}

/** `Deployment/namespace/name`. */
export function workloadKey({ kind, namespace, name }: WorkloadRef): WorkloadKey {
    return `${kind}/${namespace}/${name}`;
}

/** For a sentence: `Deployment shop/web`. */
export function workloadName({ kind, namespace, name }: WorkloadRef): string {
    return `${kind} ${namespace}/${name}`;
}

/** The annotation's value. */
export function formatMemory({ replicas, at }: ReplicaMemory): string {
    return `${replicas} at ${at}`;
}

/** Reads the annotation; undefined for anything else. */
export function parseMemory(text: string | undefined): ReplicaMemory | undefined {
    const match = /^(\d+) at (\S+)$/.exec(text ?? "");
    return match === null ? undefined : { replicas: Number(match[1]), at: match[2]! };
}
