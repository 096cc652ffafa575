/** The attacher's part: VolumeAttachments of the claims that pods mount. */
import type { V1VolumeAttachment } from "@kubernetes/client-node";
import { found, httpStatus, mergePatch, type Api } from "../api/client.js";
import { RBD_DRIVER, type DesiredWriter } from "./desired.js";

/** The VolumeAttachment of a mounted claim, as Kubernetes' attach-detach controller writes it. */
export function attachmentOf(writer: DesiredWriter): V1VolumeAttachment {
    return {
        apiVersion: "storage.k8s.io/v1",
        kind: "VolumeAttachment",
        metadata: { name: writer.attachment },
        spec: {
            attacher: RBD_DRIVER,
            nodeName: writer.node,
            source: { persistentVolumeName: writer.volume },
        },
    };
}

/** Creates the VolumeAttachment and marks it attached; both are safe to repeat. */
export async function attach(api: Api, writer: DesiredWriter, seen: V1VolumeAttachment | undefined): Promise<boolean> {
    if (seen?.status?.attached) return false;
    if (!seen) {
        await api.storage.createVolumeAttachment({ body: attachmentOf(writer) }).catch((error: unknown) => {
            if (httpStatus(error) !== 409) throw error;
        });
    }
    const body = { status: { attached: true } };
    await api.storage.patchVolumeAttachmentStatus({ name: writer.attachment, body }, mergePatch);
    return true;
}

/** Removes a VolumeAttachment; one that is gone already is fine. */
export async function detach(api: Api, name: string): Promise<void> {
    await found(api.storage.deleteVolumeAttachment({ name }));
}

/**
 * VolumeAttachments of this node and driver that nobody uses any more.
 * @param inUse names that a pod wants, or whose writer may still be running
 */
export function abandoned(
    attachments: readonly V1VolumeAttachment[],
    node: string,
    inUse: ReadonlySet<string>,
): string[] {
    return attachments
        .filter((seen) => seen.spec.attacher === RBD_DRIVER && seen.spec.nodeName === node)
        .map((seen) => seen.metadata?.name ?? "")
        .filter((name) => !inUse.has(name));
}
