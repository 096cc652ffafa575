import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../observe/manifests.js";
import { registerManifests } from "./manifest.js";

export interface CsiAddonsArgs {
    /** Objects of the release's crds.yaml, rbac.yaml and setup-controller.yaml. */
    readonly manifests: readonly KubernetesObject[];
}

/**
 * The csi-addons controller, which turns VolumeReplications into calls to the CSI driver.
 *
 * It stays when the stack is destroyed, like Rook: other volumes of the cluster may be replicated through it, and a
 * VolumeReplication can only be deleted while it runs.
 */
export class CsiAddons extends pulumi.ComponentResource {
    /** What must be there before a VolumeReplication can be asked for. */
    readonly ready: pulumi.Resource[];

    constructor(name: string, args: CsiAddonsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("rbd-dr:csiaddons:CsiAddons", name, {}, opts);
        this.ready = registerManifests(name, args.manifests, { parent: this, retainOnDelete: true });
        this.registerOutputs();
    }
}
