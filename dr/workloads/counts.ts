/**
 * How many replicas a workload is to have. A site remembers how many there were when it stopped them; the other site, and
 * this one on failback, start as many.
 */
import { workloadKey } from "./keys.js";
import type { ManagedWorkload, ReplicaMemory, WorkloadKey, WorkloadPlan } from "./types.js";

/** What replicas are decided from, besides the workload itself. */
export interface CountInput {
    /** What this stack's outputs remember. */
    readonly own: Readonly<Record<WorkloadKey, ReplicaMemory>>;
    readonly peer: Readonly<Record<WorkloadKey, ReplicaMemory>>;
    /** Whether this site is primary before this run: only then does it count what runs here. */
    readonly serving: boolean;
    /** RFC 3339 time of the decision. */
    readonly now: string;
}

/**
 * Plans one workload.
 *
 * @param direction `up`: it is to run here; `down`: it is to be stopped
 * @returns undefined where there is nothing to set: it is not on this cluster, or is to run and nobody ever saw it do so
 */
export function planWorkload(
    workload: ManagedWorkload,
    direction: "up" | "down",
    input: CountInput,
): WorkloadPlan | undefined {
    const { kind, namespace, name, seen } = workload;
    if (seen === undefined) return undefined;
    const memory = remembered(workload, input);
    const runs = input.serving && seen.replicas > 0;
    if (direction === "down") {
        // One that was stopped before keeps its note, so that a second `up` changes nothing.
        const note = runs ? memory : (seen.memory ?? memory);
        return { kind, namespace, name, replicas: 0, note: note ?? { replicas: 0, at: input.now }, memory };
    }
    if (memory === undefined) return undefined;
    // Whoever scaled it since it was started, a person or an autoscaler, is not overruled.
    const note = runs && workload.replicas === undefined ? (seen.memory ?? memory) : memory;
    return { kind, namespace, name, replicas: note.replicas, note, memory };
}

/**
 * The number to start with: what config fixes; else what runs here while this site is primary; else the newest that either
 * site remembers.
 *
 * @returns undefined where nobody ever saw it run
 */
export function remembered(
    { replicas, seen, ...ref }: ManagedWorkload,
    { own, peer, serving, now }: CountInput,
): ReplicaMemory | undefined {
    if (replicas !== undefined) return seen?.memory?.replicas === replicas ? seen.memory : { replicas, at: now };
    const current = seen !== undefined && seen.replicas > 0 ? { replicas: seen.replicas, at: now } : undefined;
    if (serving && current !== undefined) return seen?.memory?.replicas === current.replicas ? seen.memory : current;
    const key = workloadKey(ref);
    const known = [seen?.memory, own[key], peer[key]].filter((m) => m !== undefined && m.replicas > 0);
    return known.sort((a, b) => b!.at.localeCompare(a!.at))[0] ?? current;
}
