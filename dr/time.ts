/** Times and durations as decisions need them; the time itself always comes from outside. */

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Seconds of a scheduling interval.
 *
 * @param interval digits and one of m, h, d, as ceph-csi takes it (facts b.4)
 * @returns undefined where the text is no interval
 */
export function intervalSeconds(interval: string): number | undefined {
    const match = /^(\d+)([smhd])$/.exec(interval);
    return match === null ? undefined : Number(match[1]) * UNIT_SECONDS[match[2] as string]!;
}

/** Whole seconds from one RFC 3339 time to another; undefined where either is no time. */
export function secondsBetween(from: string, to: string): number | undefined {
    const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
    return Number.isNaN(seconds) ? undefined : Math.max(0, Math.round(seconds));
}

/** RFC 3339 time of seconds since the epoch. */
export function fromEpoch(seconds: number): string {
    return new Date(seconds * 1000).toISOString();
}

/** A duration for a person, for example `42 s`, `3 min 10 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
    if (seconds < 60) return `${Math.round(seconds)} s`;
    const minutes = Math.floor(seconds / 60);
    const rest = Math.round(seconds % 60);
    if (minutes < 60) return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
    const hours = Math.floor(minutes / 60);
    return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
