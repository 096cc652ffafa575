/** What one cluster says now about the volumes, as the decision core wants it. */
import type * as k8s from "@kubernetes/client-node";
import { parseQuantity } from "../dr/quantity.js";
import type { Condition, ReplicationState, SiteSnapshot, VolumeKey, VolumeSnapshot, VrSnapshot } from "../dr/model.js";
import type { ClusterAccess } from "../config.js";
import { brief, connect, ifFound, within, type Cluster } from "./cluster.js";
import { probeImage } from "./images.js";
import { rbdOf, type Rbd } from "./rbd.js";

export const REPLICATION_API = { group: "replication.storage.openshift.io", version: "v1alpha1" } as const;
const ROOK_API = { group: "ceph.rook.io", version: "v1", namespace: "rook-ceph" } as const;

/** What to look at, and how. */
export interface SiteQuery {
    readonly access: ClusterAccess;
    readonly keys: readonly VolumeKey[];
    /** Name of the CephBlockPool. */
    readonly pool: string;
    /** A ceph.conf for looking at images, where there is one; otherwise the toolbox is asked. */
    readonly rbdConf?: string;
    /** Images by volume, from records; needed for volumes whose PV is not on this cluster. */
    readonly images: Readonly<Record<VolumeKey, { pool: string; image: string }>>;
}

/** Looks at a site. Never throws for a cluster that does not answer: that is a finding. */
export async function observeSite(query: SiteQuery): Promise<SiteSnapshot> {
    const at = new Date().toISOString();
    try {
        const cluster = connect(query.access);
        const { images } = query;
        const rbd = await rbdOf(query.access, query.rbdConf);
        const [volumes, mirroring] = await Promise.all([
            Promise.all(query.keys.map((key) => observeVolume(cluster, key, { images, rbd }))),
            observePool(cluster, query.pool),
        ]);
        return { reach: "observed", at, volumes: Object.fromEntries(volumes.map((v) => [v.key, v])), mirroring };
    } catch (error) {
        return { reach: "unreachable", at, error: brief(error) };
    }
}

/** Looks at one volume: claim, PV, VR, who uses it, and its image where that can be seen. */
export async function observeVolume(
    cluster: Cluster,
    key: VolumeKey,
    query: Pick<SiteQuery, "images"> & { readonly rbd?: Rbd },
): Promise<VolumeSnapshot> {
    const [namespace, name] = key.split("/") as [string, string];
    const [claim, vr, pods, attachments] = await Promise.all([
        ifFound(within(cluster.core.readNamespacedPersistentVolumeClaim({ name, namespace }), `PVC ${key}`)),
        readVr(cluster, namespace, name),
        within(cluster.core.listNamespacedPod({ namespace }), `pods of ${namespace}`),
        within(cluster.storage.listVolumeAttachment(), "VolumeAttachments"),
    ]);
    const pvName = claim?.spec?.volumeName ?? (await pvOfClaim(cluster, namespace, name));
    const pv =
        pvName === undefined
            ? undefined
            : await ifFound(within(cluster.core.readPersistentVolume({ name: pvName }), `PV ${pvName}`));
    const csi = pv?.spec?.csi?.volumeAttributes;
    const ref = csi?.imageName && csi.pool ? { pool: csi.pool, image: csi.imageName } : query.images[key];
    return {
        key,
        pvc: claim && {
            phase: claim.status?.phase ?? "Unknown",
            volumeName: claim.spec?.volumeName,
            uid: claim.metadata?.uid ?? "",
            deleting: claim.metadata?.deletionTimestamp !== undefined,
            storageClass: claim.spec?.storageClassName,
            requestedBytes: quantity(claim.spec?.resources?.requests?.storage),
        },
        pv: pv && {
            name: pv.metadata?.name ?? "",
            phase: pv.status?.phase ?? "Unknown",
            volumeHandle: pv.spec?.csi?.volumeHandle,
            reclaimPolicy: pv.spec?.persistentVolumeReclaimPolicy ?? "",
        },
        vr,
        pods: pods.items.filter((pod) => uses(pod, name)).map((pod) => pod.metadata?.name ?? ""),
        attachments: attachments.items
            .filter((a) => pvName !== undefined && a.spec.source.persistentVolumeName === pvName)
            .map((a) => a.metadata?.name ?? ""),
        image: ref && query.rbd ? await probeImage(query.rbd, ref) : undefined,
    };
}

