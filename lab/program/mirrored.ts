/** Waits until a site holds a replaying copy of an image. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ImageRef, ImageSnapshot } from "../../dr/model.js";
import type { SiteInfo } from "../site.js";
import { imageSeen } from "./images.js";

/**
 * Waits until the image on `site` is `up+replaying` and its first copy is complete.
 *
 * @param seconds how long to wait
 * @throws Error with the status seen last
 */
export async function waitMirrored(site: SiteInfo, ref: ImageRef, seconds = 180): Promise<void> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const image = await imageSeen(site, ref);
        const complete = ["idle", "syncing"].includes(image?.sync?.replayState ?? "");
        if (image?.state === "up+replaying" && complete) return;
        if (Date.now() > end)
            throw new Error(
                `Waited ${seconds} s for ${ref.pool}/${ref.image} to replay on ${site.site}; seen last: ${inWords(image)}.`,
            );
        await sleep(1000);
    }
}

function inWords(image: ImageSnapshot | undefined): string {
    if (image === undefined) return "Ceph does not answer";
    return image.exists ? `${image.state ?? "no status"}, ${image.description ?? ""}` : "no such image";
}
