/** Looks at both sites while a drill runs: how far each copy is behind, and since when VolumeReplications say what. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SiteConfig } from "../../config.js";
import { asksPrimary } from "../../dr/vr-status.js";
import type { SiteSnapshot, VolumeSnapshot } from "../../dr/model.js";
import { observeSite } from "../../observe/site.js";
import type { Project } from "../engine/project.js";
import type { Sample } from "./journal.js";

/** Seconds between two looks: often enough for a plot, seldom enough not to slow down what is measured. */
const INTERVAL = 5;

/** Seconds that a site which does not answer may hold a look up. */
const TIMEOUT = 4;

/** A sampler that runs. */
export interface Sampler {
    stop(): Promise<void>;
}

/** Begins to look; a look that fails is left out. */
export function startSampler(project: Project, keep: (sample: Sample) => void): Sampler {
    const ended = new AbortController();
    const running = (async () => {
        const configs = await Promise.all(project.sites.map((site) => site.config()));
        while (!ended.signal.aborted) {
            await look(configs).then(keep, () => undefined);
            await sleep(INTERVAL * 1000, undefined, { signal: ended.signal }).catch(() => undefined);
        }
    })().catch(() => undefined);
    return {
        stop: async () => {
            ended.abort();
            await running;
        },
    };
}

async function look(configs: readonly SiteConfig[]): Promise<Sample> {
    const snapshots = await Promise.all(
        configs.map(async (config) => ({
            site: config.intent.site,
            snapshot: await observeSite({
                access: config.access,
                keys: config.intent.volumes.map((v) => `${v.namespace}/${v.name}`),
                pool: config.pool.name,
                rbdConf: config.rbdConf,
                images: {},
                timeout: TIMEOUT,
            }),
        })),
    );
    return sampleOf(new Date().toISOString(), snapshots);
}

/** What two snapshots say, for the record: pure. */
export function sampleOf(at: string, sites: readonly { site: string; snapshot: SiteSnapshot }[]): Sample {
    const volumes = sites.flatMap(({ site, snapshot }) =>
        snapshot.reach === "observed" ? Object.values(snapshot.volumes).map((volume) => ({ site, volume })) : [],
    );
    const lag = new Map<string, Sample["lag"][number]>();
    for (const { site, volume } of volumes) {
        const other = sites.find((s) => s.site !== site)!.site;
        // The primary's VolumeReplication says what the other copy holds; the copy's own image knows better.
        const fromPrimary = volume.vr && asksPrimary(volume.vr) ? volume.vr.status.lastSyncTime : undefined;
        if (fromPrimary !== undefined && !lag.has(`${other} ${volume.key}`))
            lag.set(`${other} ${volume.key}`, { volume: volume.key, site: other, seconds: since(fromPrimary, at) });
        const own = ownSync(volume);
        if (own !== undefined) lag.set(`${site} ${volume.key}`, { volume: volume.key, site, seconds: since(own, at) });
    }
    return {
        at,
        lag: [...lag.values()],
        conditions: volumes.flatMap(({ site, volume }) =>
            (volume.vr?.status.conditions ?? []).flatMap(({ type, status, lastTransitionTime }) =>
                lastTransitionTime === undefined
                    ? []
                    : [{ volume: volume.key, site, type, status, since: new Date(lastTransitionTime).toISOString() }],
            ),
        ),
    };
}

/** Time of the newest snapshot that is complete in a copy; undefined on a primary. */
function ownSync({ image }: VolumeSnapshot): string | undefined {
    const seconds = image?.primary === false ? image.sync?.localSnapshotTimestamp : undefined;
    return seconds === undefined ? undefined : new Date(seconds * 1000).toISOString();
}

function since(from: string, at: string): number {
    return Math.max(0, (Date.parse(at) - Date.parse(from)) / 1000);
}
