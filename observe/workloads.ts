/** What runs, or may start, on a cluster: one list a kind, and what follows from them for workloads. */
import type * as k8s from "@kubernetes/client-node";
import { parseMemory, REPLICAS_ANNOTATION } from "../dr/workloads/keys.js";
import type { WorkloadKind, WorkloadSeen } from "../dr/workloads/types.js";
import type { Cluster } from "./cluster.js";
import { inNamespaces, type Where } from "./lists.js";

/** The controllers of pods, by kind. */
export interface ControllerLists {
    readonly deployments: readonly k8s.V1Deployment[];
    readonly statefulSets: readonly k8s.V1StatefulSet[];
    readonly replicaSets: readonly k8s.V1ReplicaSet[];
    readonly daemonSets: readonly k8s.V1DaemonSet[];
    readonly jobs: readonly k8s.V1Job[];
    readonly cronJobs: readonly k8s.V1CronJob[];
    readonly autoscalers: readonly k8s.V2HorizontalPodAutoscaler[];
}

/**
 * Lists the controllers of some namespaces.
 *
 * @param seconds for one request
 * @throws Error naming the kind when the cluster does not answer
 */
export async function listControllers(cluster: Cluster, where: Where, seconds?: number): Promise<ControllerLists> {
    const { apps, batch, autoscaling } = cluster;
    const [deployments, statefulSets, replicaSets, daemonSets, jobs, cronJobs, autoscalers] = await Promise.all([
        inNamespaces(where, "Deployments", seconds, {
            all: (page) => apps.listDeploymentForAllNamespaces(page),
            one: (namespace, page) => apps.listNamespacedDeployment({ namespace, ...page }),
        }),
        inNamespaces(where, "StatefulSets", seconds, {
            all: (page) => apps.listStatefulSetForAllNamespaces(page),
            one: (namespace, page) => apps.listNamespacedStatefulSet({ namespace, ...page }),
        }),
        inNamespaces(where, "ReplicaSets", seconds, {
            all: (page) => apps.listReplicaSetForAllNamespaces(page),
            one: (namespace, page) => apps.listNamespacedReplicaSet({ namespace, ...page }),
        }),
        inNamespaces(where, "DaemonSets", seconds, {
            all: (page) => apps.listDaemonSetForAllNamespaces(page),
            one: (namespace, page) => apps.listNamespacedDaemonSet({ namespace, ...page }),
        }),
        inNamespaces(where, "Jobs", seconds, {
            all: (page) => batch.listJobForAllNamespaces(page),
            one: (namespace, page) => batch.listNamespacedJob({ namespace, ...page }),
        }),
        inNamespaces(where, "CronJobs", seconds, {
            all: (page) => batch.listCronJobForAllNamespaces(page),
            one: (namespace, page) => batch.listNamespacedCronJob({ namespace, ...page }),
        }),
        inNamespaces(where, "HorizontalPodAutoscalers", seconds, {
            all: (page) => autoscaling.listHorizontalPodAutoscalerForAllNamespaces(page),
            one: (namespace, page) => autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace, ...page }),
        }),
    ]);
    return { deployments, statefulSets, replicaSets, daemonSets, jobs, cronJobs, autoscalers };
}

/** Deployments and StatefulSets, with the claims that their pods mount. */
export function workloadsSeen(lists: ControllerLists): WorkloadSeen[] {
    const scalers = new Map(
        lists.autoscalers.map((hpa) => {
            const { kind, name } = hpa.spec!.scaleTargetRef;
            return [`${kind}/${hpa.metadata?.namespace}/${name}`, hpa.metadata?.name];
        }),
    );
    const seen = (kind: WorkloadKind, workload: k8s.V1Deployment | k8s.V1StatefulSet): WorkloadSeen => {
        const { metadata, spec } = workload;
        const namespace = metadata?.namespace ?? "";
        const name = metadata?.name ?? "";
        const controller = controllerOf(metadata);
        return {
            kind,
            namespace,
            name,
            labels: metadata?.labels ?? {},
            replicas: spec?.replicas ?? 1,
            claims: claimsOf(spec?.template.spec),
            claimPrefixes: [],
            memory: parseMemory(metadata?.annotations?.[REPLICAS_ANNOTATION]),
            autoscaler: scalers.get(`${kind}/${namespace}/${name}`),
            owner: controller && `${controller.kind} ${controller.name}`,
            deletesClaims: false,
        };
    };
    return [
        ...lists.deployments.map((d) => seen("Deployment", d)),
        ...lists.statefulSets.map((s) => ({
            ...seen("StatefulSet", s),
            claimPrefixes: (s.spec?.volumeClaimTemplates ?? []).map((t) => `${t.metadata?.name}-${s.metadata?.name}-`),
            deletesClaims: s.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled === "Delete",
        })),
    ];
}

/** The owner that acts for an object. */
export function controllerOf(metadata: k8s.V1ObjectMeta | undefined): k8s.V1OwnerReference | undefined {
    return metadata?.ownerReferences?.find((owner) => owner.controller === true);
}

/** Names of the claims that a pod of this spec mounts. */
export function claimsOf(spec: k8s.V1PodSpec | undefined): string[] {
    return (spec?.volumes ?? []).flatMap((v) => v.persistentVolumeClaim?.claimName ?? []);
}