/** A PV restored before its claim already names the claim. */
async function pvOfClaim(cluster: Cluster, namespace: string, name: string): Promise<string | undefined> {
    const all = await within(cluster.core.listPersistentVolume(), "PVs");
    return all.items.find((pv) => pv.spec?.claimRef?.namespace === namespace && pv.spec.claimRef.name === name)
        ?.metadata?.name;
}

function uses(pod: k8s.V1Pod, claim: string): boolean {
    const finished = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
    return !finished && (pod.spec?.volumes ?? []).some((v) => v.persistentVolumeClaim?.claimName === claim);
}

function quantity(text: string | undefined): number | undefined {
    return text === undefined ? undefined : parseQuantity(text);
}

/** The VR of a claim, which by this program's convention carries the claim's name. */
async function readVr(cluster: Cluster, namespace: string, name: string): Promise<VrSnapshot | undefined> {
    const raw = (await ifFound(
        within(
            cluster.custom.getNamespacedCustomObject({
                ...REPLICATION_API,
                namespace,
                plural: "volumereplications",
                name,
            }),
            `VolumeReplication ${namespace}/${name}`,
        ),
    )) as RawVr | undefined;
    return raw && toVrSnapshot(raw);
}

/** The fields of a VolumeReplication that are read (csi-addons `api/replication.storage/v1alpha1`). */
export interface RawVr {
    metadata: { name: string; generation?: number; deletionTimestamp?: string; annotations?: Record<string, string> };
    spec: {
        replicationState: ReplicationState;
        autoResync?: boolean;
        volumeReplicationClass: string;
        dataSource: { name: string };
    };
    status?: {
        state?: "Primary" | "Secondary" | "Unknown";
        message?: string;
        observedGeneration?: number;
        conditions?: Condition[];
        lastSyncTime?: string;
        lastSyncBytes?: number;
        lastSyncDuration?: string;
    };
}

/** Turns the API's object into a snapshot, with the API's defaults filled in. */
export function toVrSnapshot(raw: RawVr): VrSnapshot {
    return {
        name: raw.metadata.name,
        generation: raw.metadata.generation ?? 1,
        deleting: raw.metadata.deletionTimestamp !== undefined,
        annotations: raw.metadata.annotations ?? {},
        spec: {
            replicationState: raw.spec.replicationState,
            autoResync: raw.spec.autoResync ?? false,
            volumeReplicationClass: raw.spec.volumeReplicationClass,
            claim: raw.spec.dataSource.name,
        },
        status: { ...raw.status, conditions: raw.status?.conditions ?? [] },
    };
}

interface RawPool {
    status?: {
        poolID?: number;
        mirroringInfo?: { site_name?: string; peers?: unknown[] };
        mirroringStatus?: { summary?: { health?: string; daemon_health?: string; image_health?: string } };
    };
}

async function observePool(
    cluster: Cluster,
    name: string,
): Promise<Extract<SiteSnapshot, { reach: "observed" }>["mirroring"]> {
    const pool = (await ifFound(
        within(
            cluster.custom.getNamespacedCustomObject({ ...ROOK_API, plural: "cephblockpools", name }),
            `CephBlockPool ${name}`,
        ),
    )) as RawPool | undefined;
    if (pool?.status === undefined) return undefined;
    const summary = pool.status.mirroringStatus?.summary;
    return {
        health: summary?.health,
        daemonHealth: summary?.daemon_health,
        imageHealth: summary?.image_health,
        peers: pool.status.mirroringInfo?.peers?.length ?? 0,
        poolId: pool.status.poolID,
        siteName: pool.status.mirroringInfo?.site_name,
    };
}
