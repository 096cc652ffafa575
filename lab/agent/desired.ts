/** What should run on the site: pure functions from the watched objects to containers and writers. */
import { createHash } from "node:crypto";
import type { V1Container, V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { isRunning, keyOf } from "./pods.js";

/** Name of Rook's RBD driver, and of the attacher in its VolumeAttachments. */
export const RBD_DRIVER = "rook-ceph.rbd.csi.ceph.com";

/** A container to be run by a program of the lab. */
export interface DesiredContainer<P> {
    /** `namespace/pod/container`. */
    readonly key: string;
    readonly pod: V1Pod;
    readonly container: V1Container;
    readonly program: P;
}

/** How a program of the registry is chosen for a container. */
export interface ContainerMatcher {
    /** Name in `--without`. */
    readonly group: string;
    /** Container name. */
    readonly container: string;
    /** Value of the pod's label `app` or `app.kubernetes.io/name`. */
    readonly app: string;
}

/** A claim that a running pod mounts and whose volume is an RBD image. */
export interface DesiredWriter {
    /** `namespace/pod/writer-claim`. */
    readonly key: string;
    readonly pod: V1Pod;
    readonly node: string;
    readonly claim: string;
    readonly namespace: string;
    readonly volume: string;
    readonly volumeHandle: string;
    readonly pool: string;
    readonly image: string;
    readonly attachment: string;
}

/**
 * Containers of running pods that the lab has a program for.
 * @param without groups that are left out, for a genuine program to take their place
 */
export function desiredContainers<P extends ContainerMatcher>(
    pods: readonly V1Pod[],
    programs: readonly P[],
    without: ReadonlySet<string>,
): DesiredContainer<P>[] {
    const desired: DesiredContainer<P>[] = [];
    for (const pod of pods.filter(isRunning)) {
        const labels = pod.metadata?.labels ?? {};
        const app = labels["app"] ?? labels["app.kubernetes.io/name"];
        for (const container of pod.spec?.containers ?? []) {
            const program = programs.find((known) => known.app === app && known.container === container.name);
            if (!program || without.has(program.group)) continue;
            desired.push({ key: `${keyOf(pod)}/${container.name}`, pod, container, program });
        }
    }
    return desired;
}

/**
 * Writers that should run: one a claim. A claim that several running pods mount is written by the oldest of them:
 * the claims are ReadWriteOnce, and two writers would fight for the image's lock.
 */
export function desiredWriters(
    pods: readonly V1Pod[],
    claims: readonly V1PersistentVolumeClaim[],
    volumes: readonly V1PersistentVolume[],
): DesiredWriter[] {
    const claimByKey = new Map(claims.map((claim) => [keyOf(claim), claim]));
    const volumeByName = new Map(volumes.map((volume) => [volume.metadata?.name ?? "", volume]));
    const byClaim = new Map<string, DesiredWriter>();
    const ordered = [...pods].sort((a, b) => ageOf(a) - ageOf(b) || keyOf(a).localeCompare(keyOf(b)));
    for (const pod of ordered.filter(isRunning)) {
        const namespace = pod.metadata?.namespace ?? "";
        const node = pod.spec?.nodeName ?? "";
        for (const mounted of pod.spec?.volumes ?? []) {
            const name = mounted.persistentVolumeClaim?.claimName;
            const claim = name ? claimByKey.get(`${namespace}/${name}`) : undefined;
            if (!name || claim?.status?.phase !== "Bound" || mounted.persistentVolumeClaim?.readOnly) continue;
            const volume = volumeByName.get(claim.spec?.volumeName ?? "");
            const csi = volume?.spec?.csi;
            const image = csi ? imageOf(csi.volumeHandle, csi.volumeAttributes ?? {}) : undefined;
            if (!csi || csi.driver !== RBD_DRIVER || !image || byClaim.has(`${namespace}/${name}`)) continue;
            byClaim.set(`${namespace}/${name}`, {
                key: `${keyOf(pod)}/writer-${name}`,
                pod,
                node,
                claim: name,
                namespace,
                volume: volume?.metadata?.name ?? "",
                volumeHandle: csi.volumeHandle,
                ...image,
                attachment: attachmentName(csi.volumeHandle, csi.driver, node),
            });
        }
    }
    return [...byClaim.values()];
}

function ageOf(pod: V1Pod): number {
    // Listed objects carry a Date here, watched ones the text.
    return new Date(pod.metadata?.creationTimestamp ?? 0).getTime();
}

/** Pool and image of a volume as ceph-csi writes them into the PV; a static PV may carry the image in its handle only. */
function imageOf(
    handle: string,
    attributes: Readonly<Record<string, string>>,
): { pool: string; image: string } | undefined {
    const pool = attributes["pool"];
    const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(handle)?.[0];
    const image = attributes["imageName"] ?? (uuid ? `csi-vol-${uuid}` : undefined);
    return pool && image ? { pool, image } : undefined;
}

/** Name that Kubernetes gives a VolumeAttachment: `csi-` and the SHA-256 of handle, driver and node (csi_attacher.go). */
export function attachmentName(volumeHandle: string, driver: string, node: string): string {
    return `csi-${createHash("sha256").update(`${volumeHandle}${driver}${node}`).digest("hex")}`;
}
