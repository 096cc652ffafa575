/** What of Rook, csi-addons and Ceph is on a cluster, and whether this program put it there. Reads only. */
import type * as k8s from "@kubernetes/client-node";
import { ROOK_NAMESPACE } from "../ceph/rook.js";
import type { Installed, Inventory } from "../dr/adoption.js";
import { ifFound, within, type Cluster } from "./cluster.js";

const CSI_ADDONS = "csi-addons-system";
const CEPH_API = { group: "ceph.rook.io", version: "v1", namespace: ROOK_NAMESPACE } as const;

interface Owned {
    readonly managedFields?: readonly { readonly manager?: string }[];
}
interface RawPool {
    readonly metadata: Owned & { readonly name: string };
    readonly spec: {
        readonly mirroring?: { readonly enabled?: boolean };
        readonly replicated?: { readonly size?: number };
    };
}
interface RawCrd {
    readonly spec: { readonly versions: readonly { readonly name: string; readonly storage: boolean }[] };
}

/**
 * Takes stock of a cluster.
 *
 * @param pool name of the mirrored CephBlockPool
 * @throws Error when the cluster does not answer
 */
export async function takeStock(cluster: Cluster, pool: string): Promise<Inventory> {
    const { core } = cluster;
    const [rook, settings, csiAddons, replication, clusters, pools, mirrors, csiOperator] = await Promise.all([
        deployment(cluster, ROOK_NAMESPACE, "rook-ceph-operator"),
        ifFound(
            within(
                core.readNamespacedConfigMap({ namespace: ROOK_NAMESPACE, name: "rook-ceph-operator-config" }),
                "Rook's settings",
            ),
        ),
        deployment(cluster, CSI_ADDONS, "csi-addons-controller-manager"),
        crd(cluster, "volumereplications.replication.storage.openshift.io"),
        // Of any name: Rook runs one to a namespace, and its examples call it differently.
        listed<{ metadata: Owned }>(cluster, "cephclusters"),
        listed<RawPool>(cluster, "cephblockpools"),
        listed(cluster, "cephrbdmirrors"),
        csiOperatorOf(cluster),
    ]);
    const [ceph] = clusters;
    const blockPool = pools.find((p) => p.metadata.name === pool);
    return {
        rook,
        settings: settings?.data ?? {},
        csiOperator,
        csiAddons,
        replicationCrds: replication !== undefined,
        ceph: ceph && { ours: isOurs(ceph.metadata) },
        pool: blockPool && {
            ours: isOurs(blockPool.metadata),
            mirrored: blockPool.spec.mirroring?.enabled === true,
            replicas: blockPool.spec.replicated?.size,
        },
        mirrorDaemon: mirrors.length > 0,
    };
}

/** Objects that this program has made name Pulumi's provider among those who set their fields (`pulumi-kubernetes-<hex>`). */
export function isOurs(metadata: Owned | k8s.V1ObjectMeta | undefined): boolean {
    return (metadata?.managedFields ?? []).some(({ manager }) => manager?.startsWith("pulumi-kubernetes") === true);
}

/** Version in an image's tag: `docker.io/rook/ceph:v1.17.9` is 1.17.9; undefined for `latest` and digests. */
export function versionOf(image: string | undefined): string | undefined {
    return /:v?(\d+\.\d+\.\d+)(?:[-@].*)?$/.exec(image ?? "")?.[1];
}

async function deployment(cluster: Cluster, namespace: string, name: string): Promise<Installed | undefined> {
    const found = await ifFound(
        within(cluster.apps.readNamespacedDeployment({ namespace, name }), `Deployment ${name}`),
    );
    return (
        found && { version: versionOf(found.spec?.template.spec?.containers[0]?.image), ours: isOurs(found.metadata) }
    );
}

async function crd(cluster: Cluster, name: string): Promise<RawCrd | undefined> {
    const api = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" } as const;
    return (await ifFound(within(cluster.custom.getClusterCustomObject({ ...api, name }), `kind ${name}`))) as
        RawCrd | undefined;
}

/** Rook's objects of a kind; none where there is no such kind. */
async function listed<T = unknown>(cluster: Cluster, plural: string): Promise<T[]> {
    const list = (await ifFound(within(cluster.custom.listNamespacedCustomObject({ ...CEPH_API, plural }), plural))) as
        { items: T[] } | undefined;
    return list?.items ?? [];
}

/** The ceph-csi operator counts as the one in charge where it has the RBD driver, not where only its kinds are there. */
async function csiOperatorOf(cluster: Cluster): Promise<Inventory["csiOperator"]> {
    const kind = await crd(cluster, "drivers.csi.ceph.io");
    const version = kind?.spec.versions.find((v) => v.storage)?.name;
    if (version === undefined) return undefined;
    const read = async (plural: string, name: string) =>
        (await ifFound(
            within(
                cluster.custom.getNamespacedCustomObject({
                    group: "csi.ceph.io",
                    version,
                    namespace: ROOK_NAMESPACE,
                    plural,
                    name,
                }),
                `${plural} ${name}`,
            ),
        )) as { spec?: Record<string, unknown> } | undefined;
    const [driver, config] = await Promise.all([
        read("drivers", `${ROOK_NAMESPACE}.rbd.csi.ceph.com`),
        read("operatorconfigs", "ceph-csi-operator-config"),
    ]);
    if (driver === undefined) return undefined;
    const defaults = config?.spec?.["driverSpecDefaults"] as Record<string, unknown> | undefined;
    return { apiVersion: `csi.ceph.io/${version}`, driver: { ...defaults, ...driver.spec } };
}
