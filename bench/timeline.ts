/** Watches both clusters during a move and notes when each stage was reached, whoever moves. */
import { Watch } from "@kubernetes/client-node";
import { handedOver, isPromoted } from "../dr/vr-status.js";
import { connect } from "../lab/api/client.js";
import type { SiteInfo } from "../lab/site.js";
import { toVrSnapshot, type RawVr } from "../observe/vr.js";

/** A stage that one object reached. */
export interface Edge {
    readonly name: string;
    /** Milliseconds since the epoch. */
    readonly at: number;
}

/** The fields of watched objects that stages are read from. */
export interface Watched {
    readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid?: string };
    readonly spec?: { readonly replicas?: number };
    readonly status?: { readonly phase?: string };
}

/** What is watched, and what a change of it means. */
const KINDS: readonly {
    readonly path: (namespace: string) => string;
    readonly stage: (before: Watched | undefined, after: Watched | undefined) => string | undefined;
}[] = [
    { path: (ns) => `/apis/apps/v1/namespaces/${ns}/deployments`, stage: deploymentStage },
    { path: (ns) => `/api/v1/namespaces/${ns}/pods`, stage: podStage },
    { path: (ns) => `/api/v1/namespaces/${ns}/persistentvolumeclaims`, stage: claimStage },
    { path: () => "/apis/storage.k8s.io/v1/volumeattachments", stage: attachmentStage },
    {
        path: (ns) => `/apis/replication.storage.openshift.io/v1alpha1/namespaces/${ns}/volumereplications`,
        stage: replicationStage,
    },
];

/** Watches a namespace on both sites until it is stopped. */
export class Timeline {
    private readonly edges: Edge[] = [];
    private watches: AbortController[] = [];

    /** Resolves when everything that is there already has been seen. */
    async start(sites: readonly SiteInfo[], namespace: string): Promise<void> {
        const all = sites.flatMap((site) => KINDS.map((kind) => ({ site, kind })));
        this.watches = await Promise.all(
            all.map(({ site, kind }) => {
                const seen = new Map<string, Watched>();
                const { kubeConfig } = connect(site.kubernetes.kubeconfig, site.kubernetes.context);
                return new Watch(kubeConfig).watch(
                    kind.path(namespace),
                    {},
                    (event, object: Watched) => {
                        const at = Date.now();
                        const id = object.metadata?.uid ?? "";
                        const after = event === "DELETED" ? undefined : object;
                        const name = kind.stage(seen.get(id), after);
                        if (after === undefined) seen.delete(id);
                        else seen.set(id, after);
                        if (name !== undefined) this.edges.push({ name, at });
                    },
                    // A watch that ends early leaves a gap in the breakdown, and nothing else.
                    () => undefined,
                );
            }),
        );
    }

    /** Stops watching and tells what was seen. */
    stop(): readonly Edge[] {
        for (const watch of this.watches) watch.abort();
        return this.edges;
    }
}

export function deploymentStage(before: Watched | undefined, after: Watched | undefined): string | undefined {
    const [was, is] = [before?.spec?.replicas, after?.spec?.replicas];
    if (was === undefined || is === undefined || was === is) return undefined;
    return is === 0 ? "application told to stop" : "application told to start";
}

export function podStage(before: Watched | undefined, after: Watched | undefined): string | undefined {
    if (after === undefined) return "pod gone";
    return before !== undefined && before.status?.phase !== "Running" && after.status?.phase === "Running"
        ? "pod runs"
        : undefined;
}

export function attachmentStage(_before: Watched | undefined, after: Watched | undefined): string | undefined {
    return after === undefined ? "volume detached" : undefined;
}

export function claimStage(before: Watched | undefined, after: Watched | undefined): string | undefined {
    return before !== undefined && before.status?.phase !== "Bound" && after?.status?.phase === "Bound"
        ? "claim restored and bound"
        : undefined;
}

/** Stages of a VR, as the program's own core reads its status. */
export function replicationStage(before: Watched | undefined, after: Watched | undefined): string | undefined {
    if (after === undefined) return undefined;
    const is = toVrSnapshot(after as unknown as RawVr);
    const was = before && toVrSnapshot(before as unknown as RawVr);
    if (was === undefined) return is.spec.replicationState === "primary" ? "promotion asked" : undefined;
    if (was.spec.replicationState !== is.spec.replicationState)
        return is.spec.replicationState === "primary" ? "promotion asked" : "demotion asked";
    if (isPromoted(is) && !isPromoted(was)) return "promoted";
    if (handedOver(is) && !handedOver(was)) return "handed over";
    if (was.status.state !== "Secondary" && is.status.state === "Secondary") return "demoted";
    return undefined;
}
