/** CephCluster in external mode: connects, makes what ceph-csi needs, and keeps the health in its status current. */
import { describeError, found } from "../../api/client.js";
import { CephCli } from "../ceph-cli.js";
import { finalizerOf, timestamp, type Context } from "../context.js";
import {
    MON_ENDPOINTS,
    MON_SECRET,
    connected,
    connecting,
    connectionOf,
    disconnected,
    type CephStatusReport,
} from "../shapes/cluster.js";
import { withClusterCondition } from "../shapes/conditions.js";
import {
    CSI_CONFIG,
    CSI_CONFIG_KEY,
    CSI_USERS,
    RBD_DRIVER,
    configMap,
    csiSecret,
    withCluster,
} from "../shapes/csi-config.js";
import { parseDuration } from "../shapes/duration.js";
import type { CephCluster } from "../types.js";
import type { Outcome } from "../work-queue.js";

/** Rook's pause while the user has not provided the connection yet. */
const MISSING_RETRY_MS = 5_000;
/** Rook's pause while a deletion is blocked. */
const BLOCKED_RETRY_MS = 10_000;

/**
 * Connects, and creates the cephx users and Secrets of ceph-csi and its ConfigMap.
 * @returns a pause where something is waited for that comes without an event
 */
export async function reconcileCluster(context: Context, cluster: CephCluster): Promise<Outcome> {
    if (cluster.metadata.deletionTimestamp) return await deleteCluster(context, cluster);
    if (!cluster.spec.external?.enable) {
        throw new Error(
            "the lab's stand-in for Rook only connects to external clusters: set spec.external.enable to true " +
                "(a cluster of Rook's own making takes the real operator)",
        );
    }
    if (await context.addFinalizer(cluster)) return undefined;
    const { namespace } = cluster.metadata;
    if (cluster.status?.phase !== "Connected") {
        await context.updateStatus(cluster, ({ status }) => connecting(status ?? {}, timestamp()));
    }
    const ceph = await context.ceph(namespace);
    if (typeof ceph === "string") {
        context.log(`waiting for connection info of the external cluster: ${ceph} is missing`);
        return { afterMs: MISSING_RETRY_MS };
    }
    if (ceph.connection.user === "client.admin") {
        for (const user of CSI_USERS) {
            const key = await ceph.userKey(`client.${user.id}`, user.caps);
            await context.apply(csiSecret(cluster, user.secret, user.id, key));
        }
    }
    await writeCsiConfig(context, namespace);
    await checkHealth(context, cluster);
    context.log(
        `CephCluster ${namespace}/${cluster.metadata.name}: connected to external cluster ${ceph.connection.fsid}`,
    );
    return undefined;
}

async function writeCsiConfig(context: Context, namespace: string): Promise<void> {
    const secret = await context.secret(namespace, MON_SECRET);
    const connection = connectionOf(namespace, secret, await context.configMap(namespace, MON_ENDPOINTS));
    if ("missing" in connection) throw new Error(`${connection.missing} went away`);
    const seen = await context.configMap(context.operatorNamespace, CSI_CONFIG);
    const value = withCluster(seen?.data?.[CSI_CONFIG_KEY], connection);
    await context.apply(configMap(context.operatorNamespace, CSI_CONFIG, CSI_CONFIG_KEY, value));
}

/** Looks at the cluster's health and writes it down, also when there is no answer. @returns the pause to the next look */
export async function checkHealth(context: Context, cluster: CephCluster): Promise<Outcome> {
    const interval = parseDuration(cluster.spec.healthCheck?.daemonHealth?.status?.interval ?? "60s");
    if (cluster.metadata.deletionTimestamp) return undefined;
    const ceph = await context.ceph(cluster.metadata.namespace);
    if (!(ceph instanceof CephCli)) return { afterMs: interval };
    try {
        const report = await ceph.cephJson<CephStatusReport>("status");
        const versions = await ceph.cephJson<unknown>("versions");
        await context.updateStatus(cluster, ({ status }) => connected(status ?? {}, report, versions, timestamp()));
    } catch (error) {
        const why = `failed to get status. ${describeError(error)}`;
        await context.updateStatus(cluster, ({ status }) => disconnected(status ?? {}, why, timestamp()));
        throw error;
    }
    return { afterMs: interval };
}

