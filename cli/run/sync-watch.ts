/** Tells how far the copies of a site are while a resync runs, from the images themselves. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SiteConfig } from "../../config.js";
import { syncProgress } from "../../dr/vr-status.js";
import { observeSite, type SiteQuery } from "../../observe/site.js";
import type { EventBus } from "../events.js";

/** Seconds between two looks. */
const INTERVAL = 5;

/** A watch that is running. */
export interface SyncWatch {
    /** Ends it. */
    stop(): Promise<void>;
}

/** Begins to watch a site's copies; without a way to look at images it stays silent. */
export function watchSync(config: SiteConfig, bus: EventBus, leg: number): SyncWatch {
    const ended = new AbortController();
    const watching = watch(config, bus, leg, ended.signal).catch(() => undefined);
    return {
        stop: async () => {
            ended.abort();
            await watching;
        },
    };
}

async function watch(config: SiteConfig, bus: EventBus, leg: number, ended: AbortSignal): Promise<void> {
    const query: SiteQuery = {
        access: config.access,
        keys: config.intent.volumes.map(({ namespace, name }) => `${namespace}/${name}`),
        pool: config.pool.name,
        rbdConf: config.rbdConf,
        images: {},
    };
    while (!ended.aborted) {
        const seen = await observeSite(query);
        if (seen.reach === "observed")
            for (const { key, image } of Object.values(seen.volumes)) {
                if (image === undefined) continue;
                const progress = syncProgress(image);
                bus.emit({
                    type: "sync",
                    stack: config.intent.site,
                    leg,
                    volume: key,
                    state: image.state,
                    percent: progress?.percent,
                    bytesLeft: progress?.bytesLeft,
                    bytesPerSecond: image.sync?.bytesPerSecond,
                    secondsLeft: progress?.secondsLeft,
                    behindSeconds: progress?.behindSeconds,
                    caughtUp: progress?.caughtUp ?? false,
                });
            }
        await sleep(INTERVAL * 1000, undefined, { signal: ended }).catch(() => undefined);
    }
}
