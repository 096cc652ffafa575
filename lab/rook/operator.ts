/** Watches Rook's objects and has each reconciled when what it is made from changes. */
import { describeError, type Api } from "../api/client.js";
import { Store } from "../api/store.js";
import type { V1ConfigMap } from "@kubernetes/client-node";
import { Context, PLURALS } from "./context.js";
import { checkHealth, reconcileCluster } from "./reconcile/cluster.js";
import { OPERATOR_CONFIG, reconcileCsi } from "./reconcile/csi.js";
import { reconcileMirror } from "./reconcile/mirror.js";
import { checkMirroring, reconcilePool } from "./reconcile/pool.js";
import { MON_ENDPOINTS } from "./shapes/cluster.js";
import { GROUP, VERSION, type CephBlockPool, type CephCluster, type CephRBDMirror, type Metadata } from "./types.js";
import { WorkQueue, type Outcome } from "./work-queue.js";

/** Settings of the operator. */
export interface OperatorOptions {
    readonly api: Api;
    readonly workDir: string;
    readonly namespace: string;
    readonly podName: string;
    readonly log: (message: string) => void;
}

/** Work of the queue: `<what> <namespace>/<name>`. */
type Work = "cluster" | "health" | "pool" | "mirroring" | "mirror" | "csi";

/** The stand-in's controllers; runs until the process ends. */
export class Operator {
    private readonly context: Context;
    private readonly queue: WorkQueue;
    private readonly configMaps: Store<V1ConfigMap>;
    /** What each object was last reconciled for; the operator's own writes of status do not change it. */
    private readonly served = new Map<string, string>();

    constructor(private readonly options: OperatorOptions) {
        const { api, log } = options;
        const onChange = () => this.onChange();
        const watch = <T extends { metadata: Metadata }>(kind: keyof typeof PLURALS) =>
            new Store<T>({
                api,
                log,
                onChange,
                name: PLURALS[kind],
                path: `/apis/${GROUP}/${VERSION}/${PLURALS[kind]}`,
                list: () =>
                    api.custom.listClusterCustomObject({ group: GROUP, version: VERSION, plural: PLURALS[kind] }),
            });
        const stores = {
            clusters: watch<CephCluster>("CephCluster"),
            pools: watch<CephBlockPool>("CephBlockPool"),
            mirrors: watch<CephRBDMirror>("CephRBDMirror"),
        };
        this.configMaps = new Store({
            api,
            log,
            onChange,
            name: "configmaps",
            path: "/api/v1/configmaps",
            list: () => api.core.listConfigMapForAllNamespaces(),
        });
        this.context = new Context(api, stores, options.workDir, options.namespace, options.podName, log);
        this.queue = new WorkQueue((key) => this.work(key), log);
    }

    /** Starts; Rook's CRDs may come later. */
    start(): void {
        const { clusters, pools, mirrors } = this.context.stores;
        for (const store of [clusters, pools, mirrors, this.configMaps]) store.start();
    }

    private get synced(): boolean {
        const { clusters, pools, mirrors } = this.context.stores;
        return [clusters, pools, mirrors, this.configMaps].every((store) => store.isSynced);
    }

    private onChange(): void {
        if (!this.synced) return;
        const { clusters, pools, mirrors } = this.context.stores;
        const settings = this.configMaps.get(OPERATOR_CONFIG, this.options.namespace)?.data;
        this.serve("csi", "", JSON.stringify([settings, clusters.list().length > 0]));
        for (const cluster of clusters.list()) {
            // What blocks a deletion is part of it: when the last pool has gone, the cluster need not wait for its retry.
            const dependents = cluster.metadata.deletionTimestamp ? pools.list().length + mirrors.list().length : 0;
            this.serve("cluster", keyOf(cluster), `${this.fingerprint(cluster)} ${dependents}`);
        }
        for (const pool of pools.list()) this.serve("pool", keyOf(pool), this.fingerprint(pool));
        for (const mirror of mirrors.list()) this.serve("mirror", keyOf(mirror), this.fingerprint(mirror));
    }

    /** All that a reconcile depends on and hears of by an event. */
    private fingerprint(object: CephCluster | CephBlockPool | CephRBDMirror): string {
        const { uid, generation, deletionTimestamp, finalizers, namespace } = object.metadata;
        const endpoints = this.configMaps.get(MON_ENDPOINTS, namespace)?.data;
        const ready = object.kind === "CephCluster" || this.context.readyCluster(namespace) !== undefined;
        return JSON.stringify([uid, generation, deletionTimestamp, finalizers, endpoints, ready]);
    }

    private serve(work: Work, name: string, fingerprint: string): void {
        const key = `${work} ${name}`;
        if (this.served.get(key) === fingerprint) return;
        this.served.set(key, fingerprint);
        this.queue.add(key);
    }

    private async work(key: string): Promise<Outcome> {
        const [work, name = ""] = key.split(" ") as [Work, string?];
        switch (work) {
            case "csi":
                return await reconcileCsi(this.context);
            case "cluster": {
                const cluster = await this.fresh(this.context.stores.clusters, name);
                if (!cluster) return undefined;
                const outcome = await reconcileCluster(this.context, cluster);
                if (!outcome && !cluster.metadata.deletionTimestamp) this.queue.add(`health ${name}`);
                return outcome;
            }
            case "health": {
                const cluster = await this.fresh(this.context.stores.clusters, name);
                return cluster && (await checkHealth(this.context, cluster));
            }
            case "pool": {
                const pool = await this.fresh(this.context.stores.pools, name);
                if (!pool) return undefined;
                const outcome = await reconcilePool(this.context, pool);
                if (!outcome) this.queue.add(`mirroring ${name}`);
                return outcome;
            }
            case "mirroring": {
                const pool = await this.fresh(this.context.stores.pools, name);
                return pool && (await checkMirroring(this.context, pool));
            }
            case "mirror": {
                const mirror = await this.fresh(this.context.stores.mirrors, name);
                return mirror && (await reconcileMirror(this.context, mirror));
            }
        }
    }

    private async fresh<T extends CephCluster | CephBlockPool | CephRBDMirror>(
        store: Store<T>,
        key: string,
    ): Promise<T | undefined> {
        const [namespace, name] = key.split("/") as [string, string];
        const seen = store.get(name, namespace);
        const fresh = seen && (await this.context.fresh(seen));
        if (seen && !fresh) this.options.log(`${seen.kind} ${key} is gone`);
        return fresh;
    }

    /** Logs what nothing else caught; the queue tries the work again. */
    readonly onUnexpected = (error: unknown) => this.options.log(`unexpected: ${describeError(error)}`);
}

function keyOf(object: { metadata: Metadata }): string {
    return `${object.metadata.namespace}/${object.metadata.name}`;
}
