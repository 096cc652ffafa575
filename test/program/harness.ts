/** Runs a piece of the program against Pulumi's mocks, and records what the mocks alone do not show: order and options. */
import * as pulumi from "@pulumi/pulumi";
import { createRequire } from "node:module";
import type { VolumePlan, VolumeRecord, Plan } from "../../dr/model.js";
import { parseConfig, type SiteConfig } from "../../config.js";
import type { SiteInputs } from "../../components/site.js";
import type { FlipHooks } from "../../gates/hooks.js";
import type { VolumeGates } from "../../gates/volume-gates.js";

/** A resource as it was registered. */
export interface Registered {
    readonly type: string;
    readonly name: string;
    readonly inputs: Record<string, unknown>;
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    readonly parent: string;
    readonly dependencies: readonly string[];
    /** Those of single properties, each as often as it is named. */
    readonly propertyDependencies: readonly string[];
    /** Time limit of its deletion, as `2m`; empty where it has none. */
    readonly deleteTimeout: string;
}

interface RegisterRequest {
    getType(): string;
    getName(): string;
    getProtect(): boolean;
    getRetainondelete(): boolean;
    getParent(): string;
    getDependenciesList(): string[];
    getPropertydependenciesMap(): { forEach(each: (dependencies: { getUrnsList(): string[] }) => void): void };
    getCustomtimeouts(): { getDelete(): string } | undefined;
}

interface MonitorPrototype {
    registerResource(req: RegisterRequest, callback: unknown): unknown;
}

/**
 * Runs `body` under mocks and returns what it registered, in order.
 *
 * @param preview whether the program is told that it is a preview
 * @param halfway called with what is registered when nothing more moves by itself; what it sets going is recorded too
 */
export async function record(
    body: () => Promise<unknown> | unknown,
    preview = false,
    halfway?: (registered: Registered[]) => void,
): Promise<Registered[]> {
    const inputs = new Map<string, Record<string, unknown>>();
    await pulumi.runtime.setMocks(
        {
            newResource: (args) => {
                inputs.set(args.name, args.inputs as Record<string, unknown>);
                return { id: `${args.name}-id`, state: { ...args.inputs, ...liveState(args.type, args.name) } };
            },
            call: (args) => args.inputs,
        },
        "rbd-dr",
        "cluster1",
        preview,
    );
    const requests: RegisterRequest[] = [];
    const { MockMonitor } = createRequire(import.meta.url)("@pulumi/pulumi/runtime/mocks") as {
        MockMonitor: { prototype: MonitorPrototype };
    };
    const original = MockMonitor.prototype.registerResource;
    MockMonitor.prototype.registerResource = function (this: unknown, req, callback) {
        requests.push(req);
        return original.call(this as MonitorPrototype, req, callback);
    };
    try {
        await body();
        await settle();
        if (halfway) {
            halfway(requests.map((req) => described(req, inputs)));
            await settle();
        }
    } finally {
        MockMonitor.prototype.registerResource = original;
    }
    return requests.map((req) => described(req, inputs));
}

function described(req: RegisterRequest, inputs: ReadonlyMap<string, Record<string, unknown>>): Registered {
    return {
        type: req.getType(),
        name: req.getName(),
        inputs: inputs.get(req.getName()) ?? {},
        protect: req.getProtect(),
        retainOnDelete: req.getRetainondelete(),
        parent: req.getParent(),
        dependencies: req.getDependenciesList(),
        propertyDependencies: ofProperties(req),
        deleteTimeout: req.getCustomtimeouts()?.getDelete() ?? "",
    };
}

function ofProperties(req: RegisterRequest): string[] {
    const urns: string[] = [];
    req.getPropertydependenciesMap().forEach((dependencies) => urns.push(...dependencies.getUrnsList()));
    return urns;
}

/** What a cluster would add: the parts of live objects that the program reads back. */
function liveState(type: string, name: string): Record<string, unknown> {
    if (type === "kubernetes:core/v1:Secret" && name.endsWith("bootstrap")) return { data: { token: "dG9rZW4=" } };
    if (type === "command:local:Command")
        return {
            stdout: '{"profile":"cluster1","ip":"192.0.2.10","kubeconfig":"/nowhere","kubernetesVersion":"v1.33.8"}',
        };
    return {};
}

