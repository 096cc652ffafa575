/** Readers of the two files that Rook keeps for ceph-csi; read at every call, as they change under a running driver. */
import { readFile } from "node:fs/promises";
import { z } from "zod";

/** Where the configuration lies. */
export interface ConfigFiles {
    /** JSON of `csi-cluster-config-json` in Rook's ConfigMap `rook-ceph-csi-config`. */
    readonly csiConfig: string;
    /** JSON of `csi-mapping-config-json` in Rook's ConfigMap `rook-ceph-csi-mapping-config`; may be absent. */
    readonly clusterMapping?: string;
}

/** A Ceph cluster as the configuration describes it. */
export interface Cluster {
    readonly clusterId: string;
    /** Comma-separated monitor addresses. */
    readonly monitors: string;
    /** RADOS namespace of the images; empty for none. */
    readonly radosNamespace: string;
    /** How many rbd-mirror daemons may watch a primary image; 1 unless configured. */
    readonly mirrorDaemons: number;
}

/** A pair of cluster ids and pool ids that mean the same on the two sites. */
export interface ClusterMapping {
    readonly clusterIds: readonly (readonly [string, string])[];
    readonly poolIds: readonly (readonly [string, string])[];
}

const clusterSchema = z.array(
    z.looseObject({
        clusterID: z.string(),
        monitors: z.array(z.string()).nullish(),
        rbd: z
            .looseObject({ radosNamespace: z.string().optional(), mirrorDaemonCount: z.number().optional() })
            .nullish(),
    }),
);

/** Keys in lower case: Rook writes `ClusterIDMapping`, ceph-csi's own examples `clusterIDMapping`. */
const mappingSchema = z.array(
    z
        .record(z.string(), z.unknown())
        .transform((entry) =>
            Object.fromEntries(Object.entries(entry).map(([key, value]) => [key.toLowerCase(), value])),
        )
        .pipe(
            z.looseObject({
                clusteridmapping: z.record(z.string(), z.string()).nullish(),
                rbdpoolidmapping: z.array(z.record(z.string(), z.string())).nullish(),
            }),
        ),
);

/**
 * Finds a cluster by id.
 * @throws Error naming the cluster id when it is not configured or has no monitors, or when the file cannot be read
 */
export async function readCluster(files: ConfigFiles, clusterId: string): Promise<Cluster> {
    const about = `failed to fetch monitor list using clusterID (${clusterId})`;
    const entry = (await readClusters(files)).find((cluster) => cluster.clusterID === clusterId);
    if (!entry) throw new Error(`${about}: missing configuration for cluster ID "${clusterId}"`);
    const monitors = (entry.monitors ?? []).join(",");
    if (!monitors) throw new Error(`${about}: empty monitor list for cluster ID (${clusterId}) in config`);
    return {
        clusterId,
        monitors,
        radosNamespace: entry.rbd?.radosNamespace ?? "",
        mirrorDaemons: entry.rbd?.mirrorDaemonCount || 1,
    };
}

async function readClusters({ csiConfig }: ConfigFiles) {
    const text = await readFile(csiConfig, "utf8");
    try {
        return clusterSchema.parse(text.trim() === "" ? [] : JSON.parse(text));
    } catch (error) {
        throw new Error(`${csiConfig} is not a ceph-csi cluster configuration: ${(error as Error).message}`, {
            cause: error,
        });
    }
}

/**
 * Reads the mapping; empty when there is no file.
 * @throws Error when the file is there and is not a mapping
 */
export async function readMapping({ clusterMapping }: ConfigFiles): Promise<readonly ClusterMapping[]> {
    if (!clusterMapping) return [];
    let text: string;
    try {
        text = await readFile(clusterMapping, "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
        throw error;
    }
    if (text.trim() === "") return [];
    try {
        return mappingSchema.parse(JSON.parse(text)).map((entry) => ({
            clusterIds: Object.entries(entry.clusteridmapping ?? {}),
            poolIds: (entry.rbdpoolidmapping ?? []).flatMap((pools) => Object.entries(pools)),
        }));
    } catch (error) {
        throw new Error(`failed to fetch cluster mapping: ${clusterMapping}: ${(error as Error).message}`, {
            cause: error,
        });
    }
}

/**
 * Other places where a volume may lie, in the order to try: the mapping is one file for both sites, so it is read both
 * ways.
 * @param mappings all mappings
 * @param clusterId cluster id in the handle
 * @param poolId pool id in the handle
 */
export function mappedPlaces(
    mappings: readonly ClusterMapping[],
    clusterId: string,
    poolId: number,
): readonly { readonly clusterId: string; readonly poolId: number }[] {
    const other = (pair: readonly [string, string], id: string) =>
        pair[0] === id ? pair[1] : pair[1] === id ? pair[0] : undefined;
    return mappings.flatMap((mapping) =>
        mapping.clusterIds.flatMap((clusters) => {
            const cluster = other(clusters, clusterId);
            if (cluster === undefined) return [];
            return mapping.poolIds.flatMap((pools) => {
                const pool = other(pools, String(poolId));
                return pool === undefined ? [] : [{ clusterId: cluster, poolId: Number(pool) }];
            });
        }),
    );
}
