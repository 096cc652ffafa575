/** Whoever uses a claim, in words, and the command that stops it. */
import type { ClaimUser } from "./types.js";

/** `CronJob backup (about to start a pod)`, `Deployment web (pod web-1)`. */
export function describeUser({ kind, name, pods }: ClaimUser): string {
    if (kind === "Pod") return `pod ${name}, which nothing controls`;
    if (pods.length === 0) return `${kind} ${name}, which may start a pod at any time`;
    return `${kind} ${name} (pod ${pods.join(", ")})`;
}

/** What a person does about it, as a command where there is one. */
export function howToStop({ kind, name }: ClaimUser, namespace: string): string {
    const at = `${name} -n ${namespace}`;
    switch (kind) {
        case "Deployment":
        case "StatefulSet":
            return `add {kind: ${kind}, namespace: ${namespace}, name: ${name}} to workloads, to have it stopped and started; or stop it: kubectl scale ${kind.toLowerCase()} ${at} --replicas=0`;
        case "ReplicaSet":
        case "ReplicationController":
            return `kubectl scale ${kind.toLowerCase()} ${at} --replicas=0`;
        case "CronJob":
            return `kubectl patch cronjob ${at} --type merge -p '{"spec":{"suspend":true}}', and resume it after the failover`;
        case "Job":
            return `wait for it, or: kubectl patch job ${at} --type merge -p '{"spec":{"suspend":true}}'`;
        case "DaemonSet":
            return `kubectl delete daemonset ${at}, since one cannot be scaled; apply it again after the failover`;
        case "Pod":
            return `kubectl delete pod ${at}`;
        default:
            return `stop ${kind} ${name} in ${namespace} by its own means: it is not one of the kinds that can be scaled here`;
    }
}
