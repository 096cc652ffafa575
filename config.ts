/**
 * The only reader of the stack's config: turns the strings that Pulumi hands over into one typed, checked object.
 * Everything wrong is collected and said at once, with the key, the value and the fix, before anything is touched.
 */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { SiteIntent, VolumeSpec } from "./dr/model.js";
import { parseQuantity } from "./dr/quantity.js";
import { internalCephConfig, type InternalCeph } from "./ceph/settings.js";
import { minikubeConfig, minikubeSettings, type MinikubeSettings } from "./minikube/config.js";

/** Parts of a cluster that the program may install and own (config key `manage`). */
export const MANAGEABLE = ["rook", "flags", "csi-addons", "ceph", "pool"] as const;
export type Manageable = (typeof MANAGEABLE)[number];

/** How to reach a Kubernetes cluster. */
export interface ClusterAccess {
    /** Path of the kubeconfig file; undefined means the usual lookup ($KUBECONFIG, then ~/.kube/config). */
    readonly kubeconfig?: string;
    readonly context: string;
}

/** A workload of the user's own that stops before a demotion and starts after a promotion. */
export interface WorkloadSpec {
    readonly kind: "Deployment" | "StatefulSet";
    readonly namespace: string;
    readonly name: string;
    /** Replicas while this site is primary. */
    readonly replicas: number;
}

/** The external Ceph cluster that Rook is to use. */
export interface ExternalCeph {
    readonly fsid: string;
    /** Rook's form: `a=10.0.0.1:3300[,b=...]`. */
    readonly monEndpoints: string;
}

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
    /** Secret; undefined when Rook's import script has already stored it. */
    readonly externalCephAdminKey?: pulumi.Output<string>;
    readonly pool: { readonly name: string; readonly replicas: number; readonly mirrorStatusInterval: string };
    readonly rbdConf?: string;
    readonly peerRbdConf?: string;
    readonly storageClass: string;
    readonly replicationClass: string;
    readonly demoApp: boolean;
    readonly workloads: readonly WorkloadSpec[];
    readonly timeouts: {
        /** Seconds, all of them. */
        readonly quiesce: number;
        readonly handover: number;
        readonly resync: number;
        readonly provisioner: number;
        readonly ceph: number;
    };
}

const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dnsName = z
    .string()
    .max(63, "Kubernetes names have at most 63 characters")
    .regex(
        DNS_NAME,
        "Kubernetes names are lower case letters, digits and `-`, and start and end with a letter or digit",
    );
const optionalText = z.string().transform((s) => (s === "" ? undefined : s));
const seconds = z
    .string()
    .regex(/^\d+[smh]$/, "give a duration such as 90s, 10m or 1h")
    .transform((s) => Number.parseInt(s, 10) * { s: 1, m: 60, h: 3600 }[s.at(-1) as "s" | "m" | "h"]);
const flag = z.enum(["true", "false"], "give true or false").transform((s) => s === "true");

/** A value that Pulumi hands over as JSON text. */
function json<T extends z.ZodType>(inner: T) {
    return z
        .string()
        .transform((text, ctx) => {
            try {
                return JSON.parse(text) as unknown;
            } catch {
                ctx.addIssue({ code: "custom", message: "is not a list or object; see `pulumi config set --path`" });
                return z.NEVER;
            }
        })
        .pipe(inner);
}

const size = z.string().superRefine((text, ctx) => {
    try {
        if (parseQuantity(text) < 1024 * 1024) ctx.addIssue({ code: "custom", message: "a volume has at least 1Mi" });
    } catch (error) {
        ctx.addIssue({ code: "custom", message: `${(error as Error).message}; give a size such as 1Gi` });
    }
});