/** Deletion waits for Rook's other objects and for volumes; then the connection goes, and with it ceph-csi's Secrets. */
async function deleteCluster(context: Context, cluster: CephCluster): Promise<Outcome> {
    const { namespace, name } = cluster.metadata;
    if (!cluster.metadata.finalizers?.includes(finalizerOf("CephCluster"))) return undefined;
    const blockers = dependents(context, namespace);
    const now = timestamp();
    await context.updateStatus(cluster, ({ status }) => {
        const deleting = {
            type: "Deleting",
            status: "True",
            reason: "ClusterDeleting",
            message: "Deleting the CephCluster",
        } as const;
        const blocked = {
            type: "DeletionIsBlocked",
            status: blockers ? "True" : "False",
            reason: blockers ? "ObjectHasDependents" : "ObjectHasNoDependents",
            message: blockers
                ? `CephCluster "${namespace}/${name}" will not be deleted until all dependents are removed: ${blockers}`
                : `CephCluster "${namespace}/${name}" can be deleted safely`,
        } as const;
        return withClusterCondition(withClusterCondition(status ?? {}, deleting, now, true), blocked, now, true);
    });
    if (blockers) {
        context.log(`CephCluster ${namespace}/${name} is not deleted until all dependents are removed: ${blockers}`);
        return { afterMs: BLOCKED_RETRY_MS };
    }
    const volumes = await volumesOf(context, namespace);
    if (volumes.length > 0) {
        context.log(
            `CephCluster ${namespace}/${name} is not deleted while volumes exist (${volumes.join(", ")}): ` +
                "delete them, or set spec.cleanupPolicy.allowUninstallWithVolumes",
        );
        if (!allowsVolumes(cluster)) return { afterMs: BLOCKED_RETRY_MS };
    }
    for (const map of [MON_ENDPOINTS]) {
        await found(context.api.core.deleteNamespacedConfigMap({ namespace, name: map }));
    }
    for (const secret of [MON_SECRET, ...CSI_USERS.map((user) => user.secret)]) {
        await found(context.api.core.deleteNamespacedSecret({ namespace, name: secret }));
    }
    await context.removeFinalizer(cluster);
    context.log(`CephCluster ${namespace}/${name}: disconnected; the external cluster itself is untouched`);
    return undefined;
}

function dependents(context: Context, namespace: string): string {
    const named = (kind: string, objects: readonly { metadata: { name: string; namespace: string } }[]) => {
        const names = objects
            .filter((known) => known.metadata.namespace === namespace)
            .map((known) => known.metadata.name);
        return names.length > 0 ? [`${kind}: [${names.join(" ")}]`] : [];
    };
    return [
        ...named("CephBlockPools", context.stores.pools.list()),
        ...named("CephRBDMirrors", context.stores.mirrors.list()),
    ].join(", ");
}

async function volumesOf(context: Context, clusterID: string): Promise<string[]> {
    const volumes = await context.api.core.listPersistentVolume();
    return volumes.items
        .filter(
            ({ spec }) => spec?.csi?.driver === RBD_DRIVER && spec.csi.volumeAttributes?.["clusterID"] === clusterID,
        )
        .map((volume) => volume.metadata?.name ?? "");
}

function allowsVolumes(cluster: CephCluster): boolean {
    const policy = (cluster.spec as { cleanupPolicy?: { allowUninstallWithVolumes?: boolean } }).cleanupPolicy;
    return policy?.allowUninstallWithVolumes === true;
}
