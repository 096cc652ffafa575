/** Puts volumes together from what a cluster holds: a pure function, each list gone through once. */
import type * as k8s from "@kubernetes/client-node";
import type { ImageRef, VolumeKey, VolumeSnapshot } from "../dr/model.js";
import { parseQuantity } from "../dr/quantity.js";
import { RESTORED_ANNOTATION } from "../dr/records.js";
import { claimKey, firstBy, keyOf, type Named } from "./by-key.js";
import type { SiteLists } from "./lists.js";
import { toVrSnapshot } from "./vr.js";

/** A volume without its image, and where the image lies. */
export interface AssembledVolume {
    readonly volume: Omit<VolumeSnapshot, "image">;
    readonly image?: ImageRef;
}

/**
 * Puts volumes together.
 *
 * @param keys the volumes that are wanted; of one that is not on this cluster, what is there of it is returned
 * @param images where the images of volumes lie whose PV is not on this cluster
 */
export function assembleVolumes(
    lists: SiteLists,
    keys: readonly VolumeKey[],
    images: Readonly<Record<VolumeKey, ImageRef>> = {},
): AssembledVolume[] {
    const claims = firstBy(lists.claims, keyOf);
    const volumes = firstBy(lists.volumes, (pv) => pv.metadata?.name);
    // A PV restored before its claim already names the claim.
    const reserved = firstBy(lists.volumes, ({ spec }) => claimKey(spec?.claimRef?.namespace, spec?.claimRef?.name));
    const replications = firstBy(lists.replications, keyOf);
    const pods = groupBy(lists.pods, podClaims);
    const attachments = groupBy(lists.attachments, ({ spec }) => [spec.source.persistentVolumeName]);
    return keys.map((key) => {
        const claim = claims.get(key);
        const pvName = claim?.spec?.volumeName ?? reserved.get(key)?.metadata?.name;
        const pv = pvName === undefined ? undefined : volumes.get(pvName);
        const vr = replications.get(key);
        const csi = pv?.spec?.csi?.volumeAttributes;
        const volume = {
            key,
            pvc: claim && claimSnapshot(claim),
            pv: pv && {
                name: pv.metadata?.name ?? "",
                phase: pv.status?.phase ?? "Unknown",
                volumeHandle: pv.spec?.csi?.volumeHandle,
                reclaimPolicy: pv.spec?.persistentVolumeReclaimPolicy ?? "",
            },
            vr: vr && toVrSnapshot(vr),
            pods: namesOf(pods.get(key)),
            attachments: pvName === undefined ? [] : namesOf(attachments.get(pvName)),
        };
        return { volume, image: csi?.imageName && csi.pool ? { pool: csi.pool, image: csi.imageName } : images[key] };
    });
}

function claimSnapshot(claim: k8s.V1PersistentVolumeClaim): VolumeSnapshot["pvc"] {
    const requested = claim.spec?.resources?.requests?.storage;
    return {
        phase: claim.status?.phase ?? "Unknown",
        volumeName: claim.spec?.volumeName,
        uid: claim.metadata?.uid ?? "",
        deleting: claim.metadata?.deletionTimestamp !== undefined,
        storageClass: claim.spec?.storageClassName,
        requestedBytes: requested === undefined ? undefined : parseQuantity(requested),
        ...(claim.metadata?.annotations?.[RESTORED_ANNOTATION] === undefined ? {} : { restored: true }),
    };
}

/** Claims that a pod uses; a finished pod uses none. */
function podClaims(pod: k8s.V1Pod): (VolumeKey | undefined)[] {
    if (pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") return [];
    const names = (pod.spec?.volumes ?? []).map((v) => v.persistentVolumeClaim?.claimName);
    return [...new Set(names)].map((name) => claimKey(pod.metadata?.namespace, name));
}

function namesOf(objects: readonly Named[] = []): string[] {
    return objects.map((object) => object.metadata?.name ?? "");
}

function groupBy<T>(objects: readonly T[], keys: (object: T) => readonly (string | undefined)[]): Map<string, T[]> {
    const index = new Map<string, T[]>();
    for (const object of objects)
        for (const key of keys(object)) {
            if (key === undefined) continue;
            const group = index.get(key);
            if (group === undefined) index.set(key, [object]);
            else group.push(object);
        }
    return index;
}
