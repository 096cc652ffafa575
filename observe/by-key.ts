/** Indexes of a cluster's objects, each gone through once. */
import type { VolumeKey } from "../dr/model.js";

/** Whatever has a name on a cluster. */
export interface Named {
    readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** `namespace/name` of an object; by this program's convention a VR carries its claim's name. */
export function keyOf({ metadata }: Named): VolumeKey | undefined {
    return claimKey(metadata?.namespace, metadata?.name);
}

/** `namespace/name`; undefined where one of them is not known. */
export function claimKey(namespace: string | undefined, name: string | undefined): VolumeKey | undefined {
    return namespace === undefined || name === undefined ? undefined : `${namespace}/${name}`;
}

/** Index of the first object with each key. */
export function firstBy<T>(objects: readonly T[], key: (object: T) => string | undefined): Map<string, T> {
    const index = new Map<string, T>();
    for (const object of objects) {
        const k = key(object);
        if (k !== undefined && !index.has(k)) index.set(k, object);
    }
    return index;
}
