/** Looks at RBD images: a whole pool at once, or one by one where that cannot be had. */
import { readFileSync } from "node:fs";
import pLimit from "p-limit";
import { z } from "zod";
import type { ImageRef, ImageSnapshot } from "../dr/model.js";
import type { CephTools } from "./rbd.js";

const ENOENT = 2;
/** How many `rbd` run at once: each takes most of a processor while it lasts. */
const AT_ONCE = 4;
const PROGRAM = readFileSync(new URL("images.py", import.meta.url), "utf8");

const mirroringSchema = z.enum(["enabled", "disabled", "disabling", "unknown"]);
const parentSchema = z.object({
    parent: z.object({ pool: z.string(), image: z.string(), snapshot: z.string().optional() }).optional(),
});
const infoSchema = z.object({
    mirroring: z
        .object({ state: mirroringSchema, primary: z.boolean().optional(), mode: z.string().optional() })
        .optional(),
});
const statusSchema = z.object({ state: z.string().optional(), description: z.string().optional() });
const poolSchema = z.object({
    images: z.record(
        z.string(),
        statusSchema.extend({
            mirroring: mirroringSchema.optional(),
            primary: z.boolean().optional(),
            complete: z.boolean().optional(),
            newest: z
                .object({ id: z.number(), at: z.number(), demotion: z.boolean(), copyOf: z.number().optional() })
                .optional(),
        }),
    ),
});
const snapshotsSchema = z.array(
    z.object({
        id: z.number(),
        namespace: z
            .object({
                type: z.string(),
                state: z.string().optional(),
                complete: z.boolean().optional(),
                primary_snap_id: z.number().optional(),
            })
            .optional(),
    }),
);
const syncSchema = z.object({
    local_snapshot_timestamp: z.number().optional(),
    remote_snapshot_timestamp: z.number().optional(),
    bytes_per_second: z.number().optional(),
    bytes_per_snapshot: z.number().optional(),
    replay_state: z.string().optional(),
    syncing_percent: z.number().optional(),
    last_snapshot_bytes: z.number().optional(),
});

const MISSING: ImageSnapshot = { exists: false, mirroring: "disabled", primary: false };

/**
 * Which copies are asked for their snapshots, for which an image is opened: none; those that are demoted on both sites, as the look for a
 * handover needs; or every one whose report names no snapshot, as a forced promotion needs.
 */
export type SnapshotsAsked = "none" | "demoted" | "copies";

/** Says how an image stands; undefined when the cluster does not answer: the image's state is then simply not known. */
export type ImageLook = (ref: ImageRef) => Promise<ImageSnapshot | undefined>;

/**
 * A look at a site's images: each pool is read once, when the first of its images (or the pool itself, in `ahead`) is
 * asked for, and what was read then holds for this look.
 *
 * @param ahead pools to begin with at once
 */
export function imageLook(
    tools: CephTools,
    ahead: readonly string[] = [],
    snapshots: SnapshotsAsked = "demoted",
): ImageLook {
    const pools = new Map<string, Promise<Map<string, ImageSnapshot> | "one by one" | undefined>>();
    const limit = pLimit(AT_ONCE);
    let silent = false;
    const one = async (ref: ImageRef) => {
        // One time limit is enough for finding out that Ceph does not answer; not one an image.
        const image = silent ? undefined : await probeImage(tools, ref, snapshots);
        silent = image === undefined;
        return image;
    };
    const poolOf = (pool: string) => {
        if (!pools.has(pool)) pools.set(pool, readPool(tools, pool, snapshots));
        return pools.get(pool)!;
    };
    // Who asks for an image gets the error.
    for (const pool of ahead) poolOf(pool).catch(() => undefined);
    return async (ref) => {
        const images = await poolOf(ref.pool);
        if (images === "one by one") return limit(() => one(ref));
        return images && (images.get(ref.image) ?? MISSING);
    };
}

