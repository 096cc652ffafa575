/** The gate before a demotion: nobody uses the volume any more. */
import type { ClusterAccess } from "../config.js";
import type { VolumeKey, VolumeSnapshot } from "../dr/model.js";
import { connect } from "../observe/cluster.js";
import { observeVolume } from "../observe/site.js";
import { waitUntil } from "./poll.js";

/**
 * Waits until no pod mounts the claim and no VolumeAttachment of its PV is left.
 *
 * @param seconds how long to wait
 * @throws Error naming the pods and attachments seen last
 */
export async function waitQuiesced(access: ClusterAccess, key: VolumeKey, seconds: number): Promise<void> {
    const cluster = connect(access);
    await waitUntil(
        `${key} to be out of use`,
        async () => stillUsedBy(await observeVolume(cluster, key, { images: {} })),
        seconds,
    );
}

/** Who uses the volume, in words; undefined when nobody does. */
export function stillUsedBy(volume: Pick<VolumeSnapshot, "pods" | "attachments">): string | undefined {
    const users = [
        ...volume.pods.map((pod) => `pod ${pod} mounts it`),
        ...volume.attachments.map((a) => `VolumeAttachment ${a} is left`),
    ];
    return users.length === 0 ? undefined : users.join(", ");
}