const schema = z.strictObject({
    replicationState: z.enum(["primary", "secondary", "resync"], "give primary, secondary or resync"),
    peer: dnsName,
    lostSite: optionalText,
    teardown: flag,
    cluster: z.enum(["existing", "minikube"], "give existing or minikube"),
    // These three have their defaults here too: a project file from before they were there goes on working.
    minikube: json(minikubeConfig()).prefault("{}"),
    kubeconfig: optionalText,
    context: optionalText,
    peerKubeconfig: optionalText,
    peerContext: optionalText,
    manage: json(z.array(z.enum(MANAGEABLE, `give some of ${MANAGEABLE.join(", ")}`))),
    rookVersion: z.string().regex(/^v?\d+\.\d+\.\d+$/, "give a version such as 1.17.9"),
    rookManifests: z.string().min(1),
    csiAddonsVersion: z.string().regex(/^v?\d+\.\d+\.\d+$/, "give a version such as 0.14.0"),
    csiAddonsManifests: z.string().min(1),
    ceph: z.enum(["external", "internal"], "give external or internal"),
    internalCeph: json(internalCephConfig).prefault("{}"),
    externalCeph: json(
        z.union([
            z.strictObject({}),
            z.strictObject({
                fsid: z.guid("give the fsid that `ceph fsid` prints"),
                monEndpoints: z
                    .string()
                    .regex(
                        /^[a-z0-9-]+=[^,=\s]+:\d+(,[a-z0-9-]+=[^,=\s]+:\d+)*$/,
                        "give name=address:port, as a=10.0.0.1:3300",
                    ),
            }),
        ]),
    ),
    externalCephAdminKey: optionalText,
    pool: dnsName,
    poolReplicas: z.coerce.number("give a number").int().min(1).max(10),
    mirrorStatusInterval: z.string().regex(/^\d+[smh]$/, "give a duration such as 60s"),
    rbdConf: optionalText,
    peerRbdConf: optionalText,
    volumes: json(
        z
            .array(z.strictObject({ name: dnsName, namespace: dnsName.default("default"), size }))
            .min(1, "give at least one volume")
            .superRefine((list, ctx) => {
                const keys = list.map((v) => `${v.namespace}/${v.name}`);
                for (const twice of new Set(keys.filter((k, i) => keys.indexOf(k) !== i)))
                    ctx.addIssue({ code: "custom", message: `${twice} is named twice; name each PVC once` });
            }),
    ),
    storageClass: dnsName,
    replicationClass: dnsName,
    schedulingInterval: z
        .string()
        .regex(/^[1-9]\d*[mhd]$/, "give minutes, hours or days, such as 5m (ceph-csi takes no seconds)"),
    demoApp: flag,
    workloads: json(
        z.array(
            z.strictObject({
                kind: z.enum(["Deployment", "StatefulSet"], "give Deployment or StatefulSet"),
                namespace: dnsName.default("default"),
                name: dnsName,
                replicas: z.number().int().min(1),
            }),
        ),
    ),
    quiesceTimeout: seconds,
    handoverTimeout: seconds,
    resyncTimeout: seconds,
    provisionerTimeout: seconds,
    cephTimeout: seconds.prefault("30m"),
});

/** Keys that the program knows; config keys outside this list are refused. */
export const CONFIG_KEYS: readonly string[] = Object.keys(schema.shape);

const SECRET_KEYS = new Set(["externalCephAdminKey"]);

/** What Pulumi knows of the stack besides its config. */
export interface StackIdentity {
    readonly project: string;
    readonly organization: string;
    readonly stack: string;
}

/**
 * Checks a stack's raw config.
 *
 * @param raw keys without the project's prefix, values as Pulumi hands them over (strings, JSON for lists and objects)
 * @param id the stack this config belongs to
 * @throws Error with every problem found, each with key, value and fix
 */
export function parseConfig(raw: Readonly<Record<string, string>>, id: StackIdentity): SiteConfig {
    const problems: string[] = [];
    for (const key of Object.keys(raw).filter((k) => !CONFIG_KEYS.includes(k)))
        problems.push(
            `${id.project}:${key} is not a key of this program${nearest(key)}. Remove it: pulumi config rm ${key} -s ${id.stack}`,
        );
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
            volumes: c.volumes as VolumeSpec[],
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
        externalCephAdminKey: c.externalCephAdminKey === undefined ? undefined : pulumi.secret(c.externalCephAdminKey),
        pool: { name: c.pool, replicas: c.poolReplicas, mirrorStatusInterval: c.mirrorStatusInterval },
        rbdConf: c.rbdConf,
        peerRbdConf: c.peerRbdConf,
        storageClass: c.storageClass,
        replicationClass: c.replicationClass,
        demoApp: c.demoApp,
        workloads: c.workloads,
        timeouts: {
            quiesce: c.quiesceTimeout,
            handover: c.handoverTimeout,
            resync: c.resyncTimeout,
            provisioner: c.provisionerTimeout,
            ceph: c.cephTimeout,
        },
    };
}

/** Reads and checks the config of the stack that is running. Errors as {@link parseConfig}. */
export function loadConfig(): SiteConfig {
    const project = pulumi.getProject();
    const prefix = `${project}:`;
    const raw = Object.fromEntries(
        Object.entries(pulumi.runtime.allConfig())
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, value]) => [key.slice(prefix.length), value]),
    );
    return parseConfig(raw, { project, organization: pulumi.getOrganization(), stack: pulumi.getStack() });
}

