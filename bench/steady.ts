/** Waits until a site's copies are complete and follow: only then is a move a fair one, and only then does ours begin one. */
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { z } from "zod";
import type { ImageRef } from "../dr/model.js";
import type { SiteInfo } from "../lab/site.js";
import { parseSync } from "../observe/images.js";

const statusSchema = z.object({
    images: z
        .array(z.object({ name: z.string(), state: z.string().optional(), description: z.string().optional() }))
        .default([]),
});

/** The pool's status, as `rbd mirror pool status --verbose` tells it. */
export type PoolStatus = z.infer<typeof statusSchema>;

/**
 * Waits until all images replay on a site and have their first copy.
 *
 * @param seconds how long to wait
 * @throws Error with the images that do not, and what is said of the first of them
 */
export async function waitReplaying(site: SiteInfo, images: readonly ImageRef[], seconds = 900): Promise<void> {
    const pool = images[0]?.pool;
    if (pool === undefined) return;
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const { stdout } = await execa(
            "rbd",
            ["--conf", site.ceph.conf, "mirror", "pool", "status", pool, "--verbose", "--format", "json"],
            { timeout: 120_000 },
        );
        const behind = notReplaying(statusSchema.parse(JSON.parse(stdout)), images);
        if (behind.length === 0) return;
        if (Date.now() > end)
            throw new Error(
                `Waited ${seconds} s for ${images.length} images to replay on ${site.site}; ${behind.length} do not. ${behind[0]}`,
            );
        await sleep(1000);
    }
}

/** The images that have no complete, following copy, each with what is said of it. */
export function notReplaying(status: PoolStatus, images: readonly ImageRef[]): string[] {
    const seen = new Map(status.images.map((image) => [image.name, image]));
    return images.flatMap(({ image }) => {
        const { state, description } = seen.get(image) ?? {};
        const complete = parseSync(description ?? "")?.localSnapshotTimestamp !== undefined;
        return state === "up+replaying" && complete
            ? []
            : [`${image}: ${state ?? "not there"}, ${description ?? "no status"}`];
    });
}
