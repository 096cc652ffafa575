/** Looks at RBD images with the rbd CLI: this machine's, where a ceph.conf is at hand, or the toolbox's. */
import { z } from "zod";
import type { ImageRef, ImageSnapshot } from "../dr/model.js";
import type { Rbd } from "./rbd.js";

const ENOENT = 2;

const infoSchema = z.object({
    mirroring: z
        .object({ state: z.enum(["enabled", "disabled", "disabling"]), primary: z.boolean().optional() })
        .optional(),
});
const statusSchema = z.object({ state: z.string().optional(), description: z.string().optional() });
const syncSchema = z.object({
    local_snapshot_timestamp: z.number().optional(),
    remote_snapshot_timestamp: z.number().optional(),
    bytes_per_second: z.number().optional(),
    bytes_per_snapshot: z.number().optional(),
    replay_state: z.string().optional(),
    syncing_percent: z.number().optional(),
    last_snapshot_bytes: z.number().optional(),
});

/**
 * State of an image.
 *
 * @param rbd the rbd command of the cluster on which to look
 * @returns undefined when the cluster does not answer: the image's state is then simply not known
 */
export async function probeImage(rbd: Rbd, ref: ImageRef): Promise<ImageSnapshot | undefined> {
    const spec = `${ref.pool}/${ref.image}`;
    const info = await rbd(["info", spec]);
    if (info.exitCode === ENOENT) return { exists: false, mirroring: "disabled", primary: false };
    if (info.exitCode !== 0) return undefined;
    const { mirroring } = infoSchema.parse(JSON.parse(info.stdout));
    const status = mirroring?.state === "enabled" ? await rbd(["mirror", "image", "status", spec]) : undefined;
    const { state, description } = status?.exitCode === 0 ? statusSchema.parse(JSON.parse(status.stdout)) : {};
    return {
        exists: true,
        mirroring: mirroring?.state ?? "disabled",
        primary: mirroring?.primary ?? false,
        state,
        description,
        sync: parseSync(description ?? ""),
    };
}

/** The replayer's report is JSON inside the status text: `replaying, {"bytes_per_second":0.0,...}`. */
export function parseSync(description: string): ImageSnapshot["sync"] {
    const text = /\{.*\}/s.exec(description)?.[0];
    if (text === undefined) return undefined;
    try {
        const s = syncSchema.parse(JSON.parse(text));
        return {
            localSnapshotTimestamp: s.local_snapshot_timestamp,
            remoteSnapshotTimestamp: s.remote_snapshot_timestamp,
            bytesPerSecond: s.bytes_per_second,
            bytesPerSnapshot: s.bytes_per_snapshot,
            replayState: s.replay_state,
            syncingPercent: s.syncing_percent,
            lastSnapshotBytes: s.last_snapshot_bytes,
        };
    } catch {
        return undefined;
    }
}
