import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../observe/manifests.js";
import { registerManifests } from "./manifest.js";

export interface CsiAddonsArgs {
    /** Objects of the release's crds.yaml, rbac.yaml and setup-controller.yaml. */
    readonly manifests: readonly KubernetesObject[];
    /** The release, for example `0.14.0`. */
    readonly version: string;
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
        const manifests = pinned(args.manifests, args.version);
        this.ready = registerManifests(name, manifests, { parent: this, retainOnDelete: true });
        this.registerOutputs();
    }
}

interface PodTemplate {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
}

/** The manifests with the release's own images: the ones in the sources of a release still say `latest`. */
export function pinned(manifests: readonly KubernetesObject[], version: string): KubernetesObject[] {
    return manifests.map((object) => {
        if (object.kind !== "Deployment") return object;
        const spec = object["spec"] as PodTemplate;
        const containers = spec.template.spec.containers.map((container) => ({
            ...container,
            image: container.image.replace(/:latest$/, `:v${version}`),
        }));
        return {
            ...object,
            spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } },
        };
    });
}
