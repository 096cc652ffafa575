/** Builds one site from what was decided: the order here is the order in which things are trusted. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SiteConfig } from "../config.js";
import { operatorFlags, operatorManifests, sidecarSettings } from "../dr/operator-flags.js";
import { poolMapping, type PoolIds } from "../dr/pool-mapping.js";
import type { Plan } from "../dr/model.js";
import type { MinikubeSettings } from "../minikube/config.js";
import { loadManifests } from "../observe/manifests.js";
import { diskSettings } from "../ceph/cluster.js";
import { BlockStorageClass } from "./block-storage-class.js";
import { CephStorage } from "./ceph-storage.js";
import { CsiAddons } from "./csi-addons.js";
import { buildGroup, type BuiltGroup, type GroupInputs, type Namespaces } from "./group.js";
import { oneFieldManager } from "./field-manager.js";
import { boundedDeletion } from "./bounded-deletion.js";
import { MinikubeCluster } from "./minikube-cluster.js";
import { MirrorPeer } from "./mirror-peer.js";
import { ClientProfileMapping } from "./pool-mapping.js";
import { ReplicationClass } from "./replication-class.js";
import { RookOperator } from "./rook-operator.js";

/** What a site is built from, besides its config. */
export interface SiteInputs {
    readonly groups: readonly GroupInputs[];
    /** The peer's bootstrap token, once its stack exports one. */
    readonly peerBootstrap?: { readonly token: pulumi.Input<string>; readonly pool: string };
    /** Ids of the pool on both sites, as far as they are known. */
    readonly poolIds?: Pick<PoolIds, "local" | "remote">;
    /** What must hold before the pool is made on an internal Ceph cluster. */
    readonly cephUp: () => Promise<void>;
}

/** What a site's build gives to the stack's outputs. */
export interface BuiltSite extends BuiltGroup {
    readonly bootstrap?: { readonly token: pulumi.Output<string>; readonly pool: string };
}

/** Registers everything of a site. */
export async function buildSite(config: SiteConfig, inputs: SiteInputs): Promise<BuiltSite> {
    const plans = inputs.groups.map(({ plan }) => plan);
    const cluster = config.minikube && buildCluster(config.minikube, plans, config.intent.teardown);
    const provider = new k8s.Provider("cluster", {
        kubeconfig: cluster?.kubeconfig ?? config.access.kubeconfig,
        context: cluster?.context ?? config.access.context,
        // A plain string: a new version of Kubernetes in the same cluster must not replace everything in it.
        clusterIdentifier: config.access.context,
        enableConfigMapMutable: true,
        enableSecretMutable: true,
        // The provider's own limit, 50 requests a second, is what hundreds of volumes would wait for: an operation takes five (4.18.1: get, apply,
        // get, and a list and a watch of events). With no limit it would, as the administrator that it mostly is, take from the API
        // server what the controllers need to keep their leases.
        kubeClientSettings: { qps: 100, burst: 200 },
        // A run that was killed may have made an object and not recorded it: the next run takes it over.
        upsertExistingObjects: true,
    });
    const opts = { providers: { kubernetes: provider }, transformations: [oneFieldManager, boundedDeletion] };
    const operators = await installOperators(config, opts);
    const ceph = config.manage.has("pool") ? buildCeph(config, inputs, { ...opts, dependsOn: operators }) : undefined;
    mapPools(config, inputs, { ...opts, dependsOn: operators });
    // Adopted claims have a class already, which is not this program's to set or to take away.
    const storageClass = plans.flatMap((plan) => plan.volumes).every((v) => v.spec.adopt)
        ? []
        : [
              new BlockStorageClass(
                  "storage",
                  { storageClass: config.storageClass, pool: config.pool.name },
                  { ...opts, dependsOn: [...operators, ...(ceph?.ready ?? [])] },
              ).storageClass,
          ];
    const replicationClass = new ReplicationClass(
        "replication",
        { replicationClass: config.replicationClass, schedulingInterval: config.intent.schedulingInterval },
        { ...opts, dependsOn: operators },
    );
    const base = {
        ...opts,
        dependsOn: [...storageClass, replicationClass.replicationClass, ...(ceph?.ready ?? [])],
    };
    const namespaces = buildNamespaces(plans, base);
    const built = inputs.groups.map((group) => buildGroup(config, group, namespaces, base));
    return {
        records: Object.assign({}, ...built.map((group) => group.records)) as BuiltSite["records"],
        started: pulumi.all(built.map((group) => group.started)).apply(() => undefined),
        bootstrap: ceph && { token: ceph.bootstrapToken, pool: config.pool.name },
    };
}

