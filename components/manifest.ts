/** One object of a manifest as a resource of its own, so that each shows up in previews under its own name. */
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../observe/manifests.js";

/**
 * Any Kubernetes object, by its manifest.
 *
 * `@pulumi/kubernetes` has `yaml.v2.ConfigGroup` for whole manifests, but a remote component shows nothing under mocks
 * and takes no options per object; CRDs need `retainOnDelete`, since deleting one deletes everybody's objects of its kind.
 */
export class Manifest extends pulumi.CustomResource {
    declare readonly metadata: pulumi.Output<{ name: string; namespace?: string }>;

    constructor(name: string, object: KubernetesObject, opts?: pulumi.CustomResourceOptions) {
        super(typeToken(object), name, { ...object }, opts);
    }
}

/** Type token of a kind, as the Kubernetes provider spells it: the core group is called `core`. */
export function typeToken(object: Pick<KubernetesObject, "apiVersion" | "kind">): string {
    const group = object.apiVersion.includes("/") ? object.apiVersion : `core/${object.apiVersion}`;
    return `kubernetes:${group}:${object.kind}`;
}

/**
 * Registers a manifest's objects so that each kind finds what it rests on: CRDs and namespaces, then accounts, roles and
 * settings, then workloads.
 *
 * @returns the last layer, for others to depend on
 */
export function registerManifests(
    prefix: string,
    objects: readonly KubernetesObject[],
    opts: pulumi.CustomResourceOptions,
): Manifest[] {
    const layers = [0, 1, 2].map((layer) => objects.filter((o) => layerOf(o) === layer));
    const done: Manifest[] = [];
    for (const layer of layers) {
        const dependsOn = [...done];
        for (const object of layer) {
            const id = [object.kind, object.metadata.namespace, object.metadata.name]
                .filter(Boolean)
                .join("-")
                .toLowerCase();
            done.push(
                new Manifest(`${prefix}-${id}`, object, {
                    ...opts,
                    dependsOn: [...dependsOn, ...asArray(opts.dependsOn)],
                }),
            );
        }
    }
    return done;
}

function layerOf(object: KubernetesObject): number {
    if (object.kind === "CustomResourceDefinition" || object.kind === "Namespace") return 0;
    return object.kind === "Deployment" || object.kind === "DaemonSet" || object.kind === "StatefulSet" ? 2 : 1;
}

function asArray(dependsOn: pulumi.CustomResourceOptions["dependsOn"]): pulumi.Input<pulumi.Resource>[] {
    if (dependsOn === undefined) return [];
    return Array.isArray(dependsOn) ? dependsOn : [dependsOn as pulumi.Input<pulumi.Resource>];
}
