/** Tells how far the copies of a site are while a resync runs, from the images themselves. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SiteConfig } from "../../config.js";
import { syncProgress } from "../../dr/vr-status.js";
import { connect } from "../../observe/cluster.js";
import { rbdOf, type Rbd } from "../../observe/rbd.js";
import { observeVolume } from "../../observe/site.js";
import type { EventBus } from "../events.js";

/** Seconds between two looks; each is two runs of `rbd` a volume. */
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
    const rbd = await rbdOf(config.access, config.rbdConf);
    if (rbd === undefined) return;
    while (!ended.aborted) {
        for (const { namespace, name } of config.intent.volumes)
            await tell(config, bus, leg, `${namespace}/${name}`, rbd).catch(() => undefined);
        await sleep(INTERVAL * 1000, undefined, { signal: ended }).catch(() => undefined);
    }
}

async function tell(config: SiteConfig, bus: EventBus, leg: number, volume: string, rbd: Rbd): Promise<void> {
    const { image } = await observeVolume(connect(config.access), volume, { images: {}, rbd });
    const progress = syncProgress(image);
    bus.emit({
        type: "sync",
        stack: config.intent.site,
        leg,
        volume,
        state: image?.state,
        percent: progress?.percent,
        bytesLeft: progress?.bytesLeft,
        bytesPerSecond: image?.sync?.bytesPerSecond,
        secondsLeft: progress?.secondsLeft,
        behindSeconds: progress?.behindSeconds,
        caughtUp: progress?.caughtUp ?? false,
    });
}
