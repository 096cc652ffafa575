/** What one cluster says now about the volumes, as the decision core wants it. */
import { ROOK_NAMESPACE } from "../ceph/rook.js";
import { claimOf } from "../dr/facts.js";
import type { ImageRef, SiteSnapshot, VolumeKey, VolumeSnapshot } from "../dr/model.js";
import type { ClusterAccess } from "../config.js";
import pLimit from "p-limit";
import type { AdoptSpec, ClaimSeen } from "../dr/claims/types.js";
import { patienceForLook } from "../many-volumes.js";
import { assembleVolumes } from "./assemble.js";
import { claimsSeen } from "./claims.js";
import { brief, connect, ifFound, within, type Cluster } from "./cluster.js";
import { imageLook, parentOf, type ImageLook, type SnapshotsAsked } from "./images.js";
import { listSite, type Where } from "./lists.js";
import { cephToolsOf, type CephTools } from "./rbd.js";
import { claimUsers } from "./users.js";
import { listControllers, workloadsSeen } from "./workloads.js";

const ROOK_API = { group: "ceph.rook.io", version: "v1", namespace: ROOK_NAMESPACE } as const;

/** How many `rbd` run at once. */
const PARENTS_AT_ONCE = 4;

/** Where to look, and how. */
export interface SitePlace {
    readonly access: ClusterAccess;
    /** Name of the CephBlockPool. */
    readonly pool: string;
    /** A ceph.conf for looking at images, where there is one; otherwise the toolbox is asked. */
    readonly rbdConf?: string;
    /** Seconds for one request to Kubernetes, and for one to Ceph; 8 and 10 by default, and more of both for many volumes. */
    readonly timeout?: number;
    /** Which copies are asked for their snapshots; by default those that are demoted on both sites. */
    readonly snapshots?: SnapshotsAsked;
}

/** What to look at there. */
export interface SiteQuery extends SitePlace {
    readonly keys: readonly VolumeKey[];
    /** Images by volume, from records; needed for volumes whose PV is not on this cluster. */
    readonly images: Readonly<Record<VolumeKey, ImageRef>>;
    /** Existing claims to look for, besides `keys`; those that match become volumes of the snapshot. */
    readonly adopt?: readonly AdoptSpec[];
    /** Volumes that were adopted before: their claims are looked at though nothing may match them any more. */
    readonly adopted?: ReadonlySet<VolumeKey>;
    /** Further namespaces in which workloads are wanted; undefined leaves out who runs on the volumes. */
    readonly workloadsIn?: Where;
}

/** A look that has begun: what is asked whichever volumes it is about. */
export interface BegunLook {
    /** RFC 3339 time. */
    readonly at: string;
    readonly begun: Promise<{
        readonly cluster: Cluster;
        readonly mirroring: ReturnType<typeof observePool>;
        readonly ceph: Promise<{ readonly tools: CephTools; readonly look: ImageLook } | undefined>;
    }>;
}

/**
 * Begins a look before it is known which volumes it is about. Never throws: the look that it becomes says what is wrong.
 *
 * @param images whether to begin with the pool's images, too: there will be volumes to look at
 */
export function beginLook(place: SitePlace, images: boolean): BegunLook {
    const begin = () => {
        const { access, pool, rbdConf, timeout, snapshots } = place;
        const cluster = connect(access);
        const mirroring = observePool(cluster, pool, timeout);
        const ceph = cephToolsOf(access, rbdConf, timeout).then(
            (tools) => tools && { tools, look: imageLook(tools, images ? [pool] : [], snapshots) },
        );
        for (const part of [mirroring, ceph]) part.catch(() => undefined);
        return { cluster, mirroring, ceph };
    };
    const begun = Promise.resolve().then(begin);
    // Whoever makes a look of it gets the error; perhaps nobody does.
    begun.catch(() => undefined);
    return { at: new Date().toISOString(), begun };
}

/**
 * Looks at a site. The cluster is asked for everything at once, so one that does not answer costs one time limit, however
 * many volumes there are. Never throws for a cluster that does not answer: that is a finding.
 *
 * @param begunLook one that has begun at the same place, to go on with
 */
export async function observeSite(query: SiteQuery, begunLook?: BegunLook): Promise<SiteSnapshot> {
    const { adopt, workloadsIn, timeout = patienceForLook(query.keys.length) } = query;
    const look = begunLook ?? beginLook({ ...query, timeout }, query.keys.length > 0 || adopt !== undefined);
    const { at } = look;
    try {
        const begun = await look.begun;
        const where = lookIn(query);
        const [lists, controllers, mirroring, ceph] = await Promise.all([
            listSite(begun.cluster, where, timeout),
            workloadsIn && listControllers(begun.cluster, union(where, workloadsIn), timeout),
            begun.mirroring,
            begun.ceph,
        ]);
        const claims = adopt && claimsSeen(lists, adopt, query.adopted ?? new Set());
        const keys = [...new Set([...query.keys, ...(claims ?? []).map((claim) => claim.key)])];
        const users = controllers && claimUsers(lists.pods, controllers, keys);
        const volumes = await Promise.all(
            assembleVolumes(lists, keys, query.images).map(async ({ volume, image }): Promise<VolumeSnapshot> => ({
                ...volume,
                ...(users && { users: users.get(volume.key) ?? [] }),
                image: image && (await ceph?.look(image)),
            })),
        );
        const byKey = Object.fromEntries(volumes.map((v) => [v.key, v]));
        return {
            reach: "observed",
            at,
            volumes: byKey,
            ...(claims && { claims: await withImages(claims, byKey, ceph?.tools) }),
            ...(controllers && { workloads: workloadsSeen(controllers) }),
            mirroring,
        };
    } catch (error) {
        return { reach: "unreachable", at, error: brief(error) };
    }
}

/** Namespaces of volumes, each once. */
export function namespacesOf(keys: readonly VolumeKey[]): string[] {
    return [...new Set(keys.map((key) => claimOf(key).namespace))];
}

/** Where claims and pods are looked for. */
function lookIn({ keys, adopt = [], adopted = new Set() }: SiteQuery): Where {
    const spaces = adopt.map((spec): Where => ("name" in spec ? [spec.namespace] : (spec.namespaces ?? "everywhere")));
    return spaces.reduce(union, namespacesOf([...keys, ...adopted]));
}

function union(a: Where, b: Where): Where {
    return a === "everywhere" || b === "everywhere" ? "everywhere" : [...new Set([...a, ...b])];
}

/** Whether an image is a clone is asked of those that may be adopted, and of no others: it takes a run of `rbd` each. */
async function withImages(
    claims: readonly ClaimSeen[],
    volumes: Readonly<Record<VolumeKey, VolumeSnapshot>>,
    tools: CephTools | undefined,
): Promise<ClaimSeen[]> {
    const limit = pLimit(PARENTS_AT_ONCE);
    return Promise.all(
        claims.map(async (claim) => {
            const image = volumes[claim.key]?.image;
            const ref = claim.record?.image;
            if (tools === undefined || ref === undefined || image?.exists !== true) return claim;
            const parent = claim.ours ? undefined : await limit(() => parentOf(tools, ref));
            return { ...claim, image: { parent, copy: image.mirroring === "enabled" && !image.primary } };
        }),
    );
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
