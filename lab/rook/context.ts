/** What the stand-in's reconcilers share: the API, the last seen objects, and the way to Ceph. */
import { join } from "node:path";
import type { V1ConfigMap, V1OwnerReference, V1Secret } from "@kubernetes/client-node";
import { apply, describeError, found, httpStatus, mergePatch, type Api } from "../api/client.js";
import type { Store } from "../api/store.js";
import { CephCli, monHostOf } from "./ceph-cli.js";
import { MON_ENDPOINTS, MON_SECRET, connectionOf } from "./shapes/cluster.js";
import { GROUP, VERSION, type CephBlockPool, type CephCluster, type CephRBDMirror, type Metadata } from "./types.js";

/** Who owns the fields that the stand-in applies. */
export const FIELD_MANAGER = "rook";

/** Plural names of the kinds that the stand-in reconciles. */
export const PLURALS = {
    CephCluster: "cephclusters",
    CephBlockPool: "cephblockpools",
    CephRBDMirror: "cephrbdmirrors",
} as const;

type Kind = keyof typeof PLURALS;

interface RookObject {
    readonly apiVersion: string;
    readonly kind: Kind;
    readonly metadata: Metadata;
    readonly status?: object;
}

/** Settings and shared state of the operator. */
export class Context {
    private readonly events = new Map<string, string>();

    constructor(
        readonly api: Api,
        readonly stores: {
            readonly clusters: Store<CephCluster>;
            readonly pools: Store<CephBlockPool>;
            readonly mirrors: Store<CephRBDMirror>;
        },
        /** Private folder for connections and tokens. */
        readonly workDir: string,
        /** Namespace of the operator's pod, where its ConfigMaps are. */
        readonly operatorNamespace: string,
        /** Name of the operator's pod; empty when it runs by hand. */
        readonly podName: string,
        readonly log: (message: string) => void,
    ) {}

    async configMap(namespace: string, name: string): Promise<V1ConfigMap | undefined> {
        return await found(this.api.core.readNamespacedConfigMap({ namespace, name }));
    }

    async secret(namespace: string, name: string): Promise<V1Secret | undefined> {
        return await found(this.api.core.readNamespacedSecret({ namespace, name }));
    }

    async apply(manifest: Parameters<typeof apply>[1]): Promise<void> {
        await apply(this.api, manifest, FIELD_MANAGER);
    }

    /**
     * The way to the Ceph cluster that the user has handed over.
     * @returns what is still missing, as text, until everything is there
     */
    async ceph(namespace: string): Promise<CephCli | string> {
        const secret = await this.secret(namespace, MON_SECRET);
        const connection = connectionOf(namespace, secret, await this.configMap(namespace, MON_ENDPOINTS));
        if ("missing" in connection) return connection.missing;
        const { monitors, ...rest } = connection;
        return new CephCli(join(this.workDir, "ceph", namespace), { ...rest, monHost: monHostOf(monitors) });
    }

    /** The namespace's CephCluster when it answers: other objects wait until then, as with Rook. */
    readyCluster(namespace: string): CephCluster | undefined {
        const cluster = this.stores.clusters.list().find((known) => known.metadata.namespace === namespace);
        const health = cluster?.status?.ceph?.health;
        return health === "HEALTH_OK" || health === "HEALTH_WARN" ? cluster : undefined;
    }

    /** The object as the API server has it now; undefined when it is gone. */
    async fresh<T extends RookObject>(object: T): Promise<T | undefined> {
        const { namespace, name } = object.metadata;
        const plural = PLURALS[object.kind];
        const request = { group: GROUP, version: VERSION, namespace, plural, name };
        return (await found(this.api.custom.getNamespacedCustomObject(request))) as T | undefined;
    }

