import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { RBD_DRIVER, ROOK_NAMESPACE } from "../ceph/rook.js";
import type { OperatorConfigSpec } from "../dr/operator-flags.js";
import type { KubernetesObject } from "../observe/manifests.js";
import { registerManifests } from "./manifest.js";

const SETTINGS = "rook-ceph-operator-config";
const OPERATOR_CONFIG = "ceph-csi-operator-config";

export interface RookOperatorArgs {
    /**
     * Objects of the release's crds.yaml, common.yaml and operator.yaml. Leave out where Rook is already installed: then
     * only the settings below are changed.
     */
    readonly manifests?: readonly KubernetesObject[];
    /** Settings of ConfigMap `rook-ceph-operator-config` that replication needs; they depend on Rook's version. */
    readonly settings: Readonly<Record<string, string>>;
    /** Spec to merge into the ceph-csi operator's OperatorConfig, where that is the place for CSI settings (Rook 1.20). */
    readonly operatorConfig?: OperatorConfigSpec;
}

/**
 * Rook's operator with the settings that replication needs.
 *
 * Everything here stays when the stack is destroyed: the operator looks after a storage cluster that holds data, and
 * deleting a CRD would delete every object of its kind.
 */
export class RookOperator extends pulumi.ComponentResource {
    /** What must be there before storage can be asked for. */
    readonly ready: pulumi.Resource[];

    constructor(name: string, args: RookOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:rook:RookOperator", name, {}, opts);
        const own = { parent: this, retainOnDelete: true };
        this.ready =
            args.manifests === undefined
                ? patches(name, args, own)
                : registerManifests(name, withOperatorConfig(withSettings(args.manifests, args.settings), args), own);
        this.registerOutputs();
    }
}

/** Rook's own manifests with the settings filled in: some of them stand there as comments only. */
export function withSettings(
    manifests: readonly KubernetesObject[],
    settings: Readonly<Record<string, string>>,
): KubernetesObject[] {
    return manifests.map((object) =>
        object.kind === "ConfigMap" && object.metadata.name === SETTINGS
            ? { ...object, data: { ...(object["data"] as Record<string, string>), ...settings } }
            : object,
    );
}

/**
 * The same for Rook 1.20: its operator.yaml has an OperatorConfig with the defaults of all drivers, and a Driver whose own
 * fields would win over them.
 */
export function withOperatorConfig(
    manifests: readonly KubernetesObject[],
    { operatorConfig }: Pick<RookOperatorArgs, "operatorConfig">,
): KubernetesObject[] {
    if (operatorConfig === undefined) return [...manifests];
    const { driverSpecDefaults } = operatorConfig;
    return manifests.map((object) => {
        const spec = (object["spec"] ?? {}) as Record<string, unknown>;
        if (object.kind === "OperatorConfig" && object.metadata.name === OPERATOR_CONFIG) {
            const defaults = spec["driverSpecDefaults"] as Record<string, unknown> | undefined;
            return { ...object, spec: { ...spec, driverSpecDefaults: { ...defaults, ...driverSpecDefaults } } };
        }
        if (object.kind === "Driver" && object.metadata.name === RBD_DRIVER)
            return { ...object, spec: { ...spec, ...driverSpecDefaults } };
        return object;
    });
}

/** Where Rook is there already, only the settings become ours. */
function patches(name: string, args: RookOperatorArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
    const metadata = { namespace: ROOK_NAMESPACE, annotations: { "pulumi.com/patchForce": "true" } };
    if (args.operatorConfig !== undefined)
        return [
            new k8s.apiextensions.CustomResourcePatch(
                `${name}-operator-config`,
                {
                    apiVersion: "csi.ceph.io/v1",
                    kind: "OperatorConfig",
                    metadata: { ...metadata, name: OPERATOR_CONFIG },
                    spec: args.operatorConfig,
                },
                opts,
            ),
        ];
    return [
        new k8s.core.v1.ConfigMapPatch(
            `${name}-settings`,
            { metadata: { ...metadata, name: SETTINGS }, data: args.settings },
            opts,
        ),
    ];
}
