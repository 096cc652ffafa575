/** The wait of a resync: the fresh copy has arrived, is complete, and keeps up. It says how far it is. */
import type { SiteConfig } from "../config.js";
import { intervalSeconds } from "../dr/time.js";
import { describeProgress } from "../dr/seen.js";
import { syncProgress } from "../dr/vr-status.js";
import type { DecisionInput, ImageSnapshot, VolumeKey } from "../dr/model.js";
import { imageLook } from "../observe/images.js";
import { recordedImages } from "../observe/index.js";
import { cephToolsOf } from "../observe/rbd.js";
import { sharedLook } from "../observe/shared-look.js";
import { patienceForLook } from "../many-volumes.js";
import { waitUntil } from "./poll.js";

/** Seconds between two looks. */
const INTERVAL = 3;

/** Looks at a volume's copy here; `nowhere to look` without a ceph.conf or a toolbox, undefined while Ceph does not answer. */
export type CopyLook = (key: VolumeKey) => Promise<ImageSnapshot | "nowhere to look" | undefined>;

/**
 * Looks at copies of this site. Those who wait at the same time share their looks, each of which is one at all images.
 *
 * @param input says where the images lie: either stack's records
 */
export function copiesLook(config: SiteConfig, input: DecisionInput): CopyLook {
    const refs = recordedImages(input.ownOutputs, input.peerOutputs);
    const look = sharedLook(async () => {
        const tools = await cephToolsOf(config.access, config.rbdConf, patienceForLook(Object.keys(refs).length));
        const imageOf = tools && imageLook(tools, [], "none");
        const seen = Object.entries(refs).map(async ([key, ref]) => [key, await imageOf?.(ref)] as const);
        return tools && new Map(await Promise.all(seen));
    });
    return async (key) => {
        if (refs[key] === undefined) return "nowhere to look";
        const seen = await look();
        return seen === undefined ? "nowhere to look" : seen.get(key);
    };
}

/**
 * Waits until the copy here replays and is at most one snapshot interval behind. Where there is nowhere to look, what the VR
 * says has to do.
 *
 * @param until given where this only tells the progress while something else is waited for: true once that is over
 * @throws Error with the progress seen last
 */
export async function waitCaughtUp(
    config: SiteConfig,
    key: VolumeKey,
    look: CopyLook,
    until?: () => boolean,
): Promise<void> {
    const interval = intervalSeconds(config.intent.schedulingInterval);
    await waitUntil(
        `${key} to be copied afresh`,
        async () => {
            if (until?.()) return undefined;
            const image = await look(key);
            return image === "nowhere to look" ? undefined : copyMissing(image, interval);
        },
        config.timeouts.resync,
        { rest: () => INTERVAL, background: until !== undefined },
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
