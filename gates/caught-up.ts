/** The wait of a resync: the fresh copy has arrived, is complete, and keeps up. It says how far it is. */
import type { SiteConfig } from "../config.js";
import { intervalSeconds } from "../dr/time.js";
import { describeProgress } from "../dr/seen.js";
import { syncProgress } from "../dr/vr-status.js";
import type { ImageRef, ImageSnapshot } from "../dr/model.js";
import { probeImage } from "../observe/images.js";
import { rbdOf } from "../observe/rbd.js";
import { waitUntil } from "./poll.js";

/** Seconds between two looks; each is two runs of `rbd`. */
const INTERVAL = 3;

/**
 * Waits until the copy here replays and is at most one snapshot interval behind. Without a ceph.conf or a toolbox there is
 * nothing to look at, and what the VR says has to do.
 *
 * @param until given where this only tells the progress while something else is waited for: true once that is over
 * @throws Error with the progress seen last
 */
export async function waitCaughtUp(
    config: SiteConfig,
    key: string,
    ref: ImageRef,
    until?: () => boolean,
): Promise<void> {
    const rbd = await rbdOf(config.access, config.rbdConf);
    if (rbd === undefined) return;
    const interval = intervalSeconds(config.intent.schedulingInterval);
    await waitUntil(
        `${key} to be copied afresh`,
        async () => (until?.() ? undefined : copyMissing(await probeImage(rbd, ref), interval)),
        config.timeouts.resync,
        { interval: INTERVAL, background: until !== undefined },
    );
}

/**
 * What a fresh copy still lacks, in words; undefined when it is complete and keeps up.
 *
 * @param interval seconds between two mirror snapshots; a copy that is behind by no more keeps up
 */
export function copyMissing(image: ImageSnapshot | undefined, interval = 0): string | undefined {
    if (image === undefined) return "Ceph does not answer";
    if (!image.exists) return "the old copy is gone, the fresh one has not begun";
    const progress = syncProgress(image);
    const complete = image.sync?.localSnapshotTimestamp !== undefined;
    const keepsUp = progress?.caughtUp === true || (progress?.behindSeconds ?? Infinity) <= interval;
    if (image.state === "up+replaying" && complete && keepsUp) return undefined;
    const seen = describeProgress(image);
    return `image ${image.state ?? "without a status yet"}${seen === "" ? "" : `, ${seen}`}`;
}
