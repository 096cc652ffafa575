/**
 * Records: what must be known of a volume to recreate it on the other site, with nothing in it that belongs to one
 * cluster (facts b.6, the csi-addons and ramen convention).
 */
import type { ImageRef, Manifest, VolumeRecord } from "./model.js";

/** A PV or PVC as a cluster, or Pulumi, gives it. */
export interface KubernetesVolumeObject {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly metadata?: {
        readonly name?: string;
        readonly namespace?: string;
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly spec?: object;
}

/**
 * Prefixes of annotations and labels that belong to one cluster. `pv.kubernetes.io/bind-completed` on a restored PVC makes
 * it Lost; another VR's name in `replication.storage.openshift.io/volume-replication-name` makes the new VR fail.
 */
const CLUSTER_PREFIXES: readonly string[] = [
    "pv.kubernetes.io/",
    "volume.kubernetes.io/",
    "volume.beta.kubernetes.io/",
    "replication.storage.openshift.io/",
    "volumereplicationgroups.ramendr.openshift.io/",
    "volsync.backube/",
    "external-attacher/",
    "external-provisioner.volume.kubernetes.io/",
    "kubectl.kubernetes.io/",
    "pulumi.com/",
    "csi.storage.k8s.io/",
    "rbd-dr/",
];

/**
 * Annotation on PVs and PVCs that were restored of an adopted volume. It tells them from the claim that was adopted, which
 * is never this program's, even where a run was killed before it could write its outputs.
 */
export const RESTORED_ANNOTATION = "rbd-dr/restored";

/**
 * Makes the record of a volume.
 *
 * @param pvc PersistentVolumeClaim, bound
 * @param pv PersistentVolume of that claim
 * @throws Error naming the volume and what is missing: an unbound claim, a PV of another claim, no CSI source, no image
 */
export function toRecord(pvc: KubernetesVolumeObject, pv: KubernetesVolumeObject): VolumeRecord {
    const name = pvc.metadata?.name;
    const namespace = pvc.metadata?.namespace ?? "default";
    const pvName = pv.metadata?.name;
    if (name === undefined || pvName === undefined)
        throw new Error(`A record needs a PVC and a PV with names; seen: PVC ${name}, PV ${pvName}`);
    const key = `${namespace}/${name}`;
    const claimSpec = { ...pvc.spec } as Record<string, unknown>;
    if (claimSpec["volumeName"] !== undefined && claimSpec["volumeName"] !== "" && claimSpec["volumeName"] !== pvName)
        throw new Error(`PVC ${key} is bound to PV ${String(claimSpec["volumeName"])}, not to ${pvName}`);
    const spec = { ...pv.spec } as Record<string, unknown>;
    const image = imageOf(key, spec);
    delete spec["nodeAffinity"];
    delete claimSpec["dataSource"];
    delete claimSpec["dataSourceRef"];
    return {
        key,
        image,
        pv: manifest("PersistentVolume", pvName, undefined, pv, {
            ...spec,
            // Name and namespace only: a uid of the other cluster's claim would leave the PV Released.
            claimRef: { name, namespace },
            // Always: the program never lets Kubernetes delete an image.
            persistentVolumeReclaimPolicy: "Retain",
        }),
        pvc: manifest("PersistentVolumeClaim", name, namespace, pvc, { ...claimSpec, volumeName: pvName }),
    };
}

/** Pool and image of a PV of the RBD driver. */
function imageOf(key: string, spec: Readonly<Record<string, unknown>>): ImageRef {
    const csi = spec["csi"] as
        { volumeHandle?: string; volumeAttributes?: Readonly<Record<string, string>> } | undefined;
    if (csi === undefined)
        throw new Error(`The PV of ${key} has no CSI source: only RBD volumes of ceph-csi can be kept`);
    const attributes = csi.volumeAttributes ?? {};
    const image = attributes["imageName"] ?? imageFromHandle(csi.volumeHandle, attributes["volumeNamePrefix"]);
    const pool = attributes["pool"];
    if (image === undefined || pool === undefined)
        throw new Error(
            `The PV of ${key} does not say its image: volumeAttributes has ${Object.keys(attributes).join(", ") || "nothing"}, ` +
                `volumeHandle is ${csi.volumeHandle ?? "missing"}`,
        );
    return { pool, image };
}

/**
 * Image name of a volume handle, `0001-<len>-<clusterID>-<poolID>-<uuid>`.
 *
 * @param prefix of image names; ceph-csi's default is `csi-vol-`
 * @returns undefined where the handle is not ceph-csi's
 */
export function imageFromHandle(handle: string | undefined, prefix = "csi-vol-"): string | undefined {
    const uuid = /-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(handle ?? "")?.[1];
    return uuid === undefined ? undefined : `${prefix}${uuid}`;
}

function manifest(
    kind: string,
    name: string,
    namespace: string | undefined,
    from: KubernetesVolumeObject,
    spec: Record<string, unknown>,
): Manifest {
    const labels = portable(from.metadata?.labels);
    const annotations = portable(from.metadata?.annotations);
    return {
        apiVersion: "v1",
        kind,
        metadata: {
            name,
            ...(namespace === undefined ? {} : { namespace }),
            ...(labels && { labels }),
            ...(annotations && { annotations }),
        },
        spec: plain(spec) as Record<string, unknown>,
    };
}

/** Labels or annotations that mean something on any cluster; undefined when none is left. */
function portable(entries: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined {
    const kept = Object.entries(entries ?? {}).filter(
        ([k]) => !CLUSTER_PREFIXES.some((prefix) => k.startsWith(prefix)),
    );
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** A copy without undefined members, so that a record reads the same before and after it went through a stack's outputs. */
function plain(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
        Object.entries(value)
            .filter(([, v]) => v !== undefined)
            .map(([k, v]) => [k, plain(v)]),
    );
}
