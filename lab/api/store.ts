/** A watched copy of one kind of object that outlives restarts, freezes and missing CRDs of its API server. */
import { makeInformer, type Informer, type KubernetesObject, type ObjectCache } from "@kubernetes/client-node";
import { describeError, httpStatus, type Api } from "./client.js";

/** Anything with a name; Rook's objects are typed by the lab, not by the client library. */
export interface Named {
    readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** What a store watches. */
export interface StoreOptions<T extends Named> {
    /** For messages, for example `pods`. */
    readonly name: string;
    readonly api: Api;
    /** Path of the collection, for example `/api/v1/pods`. */
    readonly path: string;
    readonly list: () => Promise<{ metadata?: { resourceVersion?: string }; items: readonly T[] }>;
    /** Called after every change, and after each list. */
    readonly onChange: () => void;
    readonly log: (message: string) => void;
    /** Pause before a failed list or watch is tried again. */
    readonly retryMs?: number;
}

/** Keeps the last known objects; while the server is away they stay as they were, as a kubelet's do. */
export class Store<T extends Named> {
    private readonly informer: Informer<KubernetesObject> & ObjectCache<KubernetesObject>;
    private retry: NodeJS.Timeout | undefined;
    private stopped = false;
    private trouble = "";
    private listed = false;
    private readonly waiting: (() => void)[] = [];

    constructor(private readonly options: StoreOptions<T>) {
        const list = async () => {
            const result = await options.list();
            // The informer takes the items over before the next turn of the event loop.
            setImmediate(() => this.onListed());
            return result as never;
        };
        this.informer = makeInformer(options.api.kubeConfig, options.path, list);
        for (const verb of ["add", "update", "delete"] as const) this.informer.on(verb, () => options.onChange());
        this.informer.on("error", (error: unknown) => this.onError(error));
    }

    /** Starts listing and watching, and keeps trying until `stop`. */
    start(): void {
        void this.informer.start().catch((error: unknown) => this.onError(error));
    }

    /** Resolves after the first complete list. */
    synced(): Promise<void> {
        return this.listed ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
    }

    /** True once a complete list has been seen. */
    get isSynced(): boolean {
        return this.listed;
    }

    list(): readonly T[] {
        return this.informer.list() as readonly Named[] as readonly T[];
    }

    get(name: string, namespace?: string): T | undefined {
        return this.informer.get(name, namespace) as Named as T | undefined;
    }

    async stop(): Promise<void> {
        this.stopped = true;
        clearTimeout(this.retry);
        await this.informer.stop();
    }

    private onListed(): void {
        if (this.trouble) this.options.log(`${this.options.name}: watching again`);
        this.trouble = "";
        this.listed = true;
        for (const resolve of this.waiting.splice(0)) resolve();
        this.options.onChange();
    }

    private onError(error: unknown): void {
        if (this.stopped) return;
        const trouble = httpStatus(error) === 404 ? "not served (yet)" : describeError(error);
        if (trouble !== this.trouble) this.options.log(`${this.options.name}: ${trouble}; trying again`);
        this.trouble = trouble;
        clearTimeout(this.retry);
        this.retry = setTimeout(() => this.start(), this.options.retryMs ?? 1000);
    }
}