    /** Replaces an object's status by a function of the newest one; tried again when somebody else was faster. */
    async updateStatus<T extends RookObject>(object: T, change: (fresh: T) => object): Promise<void> {
        const { namespace, name } = object.metadata;
        const plural = PLURALS[object.kind];
        for (let attempt = 0; ; attempt++) {
            const fresh = await this.fresh(object);
            if (!fresh) return;
            const status = change(fresh);
            if (JSON.stringify(status) === JSON.stringify(fresh.status)) return;
            try {
                const request = { group: GROUP, version: VERSION, namespace, plural, name, body: { ...fresh, status } };
                await this.api.custom.replaceNamespacedCustomObjectStatus(request);
                return;
            } catch (error) {
                if (httpStatus(error) !== 409 || attempt >= 4) throw error;
            }
        }
    }

    /** Adds Rook's finalizer; the object's next change brings its next reconcile. @returns whether it was missing */
    async addFinalizer(object: RookObject): Promise<boolean> {
        const finalizer = finalizerOf(object.kind);
        const finalizers = object.metadata.finalizers ?? [];
        if (finalizers.includes(finalizer)) return false;
        await this.patchFinalizers(object, [...finalizers, finalizer]);
        return true;
    }

    async removeFinalizer(object: RookObject): Promise<void> {
        const finalizer = finalizerOf(object.kind);
        const fresh = await this.fresh(object);
        const finalizers = fresh?.metadata.finalizers ?? [];
        if (!finalizers.includes(finalizer)) return;
        await this.patchFinalizers(
            fresh ?? object,
            finalizers.filter((other) => other !== finalizer),
        );
    }

    private async patchFinalizers(object: RookObject, finalizers: readonly string[]): Promise<void> {
        const { namespace, name, resourceVersion } = object.metadata;
        const body = { metadata: { finalizers, resourceVersion } };
        const plural = PLURALS[object.kind];
        const request = { group: GROUP, version: VERSION, namespace, plural, name, body };
        await found(this.api.custom.patchNamespacedCustomObject(request, mergePatch));
    }

    /** Writes an event on an object, unless it is the one that was written last: an event of every retry helps nobody. */
    async event(object: RookObject, type: "Normal" | "Warning", reason: string, message: string): Promise<void> {
        const { namespace, name, uid } = object.metadata;
        const key = `${object.kind}/${namespace}/${name}`;
        if (this.events.get(key) === `${reason} ${message}`) return;
        this.events.set(key, `${reason} ${message}`);
        const now = new Date();
        const body = {
            metadata: { generateName: `${name}.`, namespace },
            involvedObject: { apiVersion: `${GROUP}/${VERSION}`, kind: object.kind, namespace, name, uid },
            type,
            reason,
            message: message.slice(0, 1000),
            firstTimestamp: now,
            lastTimestamp: now,
            count: 1,
            source: { component: "rook-ceph-operator" },
        };
        await this.api.core
            .createNamespacedEvent({ namespace, body })
            .catch((error: unknown) => this.log(`cannot write an event on ${key}: ${describeError(error)}`));
    }

    /** Owner reference to the operator's Deployment: what is made for all clusters goes when the operator goes. */
    async operatorReference(): Promise<V1OwnerReference | undefined> {
        const namespace = this.operatorNamespace;
        if (!this.podName) return undefined;
        const pod = await found(this.api.core.readNamespacedPod({ namespace, name: this.podName }));
        const set = pod?.metadata?.ownerReferences?.find((owner) => owner.kind === "ReplicaSet");
        if (!set) return undefined;
        const replicaSet = await found(this.api.apps.readNamespacedReplicaSet({ namespace, name: set.name }));
        const owner = replicaSet?.metadata?.ownerReferences?.find((reference) => reference.kind === "Deployment");
        return owner && { ...owner, blockOwnerDeletion: false };
    }
}

/** Name of the finalizer that Rook puts on its objects. */
export function finalizerOf(kind: Kind): string {
    return `${kind.toLowerCase()}.${GROUP}`;
}

/** Time as Rook writes it: whole seconds, UTC. */
export function timestamp(): string {
    return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}
