/** What config may say of volumes, of the workloads on them, and of the commands round a flip. */
import { z } from "zod";
import type { AdoptSpec } from "./dr/claims/types.js";
import type { VolumeSpec } from "./dr/model.js";
import type { WorkloadSpec } from "./dr/workloads/types.js";
import { parseQuantity } from "./dr/quantity.js";

const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A name that Kubernetes takes for a namespace, and this program for whatever it makes. */
export const dnsName = z
    .string()
    .max(63, "Kubernetes names have at most 63 characters")
    .regex(
        DNS_NAME,
        "Kubernetes names are lower case letters, digits and `-`, and start and end with a letter or digit",
    );

/** A name that others have given: of a PVC or a workload. */
const givenName = z
    .string()
    .max(253, "Kubernetes names have at most 253 characters")
    .regex(DNS_SUBDOMAIN, "Kubernetes names are lower case letters, digits, `-` and `.`");

/** A duration, in seconds. */
export const seconds = z
    .string()
    .regex(/^\d+[smh]$/, "give a duration such as 90s, 10m or 1h")
    .transform((s) => Number.parseInt(s, 10) * { s: 1, m: 60, h: 3600 }[s.at(-1) as "s" | "m" | "h"]);

const size = z.string().superRefine((text, ctx) => {
    try {
        if (parseQuantity(text) < 1024 * 1024) ctx.addIssue({ code: "custom", message: "a volume has at least 1Mi" });
    } catch (error) {
        ctx.addIssue({ code: "custom", message: `${(error as Error).message}; give a size such as 1Gi` });
    }
});

const namespaces = z.array(dnsName).min(1, "name a namespace, or leave namespaces out for all of them").optional();
const expression = z
    .strictObject({
        key: z.string().min(1),
        operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"], "give In, NotIn, Exists or DoesNotExist"),
        values: z.array(z.string()).optional(),
    })
    .superRefine(({ operator, values = [] }, ctx) => {
        const needs = operator === "In" || operator === "NotIn";
        if (needs !== values.length > 0)
            ctx.addIssue({
                code: "custom",
                message: needs ? `${operator} needs values` : `${operator} takes no values`,
                path: ["values"],
            });
    });
const selector = {
    matchLabels: z
        .record(z.string(), z.string("give labels as texts, in quotes where they look like numbers"))
        .optional(),
    matchExpressions: z.array(expression).optional(),
};

const provisioned = z.strictObject({ name: dnsName, namespace: dnsName.default("default"), size });
const adoptedByName = z.strictObject({ adopt: givenName, namespace: dnsName.default("default") });
const adoptedBySelector = z
    .strictObject({ adopt: z.strictObject(selector), namespaces })
    .refine(
        ({ adopt, namespaces: where }) => where !== undefined || adopt.matchLabels || adopt.matchExpressions,
        "selects every claim of every namespace: give labels, or namespaces",
    );

/** The volumes: PVCs to be made, and PVCs that are there already. */
export const volumesConfig = z
    .array(
        entryOf<VolumeEntry>((entry) => {
            if (entry["adopt"] === undefined) return provisioned;
            return typeof entry["adopt"] === "string" ? adoptedByName : adoptedBySelector;
        }),
        "give a list of PVCs, each with name, namespace and size, or with adopt",
    )
    .superRefine((list, ctx) => {
        const keys = list.flatMap((v) => claimOf(v) ?? []);
        for (const twice of new Set(keys.filter((k, i) => keys.indexOf(k) !== i)))
            ctx.addIssue({ code: "custom", message: `${twice} is named twice; name each PVC once` });
    });

/** An entry that has one of several forms: its fields show which one was meant, and errors are about that one. */
function entryOf<T>(formOf: (entry: Readonly<Record<string, unknown>>) => z.ZodType<T>) {
    return z.record(z.string(), z.unknown()).transform((entry, ctx) => {
        const parsed = formOf(entry).safeParse(entry);
        if (parsed.success) return parsed.data;
        ctx.issues.push(...parsed.error.issues.map((issue) => ({ ...issue, input: entry }) as z.core.$ZodRawIssue));
        return z.NEVER;
    });
}

/** One entry of `volumes`, in any of its forms. */
export type VolumeEntry =
    z.infer<typeof provisioned> | z.infer<typeof adoptedByName> | z.infer<typeof adoptedBySelector>;

/**
 * Entries apart: volumes that are to be made, and claims that are there.
 *
 * @param group name of the group whose entries they are; undefined for the default one
 */
export function splitVolumes(
    entries: readonly VolumeEntry[],
    group?: string,
): { volumes: VolumeSpec[]; adopt: AdoptSpec[] } {
    const of = group === undefined ? {} : { group };
    const volumes: VolumeSpec[] = [];
    const adopt: AdoptSpec[] = [];
    for (const entry of entries) {
        if ("size" in entry) volumes.push({ ...entry, ...of });
        else if ("namespace" in entry) adopt.push({ name: entry.adopt, namespace: entry.namespace, ...of });
        else adopt.push({ selector: entry.adopt, namespaces: entry.namespaces, ...of });
    }
    return { volumes, adopt };
}

/** The PVC that an entry of `volumes` names, as `namespace/name`; undefined for one that selects. */
export function claimOf(entry: VolumeEntry): string | undefined {
    if ("size" in entry) return `${entry.namespace}/${entry.name}`;
    return "namespace" in entry ? `${entry.namespace}/${entry.adopt}` : undefined;
}

/** Volumes that are let go, and claims that no selector is to take in. */
export const releaseConfig = z.array(
    z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, "give NAMESPACE/NAME of a PVC, as shop/data-0"),
);

const kind = z.enum(["Deployment", "StatefulSet"], "give Deployment or StatefulSet");

const workloadByName = z.strictObject({
    kind,
    namespace: dnsName.default("default"),
    name: givenName,
    replicas: z.number("give a number").int().min(1).optional(),
});
const workloadBySelector = z.strictObject({ kind: kind.optional(), select: z.strictObject(selector), namespaces });

/** One entry of `workloads`, in either of its forms. */
export type WorkloadEntry = z.infer<typeof workloadByName> | z.infer<typeof workloadBySelector>;

/** Workloads that are stopped before a demotion: by name, or by their labels. */
export const workloadsConfig = z.array(
    entryOf<WorkloadEntry>((entry) => (entry["select"] === undefined ? workloadByName : workloadBySelector)),
);

/** Entries of `workloads` as the rest of the program has them. */
export function workloadSpecs(entries: readonly WorkloadEntry[], group?: string): WorkloadSpec[] {
    const of = group === undefined ? {} : { group };
    return entries.map((entry) => {
        if ("name" in entry) return { ...entry, ...of };
        const { select, ...rest } = entry;
        return { ...rest, selector: select, ...of };
    });
}

const argv = z.array(z.string()).min(1, "give the command and its arguments, as [./quiesce.sh, --now]");
const hook = z
    .union([argv, z.strictObject({ command: argv, timeout: seconds.prefault("5m") })])
    .transform((given) => (Array.isArray(given) ? { command: given, timeout: 300 } : given));

/** Commands round the stop and the start of the workloads of a flip. */
export const hooksConfig = z.strictObject({
    beforeStop: hook.optional(),
    afterStop: hook.optional(),
    beforeStart: hook.optional(),
    afterStart: hook.optional(),
});

/** Commands round a flip, checked. */
export type Hooks = z.infer<typeof hooksConfig>;

/** One command: its argv, and how many seconds it may take. */
export type Hook = NonNullable<Hooks["beforeStop"]>;
