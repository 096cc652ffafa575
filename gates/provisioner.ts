/** The gate before a volume is made or replicated: the CSI side is up, with the containers that replication needs. */
import type { ClusterAccess } from "../config.js";
import { missingContainers } from "../dr/provisioner-check.js";
import { RBD_DRIVER, ROOK_NAMESPACE } from "../ceph/rook.js";
import { connect, within, type Cluster } from "../observe/cluster.js";
import { waitUntil } from "./poll.js";

const CSI_ADDONS_API = { group: "csiaddons.openshift.io", version: "v1alpha1" } as const;

/** Names of the provisioner's pods: Rook's own Deployment, and the csi-operator's (Rook 1.18 and later by default). */
const PROVISIONER_PODS = ["app=csi-rbdplugin-provisioner", `app=${RBD_DRIVER}-ctrlplugin`];

/**
 * Waits until a provisioner pod runs with the containers that replication needs, by name, and csi-addons is connected.
 *
 * @param rookVersion decides which containers there must be
 * @param seconds how long to wait
 * @throws Error naming the containers that were missing, or the state of the connection seen last
 */
export async function waitProvisioner(access: ClusterAccess, rookVersion: string, seconds: number): Promise<void> {
    const cluster = connect(access);
    await waitUntil(
        "the RBD provisioner",
        async () => (await provisionerMissing(cluster, rookVersion)) ?? (await addonsMissing(cluster)),
        seconds,
    );
}

async function provisionerMissing(cluster: Cluster, rookVersion: string): Promise<string | undefined> {
    const lists = await Promise.all(
        PROVISIONER_PODS.map((labelSelector) =>
            within(
                cluster.core.listNamespacedPod({ namespace: ROOK_NAMESPACE, labelSelector }),
                "the provisioner's pods",
            ),
        ),
    );
    const pods = lists.flatMap((list) => list.items).filter((pod) => pod.metadata?.deletionTimestamp === undefined);
    if (pods.length === 0) return `no pod with ${PROVISIONER_PODS.join(" or ")} in ${ROOK_NAMESPACE}`;
    const findings = pods.map((pod) => {
        const missing = missingContainers(
            rookVersion,
            (pod.spec?.containers ?? []).map((c) => c.name),
        );
        if (missing.length > 0) return `pod ${pod.metadata?.name} lacks the containers ${missing.join(", ")}`;
        return pod.status?.phase === "Running" ? undefined : `pod ${pod.metadata?.name} is ${pod.status?.phase}`;
    });
    return findings.includes(undefined) ? undefined : findings.join("; ");
}

interface RawAddonsNode {
    metadata: { name: string };
    spec: { driver: { name: string } };
    status?: { state?: string; message?: string };
}

async function addonsMissing(cluster: Cluster): Promise<string | undefined> {
    const list = (await within(
        cluster.custom.listNamespacedCustomObject({
            ...CSI_ADDONS_API,
            namespace: ROOK_NAMESPACE,
            plural: "csiaddonsnodes",
        }),
        "CSIAddonsNodes",
    )) as { items: RawAddonsNode[] };
    const nodes = list.items.filter((node) => node.spec.driver.name === RBD_DRIVER);
    if (nodes.some((node) => node.status?.state === "Connected")) return undefined;
    if (nodes.length === 0) return `no CSIAddonsNode of ${RBD_DRIVER}`;
    return nodes.map((n) => `CSIAddonsNode ${n.metadata.name} is ${n.status?.state ?? "not connected"}`).join("; ");
}
