/** What an image's mirroring is, what each site last reported of it, and pure readers of both. */

/** Mirroring of an image. */
export interface MirrorInfo {
    /** `disabled`, `enabled`, `disabling` or a newer word of Ceph's. */
    readonly state: string;
    readonly primary: boolean;
}

/** What one site's rbd-mirror last reported of an image. */
export interface SiteStatus {
    /** Whether that rbd-mirror still reports. */
    readonly up: boolean;
    /** For example `replaying`, `stopped`, `unknown`, `error`. */
    readonly state: string;
    readonly description: string;
}

/** What all sites last reported of an image. */
export interface GlobalStatus {
    /** Undefined when this site's rbd-mirror has never reported. */
    readonly local?: SiteStatus;
    /** Only peers that have reported. */
    readonly remotes: readonly SiteStatus[];
}

/** What an image is, as librbd/questions.py says it. */
export interface ImageInfo {
    readonly name: string;
    readonly id: string;
    readonly size: number;
    /** Absent when mirroring is disabled. */
    readonly mirroring?: MirrorInfo;
    readonly parent?: {
        readonly pool: string;
        readonly namespace: string;
        readonly image: string;
        readonly trash: boolean;
    };
}

/** Mirroring from what an image is. */
export function readMirrorInfo({ mirroring }: Pick<ImageInfo, "mirroring">): MirrorInfo {
    return mirroring ?? { state: "disabled", primary: false };
}

/** The newest snapshot that a replaying site holds, from its report. */
export interface LastSync {
    /** Seconds since the epoch. */
    readonly time: number;
    /** Seconds that the last transfer took, where reported. */
    readonly duration?: number;
    /** Bytes of the last transfer; 0 where not reported. */
    readonly bytes: number;
}

/** Why a report says nothing of a last sync. `notFound`: a healthy report that merely has none (yet). */
export interface NoLastSync {
    readonly notFound: boolean;
    readonly text: string;
}

/**
 * Reads the last sync out of a site's description, `replaying, {"local_snapshot_timestamp":1684675261, ...}`.
 * The texts of the failures are ceph-csi's.
 */
export function readLastSync(description: string): LastSync | NoLastSync {
    const notFound = (what: string): NoLastSync => ({
        notFound: true,
        text: `failed to get last sync info: ${what}: last sync time not found`,
    });
    if (description === "") return notFound("empty description");
    const comma = description.indexOf(",");
    if (comma < 0) return notFound("no snapshot details");
    let details: unknown;
    try {
        details = JSON.parse(description.slice(comma + 1));
    } catch (error) {
        return {
            notFound: false,
            text: `failed to get last sync info: failed to unmarshal local snapshot info: ${(error as Error).message}`,
        };
    }
    const number = (key: string): number | undefined => {
        const value = (details as Record<string, unknown> | null)?.[key];
        return typeof value === "number" ? value : undefined;
    };
    const time = number("local_snapshot_timestamp");
    if (!time) return notFound("empty local snapshot timestamp");
    const duration = number("last_snapshot_sync_seconds");
    return { time, bytes: number("last_snapshot_bytes") ?? 0, ...(duration !== undefined && { duration }) };
}
