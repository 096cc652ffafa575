/** What each config key may be: its form, its default where the project file has none, and the words when it is not so. */
import { z } from "zod";
import { internalCephConfig } from "./ceph/settings.js";
import { dnsName, hooksConfig, releaseConfig, seconds, volumesConfig, workloadsConfig } from "./config-volumes.js";
import { minikubeConfig } from "./minikube/config.js";

/** Parts of a cluster that the program may install and own (config key `manage`). */
export const MANAGEABLE = ["rook", "flags", "csi-addons", "ceph", "pool"] as const;
export type Manageable = (typeof MANAGEABLE)[number];

const optionalText = z.string().transform((s) => (s === "" ? undefined : s));
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

const replicationState = z.enum(["primary", "secondary", "resync"], "give primary, secondary or resync");

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
    volumes: json(volumesConfig),
    release: json(releaseConfig).prefault("[]"),
    setRetain: flag.prefault("false"),
    storageClass: dnsName,
    replicationClass: dnsName,
    schedulingInterval: z
        .string()
        .regex(/^[1-9]\d*[mhd]$/, "give minutes, hours or days, such as 5m (ceph-csi takes no seconds)"),
    demoApp: flag,
    workloads: json(workloadsConfig),
    groups: json(
        z.record(
            dnsName,
            z.strictObject({
                replicationState: replicationState.optional(),
                volumes: volumesConfig.min(1, "give at least one volume"),
                workloads: workloadsConfig.default([]),
                consistency: z.boolean("give true or false").default(false),
            }),
        ),
    ).prefault("{}"),
    hooks: json(hooksConfig).prefault("{}"),
    quiesceTimeout: seconds,
    handoverTimeout: seconds,
    resyncTimeout: seconds,
    provisionerTimeout: seconds,
    handoverWait: seconds.prefault("0s"),
    cephTimeout: seconds.prefault("30m"),
});

/** Config that fits the schema. */
export type CheckedConfig = z.infer<typeof schema>;

/** Keys that the program knows; config keys outside this list are refused. */
export const CONFIG_KEYS: readonly string[] = Object.keys(schema.shape);
