/** Waits until a site holds a replaying copy of an image. */
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { ImageRef } from "../../dr/model.js";
import type { SiteInfo } from "../site.js";

/**
 * Waits until the image on `site` is `up+replaying` and its first copy is complete.
 *
 * @param seconds how long to wait
 * @throws Error with the status seen last
 */
export async function waitMirrored(site: SiteInfo, ref: ImageRef, seconds = 180): Promise<void> {
    const end = Date.now() + seconds * 1000;
    let last: string;
    for (;;) {
        const run = await execa(
            "rbd",
            ["--conf", site.ceph.conf, "mirror", "image", "status", `${ref.pool}/${ref.image}`, "--format", "json"],
            { reject: false, timeout: 30_000 },
        );
        if (run.exitCode === 0) {
            const status = JSON.parse(run.stdout) as { state?: string; description?: string };
            last = `${status.state}, ${status.description}`;
            if (status.state === "up+replaying" && /"replay_state":"(idle|syncing)"/.test(status.description ?? ""))
                return;
        } else {
            last = run.stderr.trim().split("\n").at(-1) ?? "";
        }
        if (Date.now() > end)
            throw new Error(
                `Waited ${seconds} s for ${ref.pool}/${ref.image} to replay on ${site.site}; seen last: ${last}.`,
            );
        await sleep(1000);
    }
}