/** Undefined when Ceph does not answer in time. A Python that has no module for Ceph leaves the rbd program. */
async function readPool(
    tools: CephTools,
    pool: string,
    snapshots: SnapshotsAsked,
): Promise<Map<string, ImageSnapshot> | "one by one" | undefined> {
    const { exitCode, stdout } = await tools.python(PROGRAM, [pool, snapshots]);
    // Ended by a signal: its own time limit.
    if (exitCode === undefined || exitCode > 128) return undefined;
    if (exitCode !== 0) return "one by one";
    const { images } = poolSchema.parse(JSON.parse(stdout));
    return new Map(
        Object.entries(images).map(([name, { mirroring, primary, complete, newest, ...status }]) => [
            name,
            snapshotOf({ mirroring: mirroring && { state: mirroring, primary } }, status, { complete, newest }),
        ]),
    );
}

/** State of one image, by the rbd program. */
export async function probeImage(
    tools: CephTools,
    ref: ImageRef,
    snapshots: SnapshotsAsked = "demoted",
): Promise<ImageSnapshot | undefined> {
    const spec = `${ref.pool}/${ref.image}`;
    const info = await tools.rbd(["info", spec]);
    if (info.exitCode === ENOENT) return MISSING;
    if (info.exitCode !== 0) return undefined;
    const parsed = infoSchema.parse(JSON.parse(info.stdout));
    const enabled = parsed.mirroring?.state === "enabled";
    const status = enabled ? await tools.rbd(["mirror", "image", "status", spec]) : undefined;
    const seen = snapshotOf(parsed, status?.exitCode === 0 ? statusSchema.parse(JSON.parse(status.stdout)) : {});
    // As images.py has it, which says so of a whole pool without a second connection.
    const doubtful = enabled && !seen.primary && seen.sync?.localSnapshotTimestamp === undefined;
    const asked = snapshots === "copies" || (snapshots === "demoted" && seen.state === "up+unknown");
    if (!asked || !doubtful || parsed.mirroring?.mode !== "snapshot") return seen;
    return { ...seen, ...(await wholeSnapshots(tools, spec)) };
}

/**
 * Whether there is anything that a forced promotion could go back to, and the newest mirror snapshot if it is whole; nothing
 * when Ceph does not say. The rbd program tells a snapshot's time in a time zone that it does not name.
 */
async function wholeSnapshots(tools: CephTools, spec: string): Promise<Pick<ImageSnapshot, "complete" | "newest">> {
    const { exitCode, stdout } = await tools.rbd(["snap", "ls", "--all", spec]);
    if (exitCode !== 0) return {};
    const snapshots = snapshotsSchema
        .parse(JSON.parse(stdout))
        .flatMap(({ id, namespace }) => (namespace?.type === "mirror" ? [{ ...namespace, id }] : []))
        .sort((a, b) => a.id - b.id);
    const complete = snapshots.some((snapshot) => snapshot.complete === true);
    const last = snapshots.at(-1);
    if (last?.complete !== true) return { complete };
    const { id, state = "", primary_snap_id: copyOf } = last;
    const demotion = state.includes("demoted");
    return { complete, newest: state.startsWith("non-primary") ? { id, demotion, copyOf } : { id, demotion } };
}

/** What an image is a clone of, as `pool/image@snapshot`; undefined for one that is none, or cannot be looked at. */
export async function parentOf(tools: CephTools, ref: ImageRef): Promise<string | undefined> {
    const info = await tools.rbd(["info", `${ref.pool}/${ref.image}`]);
    if (info.exitCode !== 0) return undefined;
    const { parent } = parentSchema.parse(JSON.parse(info.stdout));
    return parent && `${parent.pool}/${parent.image}${parent.snapshot === undefined ? "" : `@${parent.snapshot}`}`;
}

function snapshotOf(
    { mirroring }: z.infer<typeof infoSchema>,
    status: z.infer<typeof statusSchema>,
    { complete, newest }: Pick<ImageSnapshot, "complete" | "newest"> = {},
): ImageSnapshot {
    return {
        exists: true,
        mirroring: mirroring?.state ?? "disabled",
        primary: mirroring?.primary ?? false,
        state: status.state,
        description: status.description,
        sync: parseSync(status.description ?? ""),
        ...(complete !== undefined && { complete }),
        ...(newest !== undefined && { newest }),
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
