/** The volumes that a contender moves. */
import type { ImageRef } from "../dr/model.js";
import { connect } from "../lab/api/client.js";
import type { SiteInfo } from "../lab/site.js";

/** One volume of a contender. */
export interface BenchVolume {
    readonly namespace: string;
    readonly name: string;
    /** Kubernetes quantity. */
    readonly size: string;
    /** Whether an application writes it all the time; the others hold what was written at set-up. */
    readonly written: boolean;
}

/** Size of a volume that is written: room for hours of it. RBD images are sparse. */
const WRITTEN_SIZE = "1Gi";
const IDLE_SIZE = "16Mi";

/**
 * Names a contender's volumes.
 *
 * @param namespace the first ones live there, and the rest in others whose names begin with it
 * @param writers how many are written all the time
 * @param each how many live in a namespace
 */
export function benchVolumes(namespace: string, count: number, writers: number, each = Infinity): BenchVolume[] {
    return Array.from({ length: count }, (_, i) => ({
        namespace: i < each ? namespace : `${namespace}-${Math.floor(i / each) + 1}`,
        name: `v${String(i + 1).padStart(4, "0")}`,
        size: i < writers ? WRITTEN_SIZE : IDLE_SIZE,
        written: i < writers,
    }));
}

/** `namespace/name`, as volumes are named everywhere. */
export function keyOf(volume: BenchVolume): string {
    return `${volume.namespace}/${volume.name}`;
}

/** Name of the Deployment that mounts a written volume. */
export function appOf(volume: BenchVolume): string {
    return `${volume.name}-app`;
}

/** Namespaces of volumes, each once. */
export function namespacesOf(volumes: readonly BenchVolume[]): string[] {
    return [...new Set(volumes.map(({ namespace }) => namespace))];
}

/**
 * Images of all bound claims of namespaces, from their PVs.
 *
 * @returns by `namespace/name` of the claim
 */
export async function imagesOf(site: SiteInfo, ...namespaces: readonly string[]): Promise<Map<string, ImageRef>> {
    const api = connect(site.kubernetes.kubeconfig, site.kubernetes.context, 60_000);
    const volumes = await api.core.listPersistentVolume();
    return new Map(
        volumes.items.flatMap((pv) => {
            const claim = pv.spec?.claimRef;
            const { pool, imageName } = pv.spec?.csi?.volumeAttributes ?? {};
            if (!claim?.namespace || !namespaces.includes(claim.namespace) || !pool || !imageName) return [];
            return [[`${claim.namespace}/${claim.name}`, { pool, image: imageName }] as const];
        }),
    );
}
