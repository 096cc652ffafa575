/**
 * The only reader of the stack's config: turns the strings that Pulumi hands over into one typed, checked object.
 * Everything wrong is collected and said at once, with the key, the value and the fix, before anything is touched.
 * The command line reads config here, too, and does without Pulumi's SDK: only its types are imported.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { SiteIntent } from "./dr/model.js";
import type { WorkloadSpec } from "./dr/workloads/types.js";
import type { InternalCeph } from "./ceph/settings.js";
import { combinations, explain, unknownKey, type StackIdentity } from "./config-problems.js";
import { CONFIG_KEYS, schema, type CheckedConfig, type Manageable } from "./config-schema.js";
import { splitVolumes, workloadSpecs, type Hooks } from "./config-volumes.js";
import { minikubeSettings, type MinikubeSettings } from "./minikube/config.js";

/** How to reach a Kubernetes cluster. */
export interface ClusterAccess {
    /** Path of the kubeconfig file; undefined means the usual lookup ($KUBECONFIG, then ~/.kube/config). */
    readonly kubeconfig?: string;
    readonly context: string;
}

/** The external Ceph cluster that Rook is to use. */
export interface ExternalCeph {
    readonly fsid: string;
    /** Rook's form: `a=10.0.0.1:3300[,b=...]`. */
    readonly monEndpoints: string;
}

/** Makes a secret of a text. Only the program has secrets, and only there is there anything that keeps them. */
export type MakeSecret = (text: string) => pulumi.Output<string>;

/** A stack's whole config, checked. */
export interface SiteConfig {
    readonly project: string;
    readonly organization: string;
    readonly intent: SiteIntent;
    readonly access: ClusterAccess;
    /** How this site's cluster is made; undefined where it exists already. */
    readonly minikube?: MinikubeSettings;
    /** Undefined where config leaves it to the peer stack's outputs. */
    readonly peerAccess?: ClusterAccess;
    readonly manage: ReadonlySet<Manageable>;
    readonly rook: {
        readonly version: string;
        readonly manifests: string;
        /** The ceph-csi operator's API (`csi.ceph.io/v1`), where it was found to run the driver. */
        readonly csiOperator?: string;
    };
    readonly csiAddons: { readonly version: string; readonly manifests: string };
    /** The Ceph cluster that Rook runs on this site's nodes; undefined where Ceph is outside. */
    readonly internalCeph?: InternalCeph;
    readonly externalCeph?: ExternalCeph;
    /** Secret; undefined when Rook's import script has already stored it, and outside of the program. */
    readonly externalCephAdminKey?: pulumi.Output<string>;
    readonly pool: { readonly name: string; readonly replicas: number; readonly mirrorStatusInterval: string };
    readonly rbdConf?: string;
    readonly peerRbdConf?: string;
    readonly storageClass: string;
    readonly replicationClass: string;
    readonly demoApp: boolean;
    /** Workloads that config names or selects; those that run on adopted claims are found besides. */
    readonly workloads: readonly WorkloadSpec[];
    readonly hooks: Hooks;
    readonly timeouts: {
        /** Seconds, all of them. */
        readonly quiesce: number;
        readonly handover: number;
        readonly resync: number;
        readonly provisioner: number;
        /** How long to wait for the peer's handover before a promotion; 0: not at all. */
        readonly peerHandover: number;
        readonly ceph: number;
    };
}

/**
 * Checks a stack's raw config.
 *
 * @param raw keys without the project's prefix, values as Pulumi hands them over (strings, JSON for lists and objects)
 * @param id the stack this config belongs to
 * @param secret what becomes of secret values; without it they are checked and left out, so that what cannot keep a secret
 *   has none to print by accident
 * @throws Error with every problem found, each with key, value and fix
 */
export function parseConfig(raw: Readonly<Record<string, string>>, id: StackIdentity, secret?: MakeSecret): SiteConfig {
    const problems: string[] = [];
    for (const key of Object.keys(raw).filter((k) => !CONFIG_KEYS.includes(k))) problems.push(unknownKey(key, id));
    const known = Object.fromEntries(Object.entries(raw).filter(([k]) => CONFIG_KEYS.includes(k)));
    const parsed = schema.safeParse(known);
    if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => explain(issue, known, id)));
    const c = parsed.data;
    const minikube =
        c?.cluster === "minikube" ? minikubeSettings(c.minikube, id.stack, c.peer, c.kubeconfig) : undefined;
    if (c !== undefined) problems.push(...combinations(c, id, minikube));
    if (c === undefined || problems.length > 0)
        throw new Error(
            `The config of stack ${id.stack} cannot be used:\n${problems.map((p) => `  - ${p}`).join("\n")}`,
        );
    const external = "fsid" in c.externalCeph ? (c.externalCeph as ExternalCeph) : undefined;
    return {
        project: id.project,
        organization: id.organization,
        intent: {
            site: id.stack,
            peer: c.peer,
            replicationState: c.replicationState,
            ...volumesOfGroups(c),
            groups: Object.entries(c.groups).map(([name, group]) => ({
                name,
                replicationState: group.replicationState ?? c.replicationState,
            })),
            release: c.release,
            setRetain: c.setRetain,
            demoApp: c.demoApp,
            lostSite: c.lostSite,
            teardown: c.teardown,
            schedulingInterval: c.schedulingInterval,
            replicationClass: c.replicationClass,
            storageClass: c.storageClass,
        },
        // `combinations` has seen to it that there is one or the other.
        access: { kubeconfig: c.kubeconfig, context: minikube?.profile ?? c.context! },
        minikube,
        peerAccess:
            c.peerContext === undefined
                ? undefined
                : { kubeconfig: c.peerKubeconfig ?? c.kubeconfig, context: c.peerContext },
        manage: new Set(c.manage),
        rook: manifests(c.rookVersion, c.rookManifests),
        csiAddons: manifests(c.csiAddonsVersion, c.csiAddonsManifests),
        internalCeph: c.ceph === "internal" ? c.internalCeph : undefined,
        externalCeph: external,
        externalCephAdminKey: c.externalCephAdminKey === undefined ? undefined : secret?.(c.externalCephAdminKey),
        pool: { name: c.pool, replicas: c.poolReplicas, mirrorStatusInterval: c.mirrorStatusInterval },
        rbdConf: c.rbdConf,
        peerRbdConf: c.peerRbdConf,
        storageClass: c.storageClass,
        replicationClass: c.replicationClass,
        demoApp: c.demoApp,
        workloads: [
            ...workloadSpecs(c.workloads),
            ...Object.entries(c.groups).flatMap(([group, { workloads }]) => workloadSpecs(workloads, group)),
        ],
        hooks: c.hooks,
        timeouts: {
            quiesce: c.quiesceTimeout,
            handover: c.handoverTimeout,
            resync: c.resyncTimeout,
            provisioner: c.provisionerTimeout,
            peerHandover: c.handoverWait,
            ceph: c.cephTimeout,
        },
    };
}

/** Volumes of all groups, those to be made and those to be adopted. */
function volumesOfGroups(c: CheckedConfig): Pick<SiteIntent, "volumes" | "adopt"> {
    const parts = [
        splitVolumes(c.volumes),
        ...Object.entries(c.groups).map(([group, { volumes }]) => splitVolumes(volumes, group)),
    ];
    return { volumes: parts.flatMap((part) => part.volumes), adopt: parts.flatMap((part) => part.adopt) };
}

function manifests(version: string, base: string): { version: string; manifests: string } {
    const bare = version.replace(/^v/, "");
    return { version: bare, manifests: base.replaceAll("{version}", bare).replace(/\/$/, "") };
}
