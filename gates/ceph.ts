/** The gate before a pool: Rook has brought Ceph up, and there is a disk to store on. */
import { ROOK_NAMESPACE } from "../ceph/rook.js";
import type { ClusterAccess } from "../config.js";
import { connect, ifFound, within } from "../observe/cluster.js";
import { waitUntil } from "./poll.js";

const CEPH_CLUSTERS = {
    group: "ceph.rook.io",
    version: "v1",
    namespace: ROOK_NAMESPACE,
    plural: "cephclusters",
} as const;

/** The fields of a CephCluster that are read. */
export interface RawCephCluster {
    readonly status?: {
        readonly phase?: string;
        readonly message?: string;
        readonly ceph?: { readonly health?: string; readonly details?: Readonly<Record<string, { message?: string }>> };
        readonly storage?: { readonly deviceClasses?: readonly unknown[] };
    };
}

/**
 * Waits until the CephCluster is ready and has an OSD; what Rook is at is shown while it lasts.
 *
 * @param seconds how long to wait; a first start pulls images and takes minutes
 * @throws Error with what Rook said last
 */
export async function waitCeph(access: ClusterAccess, seconds: number): Promise<void> {
    const cluster = connect(access);
    await waitUntil(
        "Ceph",
        async () => {
            const clusters = (await ifFound(
                within(cluster.custom.listNamespacedCustomObject(CEPH_CLUSTERS), "CephClusters"),
            )) as { items: RawCephCluster[] } | undefined;
            return cephMissing(clusters?.items[0]);
        },
        seconds,
    );
}

/**
 * What is still missing before a pool can be made, in words; undefined when nothing is.
 *
 * Rook says Ready for a cluster that found no disk as well; a pool would then wait for ever.
 */
export function cephMissing(cluster: RawCephCluster | undefined): string | undefined {
    if (cluster === undefined) return "there is no CephCluster in namespace rook-ceph";
    const { phase, message, ceph, storage } = cluster.status ?? {};
    if (phase !== "Ready" && phase !== "Connected")
        return `CephCluster is ${phase ?? "not taken up by Rook yet"}${message ? `: ${message}` : ""}`;
    if (phase === "Connected" || (storage?.deviceClasses ?? []).length > 0) return undefined;
    const details = Object.values(ceph?.details ?? {}).flatMap((d) => (d.message === undefined ? [] : [d.message]));
    return `no OSD: Rook has found no empty disk on any node (${[ceph?.health, ...details].filter(Boolean).join("; ") || "no health yet"})`;
}
