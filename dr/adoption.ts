/**
 * A cluster that people already have: what is there is taken as it is, what is missing is named, and nothing of others is
 * installed over. Pure.
 */
import { operatorFlags } from "./operator-flags.js";

/** Something that is installed, and by whom. */
export interface Installed {
    /** From its image's tag; undefined where that is no version. */
    readonly version?: string;
    /** Whether this program put it there. */
    readonly ours: boolean;
}

/** What is on a cluster, as far as this program could install it. */
export interface Inventory {
    readonly rook?: Installed;
    /** Data of ConfigMap `rook-ceph-operator-config`. */
    readonly settings: Readonly<Record<string, string>>;
    /** The ceph-csi operator, where it runs the RBD driver: its API, and the defaults of all drivers with the driver's own. */
    readonly csiOperator?: { readonly apiVersion: string; readonly driver: Readonly<Record<string, unknown>> };
    readonly csiAddons?: Installed;
    /** Whether VolumeReplications can be made. */
    readonly replicationCrds: boolean;
    readonly ceph?: { readonly ours: boolean };
    readonly pool?: { readonly ours: boolean; readonly mirrored: boolean; readonly replicas?: number };
    /** Whether an rbd-mirror daemon was asked for. */
    readonly mirrorDaemon: boolean;
}

/** The part of a site's config that says what to install. */
export interface Asked {
    readonly manage: ReadonlySet<string>;
    readonly rookVersion: string;
    readonly pool: string;
    readonly poolReplicas: number;
}

/** Something that replication needs and that the cluster lacks. */
export interface Missing {
    readonly what: string;
    /** Parts of `manage` of which one adds it. */
    readonly addedBy: readonly string[];
    /** Whether this run adds it. */
    readonly added: boolean;
}

/** What follows from an inventory. */
export interface Adoption {
    /** The version that is there, or the one to install. */
    readonly rookVersion: string;
    /** Why nothing may be installed: each names the thing and the fix. */
    readonly refusals: readonly string[];
    /** What was found that others have installed, in words; empty on a cluster of this program's own. */
    readonly adopted: readonly string[];
    readonly missing: readonly Missing[];
}

/** Holds what is on a cluster against what config asks for. */
export function adopt(found: Inventory, asked: Asked): Adoption {
    const { manage } = asked;
    const rookVersion = manage.has("rook") ? asked.rookVersion : (found.rook?.version ?? asked.rookVersion);
    const need = (what: string, there: boolean, ...addedBy: string[]): Missing[] =>
        there ? [] : [{ what, addedBy, added: addedBy.some((part) => manage.has(part)) }];
    return {
        rookVersion,
        refusals: refusals(found, asked),
        adopted: adopted(found, asked),
        missing: [
            ...need("Rook", found.rook !== undefined, "rook"),
            ...missingFlags(found, rookVersion).flatMap((what) => need(what, false, "rook", "flags")),
            ...need("the kinds VolumeReplication and VolumeReplicationClass", found.replicationCrds, "csi-addons"),
            ...need("the csi-addons controller", found.csiAddons !== undefined, "csi-addons"),
            ...need("a CephCluster", found.ceph !== undefined, "ceph"),
            ...need(`the CephBlockPool ${asked.pool} with mirroring`, found.pool?.mirrored === true, "pool"),
            ...need("the rbd-mirror daemon", found.mirrorDaemon, "pool"),
        ],
    };
}

/** A thing in words, as a line of a preview. */
export function describeMissing({ what, addedBy, added }: Missing): string {
    return added
        ? `${what}: missing here, and added by this run`
        : `${what}: missing here. To have it added, put ${addedBy.join(" or ")} into manage`;
}

function missingFlags(found: Inventory, version: string): string[] {
    if (found.rook === undefined) return [];
    const inUse = found.csiOperator !== undefined;
    const { settings, operatorConfig } = operatorFlags(version, inUse);
    if (operatorConfig !== undefined)
        return Object.keys(operatorConfig.driverSpecDefaults)
            .filter((key) => found.csiOperator?.driver[key] !== true)
            .map((key) => `${key} in OperatorConfig ceph-csi-operator-config`);
    return Object.entries(settings)
        .filter(([key, value]) => found.settings[key] !== value)
        .map(([key, value]) => `${key}: "${value}" in ConfigMap rook-ceph-operator-config`);
}

/** Installing over what others look after would change it, or be changed back. */
function refusals(found: Inventory, { manage, pool, poolReplicas }: Asked): string[] {
    const foreign = (part: string, thing: { ours: boolean } | undefined) =>
        manage.has(part) && thing !== undefined && !thing.ours;
    return [
        ...(foreign("rook", found.rook)
            ? [
                  `Rook ${found.rook?.version ?? "of an unknown version"} is on this cluster already, and this program did not install it. ` +
                      `Take rook out of manage; put flags in to have its CSI settings changed`,
              ]
            : []),
        ...(foreign("csi-addons", found.csiAddons)
            ? [
                  `csi-addons ${found.csiAddons?.version ?? "of an unknown version"} is on this cluster already, and this program did not install it. ` +
                      `Take csi-addons out of manage`,
              ]
            : []),
        ...(foreign("ceph", found.ceph)
            ? ["A CephCluster is on this cluster already, and this program did not make it. Take ceph out of manage"]
            : []),
        ...(foreign("pool", found.pool) && found.pool?.replicas !== undefined && found.pool.replicas !== poolReplicas
            ? [
                  `CephBlockPool ${pool} keeps ${found.pool.replicas} copies of each object, and poolReplicas is ${poolReplicas}. ` +
                      `Set poolReplicas to ${found.pool.replicas}, or take pool out of manage`,
              ]
            : []),
    ];
}

function adopted(found: Inventory, { manage, rookVersion, pool }: Asked): string[] {
    const lines: string[] = [];
    if (found.rook !== undefined && !found.rook.ours && !manage.has("rook"))
        lines.push(
            `Rook ${found.rook.version ?? "of a version that its image does not tell"}` +
                (found.rook.version === undefined || found.rook.version !== rookVersion
                    ? ` (rookVersion says ${rookVersion})`
                    : ""),
        );
    if (found.csiAddons !== undefined && !found.csiAddons.ours)
        lines.push(`csi-addons ${found.csiAddons.version ?? ""}`.trim());
    if (found.ceph !== undefined && !found.ceph.ours) lines.push("a CephCluster");
    if (found.pool !== undefined && !found.pool.ours)
        lines.push(`CephBlockPool ${pool}${found.pool.mirrored ? ", mirrored" : ""}`);
    return lines;
}
