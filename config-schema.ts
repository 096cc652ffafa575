/** What each config key may be: its form, its default where the project file has none, and the words when it is not so. */
import { z } from "zod";
import { internalCephConfig } from "./ceph/settings.js";
import { parseQuantity } from "./dr/quantity.js";
import { minikubeConfig } from "./minikube/config.js";

/** Parts of a cluster that the program may install and own (config key `manage`). */
export const MANAGEABLE = ["rook", "flags", "csi-addons", "ceph", "pool"] as const;
export type Manageable = (typeof MANAGEABLE)[number];

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

const replicationState = z.enum(["primary", "secondary", "resync"], "give primary, secondary or resync");

const volumes = z
    .array(
        z.strictObject({ name: dnsName, namespace: dnsName.default("default"), size }),
        "give a list of PVCs, each with name, namespace and size",
    )
    .superRefine((list, ctx) => {
        const keys = list.map((v) => `${v.namespace}/${v.name}`);
        for (const twice of new Set(keys.filter((k, i) => keys.indexOf(k) !== i)))
            ctx.addIssue({ code: "custom", message: `${twice} is named twice; name each PVC once` });
    });

const workloads = z.array(
    z.strictObject({
        kind: z.enum(["Deployment", "StatefulSet"], "give Deployment or StatefulSet"),
        namespace: dnsName.default("default"),
        name: dnsName,
        replicas: z.number().int().min(1),
    }),
);

/** The stack's config as Pulumi hands it over, key by key; what holds between keys is in config-problems.ts. */
export const schema = z.strictObject({
    replicationState,
    peer: dnsName,
    lostSite: optionalText,
    teardown: flag,
    cluster: z.enum(["existing", "minikube"], "give existing or minikube"),
    // These have their defaults here too: a project file from before they were there goes on working.
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
    volumes: json(volumes),
    storageClass: dnsName,
    replicationClass: dnsName,
    schedulingInterval: z
        .string()
        .regex(/^[1-9]\d*[mhd]$/, "give minutes, hours or days, such as 5m (ceph-csi takes no seconds)"),
    demoApp: flag,
    workloads: json(workloads),
    groups: json(
        z.record(
            dnsName,
            z.strictObject({
                replicationState: replicationState.optional(),
                volumes: volumes.min(1, "give at least one volume"),
                workloads: workloads.default([]),
                consistency: z.boolean("give true or false").default(false),
            }),
        ),
    ).prefault("{}"),
    quiesceTimeout: seconds,
    handoverTimeout: seconds,
    resyncTimeout: seconds,
    provisionerTimeout: seconds,
    cephTimeout: seconds.prefault("30m"),
});

/** Config that fits the schema. */
export type CheckedConfig = z.infer<typeof schema>;

/** Keys that the program knows; config keys outside this list are refused. */
export const CONFIG_KEYS: readonly string[] = Object.keys(schema.shape);
