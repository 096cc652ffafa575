/**
 * Pure readers of `rbd --format json`: what an image's mirroring is, and what each site last reported of it.
 */

/** Mirroring of an image, from `rbd info`. */
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

/** `rbd mirror image status` of an image. */
export interface GlobalStatus {
    /** Undefined when this site's rbd-mirror has never reported. */
    readonly local?: SiteStatus;
    /** Only peers that have reported. */
    readonly remotes: readonly SiteStatus[];
}

/** The part of `rbd info --format json` that is used here. */
export interface RbdInfo {
    readonly name: string;
    readonly id: string;
    readonly size: number;
    readonly mirroring?: { readonly state?: string; readonly primary?: boolean };
    readonly parent?: {
        readonly pool: string;
        readonly pool_namespace?: string;
        readonly image: string;
        readonly trash?: boolean;
    };
}

/** The part of `rbd mirror image status --format json` that is used here. */
export interface RbdMirrorImageStatus {
    readonly state?: string;
    readonly description?: string;
    readonly peer_sites?: readonly { readonly state?: string; readonly description?: string }[];
}

/** Mirroring from `rbd info`; the program leaves the section out when mirroring is disabled. */
export function readMirrorInfo(info: Pick<RbdInfo, "mirroring">): MirrorInfo {
    return { state: info.mirroring?.state ?? "disabled", primary: info.mirroring?.primary ?? false };
}

/** Status from `rbd mirror image status`. */
export function readGlobalStatus(status: RbdMirrorImageStatus): GlobalStatus {
    const local = readSite(status);
    return {
        ...(local && { local }),
        remotes: (status.peer_sites ?? []).map(readSite).filter((site) => site !== undefined),
    };
}

/** The program prints a made-up `down+unknown, status not found` where Ceph has no report; librbd has nothing there. */
function readSite(site: { readonly state?: string; readonly description?: string }): SiteStatus | undefined {
    const description = site.description ?? "";
    if (!site.state || description === "status not found") return undefined;
    const plus = site.state.indexOf("+");
    return { up: site.state.slice(0, plus) === "up", state: site.state.slice(plus + 1), description };
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
