/** What a cluster holds, one list a kind: however many volumes there are, the number of requests stays the same. */
import * as k8s from "@kubernetes/client-node";
import { ifFound, within, type Cluster } from "./cluster.js";
import type { RawVr } from "./vr.js";

/** csi-addons' API, as the clients want it. */
export const REPLICATION_API = { group: "replication.storage.openshift.io", version: "v1alpha1" } as const;

/** Objects in one answer; the API server's own clients take as many. */
const PAGE = 500;
/** Up to so many namespaces are listed one by one; beyond, a list of the whole cluster is cheaper. */
const FEW = 8;
const GONE = 410;

/** In which namespaces to look. */
export type Where = readonly string[] | "everywhere";

/** The objects from which volumes are put together. */
export interface SiteLists {
    readonly claims: readonly k8s.V1PersistentVolumeClaim[];
    readonly volumes: readonly k8s.V1PersistentVolume[];
    readonly attachments: readonly k8s.V1VolumeAttachment[];
    /** Pods that have not finished. */
    readonly pods: readonly k8s.V1Pod[];
    readonly replications: readonly RawVr[];
}

interface Page<T> {
    readonly items: readonly T[];
    readonly metadata?: { readonly _continue?: string; readonly continue?: string };
}
/** What a request for one page is given. */
interface PageRequest {
    readonly limit?: number;
    readonly _continue?: string;
}

/**
 * Lists what the volumes of some namespaces are made of.
 *
 * @param seconds for one request; all kinds are asked for at once, so a cluster that does not answer costs this much
 * @throws Error naming the kind when the cluster does not answer
 */
export async function listSite(cluster: Cluster, namespaces: Where, seconds?: number): Promise<SiteLists> {
    const { core, storage } = cluster;
    const running = { fieldSelector: "status.phase!=Succeeded,status.phase!=Failed" };
    const [claims, volumes, attachments, pods, replications] = await Promise.all([
        listClaims(cluster, namespaces, seconds),
        listVolumes(cluster, seconds),
        pages((page) => storage.listVolumeAttachment(page), "VolumeAttachments", seconds),
        inNamespaces(namespaces, "pods", seconds, {
            all: (page) => core.listPodForAllNamespaces({ ...running, ...page }),
            one: (namespace, page) => core.listNamespacedPod({ namespace, ...running, ...page }),
        }),
        ifFound(listReplications(cluster, seconds)),
    ]);
    return { claims, volumes, attachments, pods, replications: replications ?? [] };
}

/** The PVCs of some namespaces. */
export function listClaims(
    { core }: Cluster,
    namespaces: Where,
    seconds?: number,
): Promise<k8s.V1PersistentVolumeClaim[]> {
    return inNamespaces(namespaces, "PVCs", seconds, {
        all: (page) => core.listPersistentVolumeClaimForAllNamespaces(page),
        one: (namespace, page) => core.listNamespacedPersistentVolumeClaim({ namespace, ...page }),
    });
}

/** All PVs: they belong to no namespace. */
export function listVolumes({ core }: Cluster, seconds?: number): Promise<k8s.V1PersistentVolume[]> {
    return pages((page) => core.listPersistentVolume(page), "PVs", seconds);
}

/** The VRs of all namespaces: there are no more of them than volumes. */
export function listReplications({ custom }: Cluster, seconds?: number): Promise<RawVr[]> {
    const request = (page: PageRequest) =>
        custom.listClusterCustomObject({ ...REPLICATION_API, plural: "volumereplications", ...page });
    return pages((page) => request(page) as Promise<Page<RawVr>>, "VolumeReplications", seconds);
}

/**
 * Lists a kind in the namespaces that matter.
 *
 * @param how the request for the whole cluster, and for one namespace
 */
export async function inNamespaces<T>(
    namespaces: Where,
    what: string,
    seconds: number | undefined,
    how: {
        readonly all: (page: PageRequest) => Promise<Page<T>>;
        readonly one: (namespace: string, page: PageRequest) => Promise<Page<T>>;
    },
): Promise<T[]> {
    const wanted = namespaces === "everywhere" ? undefined : new Set(namespaces);
    if (wanted === undefined || wanted.size > FEW) return pages(how.all, what, seconds);
    const lists = await Promise.all(
        [...wanted].map((namespace) => pages((page) => how.one(namespace, page), `${what} of ${namespace}`, seconds)),
    );
    return lists.flat();
}

/** A list, page by page. Where it takes so long that the server forgets where it was, it is asked for in one piece. */
export async function pages<T>(
    request: (page: PageRequest) => Promise<Page<T>>,
    what: string,
    seconds?: number,
): Promise<T[]> {
    const items: T[] = [];
    let token: string | undefined;
    do {
        try {
            const page = await within(request({ limit: PAGE, _continue: token }), what, seconds);
            items.push(...page.items);
            token = (page.metadata?._continue ?? page.metadata?.continue) || undefined;
        } catch (error) {
            if (token === undefined || !(error instanceof k8s.ApiException) || error.code !== GONE) throw error;
            return [...(await within(request({}), what, seconds)).items];
        }
    } while (token !== undefined);
    return items;
}