/** Lets registrations that hang on outputs finish. */
async function settle(): Promise<void> {
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A complete raw config, as Pulumi hands it over, with changes. */
export function rawConfig(changes: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
    const base: Record<string, string | undefined> = {
        replicationState: "primary",
        peer: "cluster2",
        lostSite: "",
        teardown: "false",
        cluster: "existing",
        minikube: "{}",
        kubeconfig: "/nowhere/kubeconfig",
        context: "cluster1",
        peerKubeconfig: "",
        peerContext: "",
        manage: JSON.stringify(["ceph", "pool"]),
        rookVersion: "1.17.9",
        rookManifests: "/nowhere/rook",
        csiAddonsVersion: "0.14.0",
        csiAddonsManifests: "/nowhere/csi-addons",
        ceph: "external",
        internalCeph: "{}",
        externalCeph: JSON.stringify({
            fsid: "6e2b1c3e-1111-4222-8333-444444444444",
            monEndpoints: "a=192.0.2.1:3300",
        }),
        externalCephAdminKey: "the-admin-key",
        pool: "replicapool",
        poolReplicas: "1",
        mirrorStatusInterval: "60s",
        rbdConf: "",
        peerRbdConf: "",
        volumes: JSON.stringify([{ name: "rbd-pvc", namespace: "default", size: "1Gi" }]),
        storageClass: "rook-ceph-block",
        replicationClass: "rbd-volumereplicationclass",
        schedulingInterval: "5m",
        demoApp: "true",
        workloads: "[]",
        quiesceTimeout: "3m",
        handoverTimeout: "10m",
        resyncTimeout: "60m",
        provisionerTimeout: "10m",
        cephTimeout: "30m",
        ...changes,
    };
    return Object.fromEntries(Object.entries(base).filter((e): e is [string, string] => e[1] !== undefined));
}

/** {@link rawConfig}, parsed. */
export function siteConfig(changes: Readonly<Record<string, string | undefined>> = {}): SiteConfig {
    const id = { project: "rbd-dr", organization: "organization", stack: "cluster1" };
    return parseConfig(rawConfig(changes), id, (text) => pulumi.secret(text));
}

/** What is read of a provisioned volume. */
const seenRecord: VolumeRecord = {
    key: "default/rbd-pvc",
    image: { pool: "replicapool", image: "csi-vol-1" },
    pv: { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "pvc-1" }, spec: {} },
    pvc: { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "rbd-pvc" }, spec: {} },
};

const quietHooks: FlipHooks = {
    beforeStop: () => Promise.resolve(),
    afterStop: (_, outOfUse) => outOfUse,
    beforeStart: () => Promise.resolve(),
    afterStart: () => Promise.resolve(),
};

/** What a site is built from, with gates that are content, or with the ones given. */
export function inputs(
    of: Plan | readonly Plan[],
    options: { peerToken?: string; gates?: Partial<VolumeGates>; hooks?: FlipHooks; cephUp?: () => Promise<void> } = {},
): SiteInputs {
    return {
        groups: [of].flat().map((plan) => ({
            plan,
            beforeWorkload: () => Promise.resolve(),
            hooks: options.hooks ?? quietHooks,
            handedOver: () => Promise.resolve([]),
            gates: () => ({
                beforeClaim: () => Promise.resolve(),
                bound: true,
                record: () => Promise.resolve(seenRecord),
                beforeReplication: () => Promise.resolve(),
                afterReplication: () => Promise.resolve(),
                ...options.gates,
            }),
        })),
        peerBootstrap:
            options.peerToken === undefined
                ? undefined
                : { token: pulumi.secret(options.peerToken), pool: "replicapool" },
        cephUp: options.cephUp ?? (() => Promise.resolve()),
    };
}

/** A plan of one volume. */
export function plan(changes: Partial<Plan> = {}, volume: Partial<VolumePlan> = {}): Plan {
    return {
        kind: "plan",
        operation: "provision",
        replicationState: "primary",
        workload: "up",
        workloads: [],
        memories: {},
        notes: [],
        protect: true,
        handedOver: [],
        carried: {},
        warnings: [],
        next: [],
        volumes: [
            {
                key: "default/rbd-pvc",
                spec: { name: "rbd-pvc", namespace: "default", size: "1Gi" },
                source: "provision",
                vr: { replicationState: "primary", autoResync: false, waitFor: "promoted", term: 1 },
                summary: "",
                ...volume,
            },
        ],
        ...changes,
    };
}
