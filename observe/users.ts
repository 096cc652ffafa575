/** Who uses claims, or is about to: pods by their topmost controller, and controllers that have yet to start one. Pure. */
import type * as k8s from "@kubernetes/client-node";
import type { VolumeKey } from "../dr/model.js";
import type { ClaimUser } from "../dr/workloads/types.js";
import { mountedOf } from "../dr/workloads/mounted.js";
import { claimsOf, controllerOf, workloadsSeen, type ControllerLists } from "./workloads.js";

interface Controller {
    readonly kind: string;
    readonly name: string;
}

/**
 * The users of each claim, each once.
 *
 * A pod that is being deleted counts no more: whoever it belonged to is stopping it, and the gate before a demotion waits
 * for its end.
 *
 * @param pods those that have not finished
 * @param keys the claims that are asked about
 */
export function claimUsers(
    pods: readonly k8s.V1Pod[],
    lists: ControllerLists,
    keys: readonly VolumeKey[],
): Map<VolumeKey, ClaimUser[]> {
    const users = new Map<VolumeKey, Map<string, { user: Controller; pods: string[] }>>(
        keys.map((key) => [key, new Map()]),
    );
    const add = (key: VolumeKey, user: Controller, pod?: string): void => {
        const known = users.get(key);
        if (known === undefined) return;
        const id = `${user.kind}/${user.name}`;
        const entry = known.get(id) ?? { user, pods: [] };
        if (pod !== undefined) entry.pods.push(pod);
        known.set(id, entry);
    };
    const owners = ownersOf(lists);
    for (const pod of pods) {
        if (pod.metadata?.deletionTimestamp !== undefined) continue;
        const namespace = pod.metadata?.namespace ?? "";
        const user = topmost(namespace, pod, owners);
        for (const claim of new Set(claimsOf(pod.spec))) add(`${namespace}/${claim}`, user, pod.metadata?.name);
    }
    for (const { key, user } of aboutToStart(lists, keys)) add(key, user);
    return new Map(
        [...users].map(([key, each]) => [
            key,
            [...each.values()].map(({ user, pods: names }) => ({ ...user, pods: names })),
        ]),
    );
}

/** ReplicaSets and Jobs stand between a pod and whoever made them. */
function ownersOf(lists: ControllerLists): Map<string, k8s.V1OwnerReference | undefined> {
    const between: [string, readonly (k8s.V1ReplicaSet | k8s.V1Job)[]][] = [
        ["ReplicaSet", lists.replicaSets],
        ["Job", lists.jobs],
    ];
    return new Map(
        between.flatMap(([kind, objects]) =>
            objects.map((o): [string, k8s.V1OwnerReference | undefined] => [
                `${kind}/${o.metadata?.namespace}/${o.metadata?.name}`,
                controllerOf(o.metadata),
            ]),
        ),
    );
}

function topmost(
    namespace: string,
    pod: k8s.V1Pod,
    owners: ReadonlyMap<string, k8s.V1OwnerReference | undefined>,
): Controller {
    const owner = controllerOf(pod.metadata);
    if (owner === undefined) return { kind: "Pod", name: pod.metadata?.name ?? "" };
    const above = owners.get(`${owner.kind}/${namespace}/${owner.name}`);
    // A Job of a CronJob is stopped as a Job: suspending the CronJob would leave it running.
    if (above === undefined || above.kind === "CronJob") return { kind: owner.kind, name: owner.name };
    return { kind: above.kind, name: above.name };
}

/** Controllers without a pod yet, or with a schedule. */
function aboutToStart(lists: ControllerLists, keys: readonly VolumeKey[]): { key: VolumeKey; user: Controller }[] {
    const found: { key: VolumeKey; user: Controller }[] = [];
    const add = (kind: string, metadata: k8s.V1ObjectMeta | undefined, spec: k8s.V1PodSpec | undefined): void => {
        for (const claim of claimsOf(spec))
            found.push({ key: `${metadata?.namespace}/${claim}`, user: { kind, name: metadata?.name ?? "" } });
    };
    const mounted = mountedOf(keys);
    for (const workload of workloadsSeen(lists).filter((w) => w.replicas > 0))
        for (const key of mounted(workload)) found.push({ key, user: { kind: workload.kind, name: workload.name } });
    for (const { metadata, spec } of lists.daemonSets) add("DaemonSet", metadata, spec?.template.spec);
    for (const { metadata, spec } of lists.replicaSets)
        if (controllerOf(metadata) === undefined && (spec?.replicas ?? 1) > 0)
            add("ReplicaSet", metadata, spec?.template?.spec);
    for (const { metadata, spec, status } of lists.jobs) {
        const over = (status?.conditions ?? []).some(
            (c) => c.status === "True" && (c.type === "Complete" || c.type === "Failed"),
        );
        if (!over && spec?.suspend !== true) add("Job", metadata, spec?.template.spec);
    }
    for (const { metadata, spec } of lists.cronJobs)
        if (spec?.suspend !== true) add("CronJob", metadata, spec?.jobTemplate.spec?.template.spec);
    return found;
}
