/**
 * What Rook must be told for replication, by its version (facts b.2): keys of ConfigMap `rook-ceph-operator-config` up to
 * 1.19, the OperatorConfig resource of the ceph-csi operator from 1.20 on.
 */

/** Versions of Rook whose settings are known. */
export const ROOK_RANGE = { oldest: "1.6", newest: "1.20" } as const;

/** Which sidecar speaks for replication in a version of Rook. */
export type ReplicationSidecar = "volume-replication" | "csi-addons";

/** The part of an OperatorConfig that replication needs. */
export interface OperatorConfigSpec {
    readonly driverSpecDefaults: Readonly<Record<string, boolean>>;
}

/** How a version of Rook is set up for replication. */
export interface OperatorFlags {
    /** Keys and values of ConfigMap `rook-ceph-operator-config`; empty where Rook no longer reads CSI settings there. */
    readonly settings: Readonly<Record<string, string>>;
    /** Spec to merge into OperatorConfig `ceph-csi-operator-config` (csi.ceph.io/v1), where that is the place. */
    readonly operatorConfig?: OperatorConfigSpec;
    /** Container in the provisioner's pod that carries replication calls. */
    readonly sidecar: ReplicationSidecar;
    /** Whether the ceph-csi operator deploys the driver unless told otherwise (default true from 1.18). */
    readonly csiOperator: boolean;
}

interface Version {
    readonly minor: number;
    readonly patch: number;
}

/**
 * How Rook of this version is set up for replication.
 *
 * @param version for example `1.17.9` or `v1.17.9`; a missing patch counts as 0
 * @param inUse whether the ceph-csi operator runs the driver already; up to 1.19 it is then left in charge
 * @throws Error naming the version and the range that is known
 */
export function operatorFlags(version: string, inUse = false): OperatorFlags {
    const { minor, patch } = parseVersion(version);
    const sidecar = minor < 10 || (minor === 10 && patch === 0) ? "volume-replication" : "csi-addons";
    if (minor >= 20)
        return {
            settings: {},
            operatorConfig: { driverSpecDefaults: { deployCsiAddons: true, generateOMapInfo: true } },
            sidecar,
            csiOperator: true,
        };
    const replication = sidecar === "csi-addons" ? "CSI_ENABLE_CSIADDONS" : "CSI_ENABLE_VOLUME_REPLICATION";
    return {
        settings: {
            CSI_ENABLE_OMAP_GENERATOR: "true",
            [replication]: "true",
            // From 1.18 the csi-operator would deploy the driver, and nobody would write its pool mapping (facts b.6).
            ...(minor >= 18 && !inUse ? { ROOK_USE_CSI_OPERATOR: "false" } : {}),
        },
        sidecar,
        csiOperator: inUse,
    };
}

/** Files of Rook's release that install its operator, in order; from 1.20 on the ceph-csi operator comes with it. */
export function operatorManifests(version: string): string[] {
    return [
        "crds.yaml",
        "common.yaml",
        ...(parseVersion(version).minor >= 20 ? ["csi-operator.yaml"] : []),
        "operator.yaml",
    ];
}

/**
 * Setting that makes the csi-addons sidecar the controller's own release: the two speak a protocol that grows.
 *
 * @param version Rook's version
 * @param csiAddons the controller's version
 * @returns empty where there is no such sidecar, or where the ceph-csi operator brings its own
 */
export function sidecarSettings(version: string, csiAddons: string): Readonly<Record<string, string>> {
    const { sidecar, operatorConfig } = operatorFlags(version);
    if (sidecar !== "csi-addons" || operatorConfig !== undefined) return {};
    return { ROOK_CSIADDONS_IMAGE: `quay.io/csiaddons/k8s-sidecar:v${csiAddons}` };
}

function parseVersion(version: string): Version {
    const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+].*)?$/.exec(version);
    const range = `${ROOK_RANGE.oldest} to ${ROOK_RANGE.newest}`;
    if (match === null) throw new Error(`Rook version ${JSON.stringify(version)} is not a version such as 1.17.9`);
    const [major, minor, patch] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
    if (major !== 1 || minor < 6 || minor > 20)
        throw new Error(
            `Rook ${version} is outside what is known (${range}): its settings for replication cannot be told. ` +
                `Set rookVersion to a version in that range, for example 1.17.9`,
        );
    return { minor, patch };
}
