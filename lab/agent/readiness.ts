/** A kubelet's word on its pods after a node was given up and came back: kwok says it once, when a pod starts. */
import { PatchStrategy, setHeaderOptions, type V1Node, type V1Pod } from "@kubernetes/client-node";
import { found, type Api } from "../api/client.js";
import { isRunning } from "./pods.js";

/**
 * Pods that the node controller marked unready while their node was silent (frozen, stopped) and whose node is ready
 * again. A kubelet would correct that at its next sync; without it their Deployments stay unavailable for ever.
 */
export function wronglyUnready(pods: readonly V1Pod[], nodes: readonly V1Node[]): V1Pod[] {
    const ready = new Set(
        nodes.filter((node) => condition(node, "Ready") === "True").map((node) => node.metadata?.name ?? ""),
    );
    return pods.filter(
        (pod) =>
            isRunning(pod) &&
            ready.has(pod.spec?.nodeName ?? "") &&
            condition(pod, "Ready") === "False" &&
            condition(pod, "ContainersReady") === "True",
    );
}

/** Sets the pod's condition Ready; a pod that is gone meanwhile is fine. */
export async function markReady(api: Api, pod: V1Pod): Promise<void> {
    const { namespace = "", name = "" } = pod.metadata ?? {};
    const body = { status: { conditions: [{ type: "Ready", status: "True", lastTransitionTime: new Date() }] } };
    const byType = setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch);
    await found(api.core.patchNamespacedPodStatus({ namespace, name, body }, byType));
}

function condition(
    object: { status?: { conditions?: { type: string; status: string }[] } },
    type: string,
): string | undefined {
    return object.status?.conditions?.find((known) => known.type === type)?.status;
}
