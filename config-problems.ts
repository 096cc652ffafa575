/** The words for config that cannot be used: each names the key, the value and the fix. */
import type { z } from "zod";
import { CONFIG_KEYS, type CheckedConfig } from "./config-schema.js";
import { claimOf } from "./config-volumes.js";
import { DEFAULT_GROUP } from "./dr/model.js";
import type { MinikubeSettings } from "./minikube/config.js";

/** What Pulumi knows of the stack besides its config. */
export interface StackIdentity {
    readonly project: string;
    readonly organization: string;
    readonly stack: string;
}

const SECRET_KEYS = new Set(["externalCephAdminKey"]);

/** Rules between keys. */
export function combinations(c: CheckedConfig, id: StackIdentity, minikube?: MinikubeSettings): string[] {
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
    return [...problems, ...groupProblems(c, id)];
}

/** Rules between groups. */
function groupProblems({ volumes, workloads, groups }: CheckedConfig, id: StackIdentity): string[] {
    const problems: string[] = [];
    const key = (group: string, field: string) =>
        group === DEFAULT_GROUP ? `${id.project}:${field}` : `${id.project}:groups.${group}.${field}`;
    if (DEFAULT_GROUP in groups)
        problems.push(
            `${id.project}:groups.${DEFAULT_GROUP}: what stands at the top of the config (replicationState, volumes, workloads) is the group ${DEFAULT_GROUP} already. Move it there, or give this group another name.`,
        );
    if (volumes.length === 0 && Object.keys(groups).length === 0)
        problems.push(`${id.project}:volumes is []: give at least one volume, here or in a group`);
    const all = Object.entries({ [DEFAULT_GROUP]: { volumes, workloads }, ...groups });
    const listed = {
        volumes: all.flatMap(([group, g]) =>
            g.volumes.flatMap((v) => claimOf(v) ?? []).map((what) => ({ group, what })),
        ),
        workloads: all.flatMap(([group, g]) =>
            g.workloads.flatMap((w) => ("name" in w ? [{ group, what: `${w.kind} ${w.namespace}/${w.name}` }] : [])),
        ),
    };
    for (const [field, entries] of Object.entries(listed))
        for (const { group, what } of entries) {
            const first = entries.find((e) => e.what === what)!;
            if (first.group !== group)
                problems.push(
                    `${key(group, field)} has ${what}, and so has ${key(first.group, field)}: it can move with one group only. Take it out of one of them.`,
                );
        }
    for (const [name, { consistency }] of Object.entries(groups))
        if (consistency)
            problems.push(
                `${key(name, "consistency")} is true, and the volumes of a group cannot be mirrored at one moment: csi-addons' VolumeGroupReplication needs an rbd-mirror that mirrors groups of images and a ceph-csi that asks for it, and neither is in a release (docs/groups.md). ` +
                    `A planned move is consistent without it, since the application is stopped first. Remove it: pulumi config rm --path groups.${name}.consistency -s ${id.stack}`,
            );
    return problems;
}

/** Says that a key is not known, and which one was likely meant. */
export function unknownKey(key: string, id: StackIdentity): string {
    return `${id.project}:${key} is not a key of this program${nearest(key)}. Remove it: pulumi config rm ${key} -s ${id.stack}`;
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
export function explain(issue: z.core.$ZodIssue, raw: Readonly<Record<string, string>>, id: StackIdentity): string[] {
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
