/** What one cluster says now about the volumes, as the decision core wants it. */
import type { ImageRef, SiteSnapshot, VolumeKey, VolumeSnapshot } from "../dr/model.js";
import type { ClusterAccess } from "../config.js";
import { assembleVolumes } from "./assemble.js";
import { brief, connect, ifFound, within, type Cluster } from "./cluster.js";
import { imageLook } from "./images.js";
import { listSite } from "./lists.js";
import { cephToolsOf } from "./rbd.js";

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
    readonly images: Readonly<Record<VolumeKey, ImageRef>>;
    /** Seconds for one request to Kubernetes, and for one to Ceph; 8 and 10 by default. */
    readonly timeout?: number;
}

/**
 * Looks at a site. The cluster is asked for everything at once, so one that does not answer costs one time limit, however
 * many volumes there are. Never throws for a cluster that does not answer: that is a finding.
 */
export async function observeSite(query: SiteQuery): Promise<SiteSnapshot> {
    const at = new Date().toISOString();
    try {
        const cluster = connect(query.access);
        const { keys, timeout } = query;
        const [lists, mirroring, look] = await Promise.all([
            listSite(cluster, namespacesOf(keys), timeout),
            observePool(cluster, query.pool, timeout),
            cephToolsOf(query.access, query.rbdConf, timeout).then(
                (tools) => tools && imageLook(tools, keys.length > 0 ? [query.pool] : []),
            ),
        ]);
        const volumes = await Promise.all(
            assembleVolumes(lists, keys, query.images).map(async ({ volume, image }): Promise<VolumeSnapshot> => ({
                ...volume,
                image: image && (await look?.(image)),
            })),
        );
        return { reach: "observed", at, volumes: Object.fromEntries(volumes.map((v) => [v.key, v])), mirroring };
    } catch (error) {
        return { reach: "unreachable", at, error: brief(error) };
    }
}

/** Namespaces of volumes, each once. */
export function namespacesOf(keys: readonly VolumeKey[]): string[] {
    return [...new Set(keys.map((key) => key.split("/")[0]!))];
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
    seconds?: number,
): Promise<Extract<SiteSnapshot, { reach: "observed" }>["mirroring"]> {
    const pool = (await ifFound(
        within(
            cluster.custom.getNamespacedCustomObject({ ...ROOK_API, plural: "cephblockpools", name }),
            `CephBlockPool ${name}`,
            seconds,
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
