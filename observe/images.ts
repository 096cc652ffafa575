/** Looks at RBD images with the rbd CLI, where a ceph.conf is at hand. */
import { execa } from "execa";
import { z } from "zod";
import type { ImageRef, ImageSnapshot } from "../dr/model.js";

/** Seconds for one rbd command; a frozen Ceph cluster never answers. */
const RBD_TIMEOUT = 10;
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
 * State of an image on the cluster of `conf`.
 *
 * @returns undefined when the cluster does not answer: the image's state is then simply not known
 */
export async function probeImage(conf: string, ref: ImageRef): Promise<ImageSnapshot | undefined> {
    const spec = `${ref.pool}/${ref.image}`;
    const info = await rbd(conf, ["info", spec]);
    if (info.exitCode === ENOENT) return { exists: false, mirroring: "disabled", primary: false };
    if (info.exitCode !== 0) return undefined;
    const { mirroring } = infoSchema.parse(JSON.parse(info.stdout));
    const status = mirroring?.state === "enabled" ? await rbd(conf, ["mirror", "image", "status", spec]) : undefined;
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

async function rbd(conf: string, args: string[]): Promise<{ exitCode: number | undefined; stdout: string }> {
    const run = await execa("rbd", ["--conf", conf, ...args, "--format", "json"], {
        reject: false,
        timeout: RBD_TIMEOUT * 1000,
        killSignal: "SIGKILL",
    });
    return { exitCode: run.exitCode, stdout: run.stdout };
}