/** Rules between keys. */
function combinations(c: z.infer<typeof schema>, id: StackIdentity, minikube?: MinikubeSettings): string[] {
    const problems: string[] = [];
    if (minikube === undefined && c.context === undefined)
        problems.push(
            `${id.project}:context is not set. Give the kubeconfig context of this site's cluster: pulumi config set context NAME -s ${id.stack}. ` +
                `For a cluster that this program makes: pulumi config set cluster minikube -s ${id.stack}`,
        );
    if (minikube !== undefined && c.context !== undefined && c.context !== minikube.profile)
        problems.push(
            `${id.project}:context is ${c.context}, but minikube's context is its profile, ${minikube.profile}. Remove it: pulumi config rm context -s ${id.stack}`,
        );
    if (c.ceph === "internal" && ("fsid" in c.externalCeph || c.externalCephAdminKey !== undefined))
        problems.push(
            `${id.project}:ceph is internal, but externalCeph or externalCephAdminKey is set. Remove them, or: pulumi config set ceph external -s ${id.stack}`,
        );
    if (c.ceph === "internal" && c.internalCeph.kind === "production" && c.poolReplicas < 2)
        problems.push(
            `${id.project}:poolReplicas is ${c.poolReplicas}: one copy of each object is for internalCeph.kind test. Give 3: pulumi config set poolReplicas 3 -s ${id.stack}`,
        );
    if (c.peer === id.stack)
        problems.push(
            `${id.project}:peer is ${c.peer}, this stack itself. Name the other site's stack: pulumi config set peer NAME -s ${id.stack}`,
        );
    if (c.lostSite !== undefined && c.lostSite !== c.peer)
        problems.push(
            `${id.project}:lostSite is ${c.lostSite}, which is not this stack's peer ${c.peer}. Only the peer can be declared lost: pulumi config set lostSite ${c.peer} -s ${id.stack}`,
        );
    if (c.manage.includes("rook") && c.manage.includes("flags"))
        problems.push(`${id.project}:manage has rook and flags; rook sets the flags already. Leave out flags.`);
    if ("fsid" in c.externalCeph && c.externalCephAdminKey === undefined)
        problems.push(
            `${id.project}:externalCeph is set without externalCephAdminKey. Set it: pulumi config set --secret externalCephAdminKey -s ${id.stack}`,
        );
    return problems;
}

function manifests(version: string, base: string): { version: string; manifests: string } {
    const bare = version.replace(/^v/, "");
    return { version: bare, manifests: base.replaceAll("{version}", bare).replace(/\/$/, "") };
}

/** Says which key was likely meant. */
function nearest(key: string): string {
    const guess = CONFIG_KEYS.find((k) => k.toLowerCase() === key.toLowerCase() || distance(k, key) <= 2);
    return guess === undefined ? "" : ` (did you mean ${guess}?)`;
}

/** Levenshtein distance, for spelling help only. */
function distance(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
        const next = [i];
        for (let j = 1; j <= b.length; j++)
            next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
        row = next;
    }
    return row[b.length]!;
}

/** One line per problem: key with path, value, reason. Values of secret keys are never shown. */
function explain(issue: z.core.$ZodIssue, raw: Readonly<Record<string, string>>, id: StackIdentity): string[] {
    const [key, ...path] = issue.path.map(String);
    if (key === undefined) return [issue.message];
    const where = `${id.project}:${[key, ...path].join(".")}`;
    const value = raw[key];
    if (value === undefined) return [`${where} is not set. Set it: pulumi config set ${key} VALUE -s ${id.stack}`];
    const shown = SECRET_KEYS.has(key) ? "(secret)" : JSON.stringify(valueAt(value, path) ?? value);
    if (issue.code === "unrecognized_keys")
        return [
            `${where} has the unknown field${issue.keys.length > 1 ? "s" : ""} ${issue.keys.join(", ")}. Remove it.`,
        ];
    return [`${where} is ${shown}: ${issue.message}`];
}

function valueAt(text: string, path: readonly string[]): unknown {
    if (path.length === 0) return undefined;
    try {
        return path.reduce<unknown>(
            (at, step) => (at as Record<string, unknown> | undefined)?.[step],
            JSON.parse(text),
        );
    } catch {
        return undefined;
    }
}