/** The site's minikube cluster; what stands on it waits for it. */
function buildCluster(settings: MinikubeSettings, plans: readonly Plan[], teardown: boolean): MinikubeCluster {
    const holdsPrimary = plans.some((plan) => plan.replicationState === "primary") && !teardown;
    return new MinikubeCluster("cluster", { settings, protect: plans.some((plan) => plan.protect), holdsPrimary });
}

/** Rook and csi-addons, as far as this program is to install them. */
async function installOperators(config: SiteConfig, opts: pulumi.ComponentResourceOptions): Promise<pulumi.Resource[]> {
    const ready: pulumi.Resource[] = [];
    const { operatorConfig, settings: flags } = operatorFlags(
        config.rook.version,
        config.rook.csiOperator !== undefined,
    );
    const sidecar = config.manage.has("csi-addons")
        ? sidecarSettings(config.rook.version, config.csiAddons.version)
        : {};
    const settings = { ...flags, ...sidecar, ...diskSettings(config.internalCeph) };
    if (config.manage.has("rook")) {
        const files = operatorManifests(config.rook.version);
        const manifests = await loadManifests(config.rook.manifests, files, "rookManifests");
        ready.push(...new RookOperator("rook", { manifests, settings, operatorConfig }, opts).ready);
    } else if (config.manage.has("flags")) {
        ready.push(...new RookOperator("rook", { settings, operatorConfig }, opts).ready);
    }
    if (config.manage.has("csi-addons")) {
        const files = ["crds.yaml", "rbac.yaml", "setup-controller.yaml"];
        const manifests = await loadManifests(config.csiAddons.manifests, files, "csiAddonsManifests");
        ready.push(...new CsiAddons("csi-addons", { manifests, version: config.csiAddons.version }, opts).ready);
    }
    return ready;
}

function buildCeph(config: SiteConfig, inputs: SiteInputs, opts: pulumi.ComponentResourceOptions): CephStorage {
    const peer =
        inputs.peerBootstrap && new MirrorPeer("peer", { site: config.intent.peer, ...inputs.peerBootstrap }, opts);
    return new CephStorage(
        "ceph",
        {
            manageCluster: config.manage.has("ceph"),
            internal: config.internalCeph,
            cephUp: inputs.cephUp,
            external: config.externalCeph,
            adminKey: config.externalCephAdminKey,
            pool: config.pool.name,
            replicas: config.pool.replicas,
            mirrorStatusInterval: config.pool.mirrorStatusInterval,
            peerSecret: peer?.secretName,
        },
        opts,
    );
}

/** The driver must know the other site's pool by its id there, before it is asked for a volume from there. */
function mapPools(config: SiteConfig, { poolIds }: SiteInputs, opts: pulumi.ComponentResourceOptions): void {
    const { csiOperator } = operatorFlags(config.rook.version, config.rook.csiOperator !== undefined);
    const mapping = poolMapping({ ...poolIds, csiOperator });
    if (mapping !== undefined && config.manage.has("pool"))
        new ClientProfileMapping("pools", { mapping, apiVersion: config.rook.csiOperator ?? "csi.ceph.io/v1" }, opts);
}

/** Namespaces of the volumes. They stay when the stack is destroyed: other things may live in them. */
function buildNamespaces(
    plans: readonly Plan[],
    opts: pulumi.ComponentResourceOptions & { providers?: unknown },
): Namespaces {
    const made = plans.flatMap((plan) => plan.volumes).filter((v) => v.source !== "adopt");
    const names = new Set(made.map((v) => v.spec.namespace));
    names.delete("default");
    const provider = (opts.providers as { kubernetes: pulumi.ProviderResource }).kubernetes;
    const { transformations } = opts;
    return new Map(
        [...names].map((name) => [
            name,
            new k8s.core.v1.Namespace(
                `namespace-${name}`,
                { metadata: { name } },
                { provider, retainOnDelete: true, transformations },
            ),
        ]),
    );
}
