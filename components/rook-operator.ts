import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../observe/manifests.js";
import { registerManifests } from "./manifest.js";

/** Namespace of Rook and everything it runs. */
export const ROOK_NAMESPACE = "rook-ceph";
const SETTINGS = "rook-ceph-operator-config";

export interface RookOperatorArgs {
    /**
     * Objects of the release's crds.yaml, common.yaml and operator.yaml. Leave out where Rook is already installed: then
     * only the settings below are changed.
     */
    readonly manifests?: readonly KubernetesObject[];
    /** Settings of ConfigMap `rook-ceph-operator-config` that replication needs; they depend on Rook's version. */
    readonly settings: Readonly<Record<string, string>>;
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
                ? [patchSettings(name, args.settings, own)]
                : registerManifests(name, withSettings(args.manifests, args.settings), own);
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

/** Where Rook is there already, only the settings become ours. */
function patchSettings(
    name: string,
    settings: Readonly<Record<string, string>>,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    return new k8s.core.v1.ConfigMapPatch(
        `${name}-settings`,
        {
            metadata: { name: SETTINGS, namespace: ROOK_NAMESPACE, annotations: { "pulumi.com/patchForce": "true" } },
            data: settings,
        },
        opts,
    );
}
