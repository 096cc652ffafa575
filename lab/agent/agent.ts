/** The site agent: keeps the processes of the host in step with the pods of the site, as a kubelet its containers. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type {
    V1ConfigMap,
    V1Node,
    V1PersistentVolume,
    V1PersistentVolumeClaim,
    V1Pod,
    V1VolumeAttachment,
} from "@kubernetes/client-node";
import { connect, describeError, type Api } from "../api/client.js";
import { Store } from "../api/store.js";
import { writePrivate } from "../../host/files.js";
import type { SiteInfo } from "../site.js";
import { abandoned, detach } from "./attachments.js";
import { knownPods, podDir } from "./pod-dir.js";
import { ATTACHMENTS_FILE, PodWorker } from "./pod-worker.js";
import { keyOf } from "./pods.js";
import type { Program } from "./program.js";
import { markReady, wronglyUnready } from "./readiness.js";
import { siteTasks, type SiteObjects, type SiteTasks } from "./tasks.js";

/** Processes are looked at this often, whatever the API server says or does not say. */
const TICK_MS = 1_000;
/** Changes that come together are served together. */
const SETTLE_MS = 50;

/** Settings of the agent. */
export interface AgentOptions {
    readonly site: SiteInfo;
    readonly programs: readonly Program[];
    /** Groups of programs that are left out. */
    readonly without: ReadonlySet<string>;
    readonly log: (message: string) => void;
}

/** Runs until `stop`; the processes it started outlive it and are adopted by the next agent. */
export class Agent {
    private readonly api: Api;
    private readonly runDir: string;
    private readonly pods: Store<V1Pod>;
    private readonly claims: Store<V1PersistentVolumeClaim>;
    private readonly volumes: Store<V1PersistentVolume>;
    private readonly attachments: Store<V1VolumeAttachment>;
    private readonly configMaps: Store<V1ConfigMap>;
    private readonly nodes: Store<V1Node>;
    private readonly workers = new Map<string, PodWorker>();
    private tick: NodeJS.Timeout | undefined;
    private soon: NodeJS.Timeout | undefined;
    private detaching: Promise<void> | undefined;

    constructor(private readonly options: AgentOptions) {
        const { kubeconfig, context } = options.site.kubernetes;
        this.api = connect(kubeconfig, context);
        this.runDir = join(options.site.dir, "run");
        const { core, storage } = this.api;
        const common = { api: this.api, log: options.log, onChange: () => this.reconcileSoon() };
        this.pods = new Store({
            ...common,
            name: "pods",
            path: "/api/v1/pods",
            list: () => core.listPodForAllNamespaces(),
        });
        this.claims = new Store({
            ...common,
            name: "persistentvolumeclaims",
            path: "/api/v1/persistentvolumeclaims",
            list: () => core.listPersistentVolumeClaimForAllNamespaces(),
        });
        this.volumes = new Store({
            ...common,
            name: "persistentvolumes",
            path: "/api/v1/persistentvolumes",
            list: () => core.listPersistentVolume(),
        });
        this.attachments = new Store({
            ...common,
            name: "volumeattachments",
            path: "/apis/storage.k8s.io/v1/volumeattachments",
            list: () => storage.listVolumeAttachment(),
        });
        this.configMaps = new Store({
            ...common,
            name: "configmaps",
            path: "/api/v1/configmaps",
            list: () => core.listConfigMapForAllNamespaces(),
        });
        this.nodes = new Store({ ...common, name: "nodes", path: "/api/v1/nodes", list: () => core.listNode() });
    }

    /** Starts watching; resolves after the first sync, which waits for the API server as long as it takes. */
    async start(): Promise<void> {
        const ready = join(this.runDir, "agent.ready");
        await rm(ready, { force: true });
        for (const store of this.stores()) store.start();
        await Promise.all(this.stores().map((store) => store.synced()));
        await this.reconcile();
        this.tick = setInterval(() => void this.reconcile().catch(this.failed), TICK_MS);
        writePrivate(ready, `${process.pid}\n`);
        this.options.log("ready");
    }

    /** Stops watching; leaves every process alone. */
    async stop(): Promise<void> {
        clearInterval(this.tick);
        clearTimeout(this.soon);
        await Promise.all(this.stores().map((store) => store.stop()));
    }

    private stores() {
        return [this.pods, this.claims, this.volumes, this.attachments, this.configMaps, this.nodes];
    }

    private readonly failed = (error: unknown) => this.options.log(`reconcile failed: ${describeError(error)}`);

    private reconcileSoon(): void {
        if (!this.tick || this.soon) return;
        this.soon = setTimeout(() => {
            this.soon = undefined;
            void this.reconcile().catch(this.failed);
        }, SETTLE_MS);
    }

    private objects(): SiteObjects {
        return {
            pods: this.pods.list(),
            claims: this.claims.list(),
            volumes: this.volumes.list(),
            attachments: this.attachments.list(),
            configMap: (namespace, name) => this.configMaps.get(name, namespace),
        };
    }

    private async reconcile(): Promise<void> {
        const tasks = siteTasks(this.objects(), { ...this.options, api: this.api });
        const known = await knownPods(this.runDir);
        const keys = new Set([...tasks.pods.keys(), ...known.map((pod) => `${pod.namespace}/${pod.name}`)]);
        for (const key of keys) this.worker(key).want(tasks.pods.get(key));
        await this.detachAbandoned(tasks);
        await this.markReady();
    }

    private async markReady(): Promise<void> {
        for (const pod of wronglyUnready(this.pods.list(), this.nodes.list())) {
            await markReady(this.api, pod);
            this.options.log(`${keyOf(pod)}: ready again, as its node is`);
        }
    }

    private worker(key: string): PodWorker {
        const known = this.workers.get(key);
        if (known) return known;
        const [namespace = "", name = ""] = key.split("/");
        const worker = new PodWorker(this.runDir, { namespace, name }, this.options.log, () => undefined);
        this.workers.set(key, worker);
        return worker;
    }

    /** A VolumeAttachment goes when no pod wants it and no folder says that its writer may still be running. */
    private async detachAbandoned(tasks: SiteTasks): Promise<void> {
        if (this.detaching) return;
        const inUse = new Set(tasks.attachments);
        for (const pod of await knownPods(this.runDir)) {
            const file = join(podDir(this.runDir, pod).dir, ATTACHMENTS_FILE);
            const names = await readFile(file, "utf8").catch(() => "[]");
            for (const name of JSON.parse(names) as string[]) inUse.add(name);
        }
        const gone = abandoned(this.attachments.list(), this.options.site.node, inUse);
        this.detaching = Promise.all(
            gone.map(async (name) => {
                await detach(this.api, name);
                this.options.log(`${name}: detached`);
            }),
        )
            .then(() => undefined)
            .catch(this.failed)
            .finally(() => (this.detaching = undefined));
    }
}
