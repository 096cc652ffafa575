/** How long a move kept the applications down, read from their logs of acknowledged writes. */
import type { Ack } from "../lab/demo/acks.js";

/** The end of the old site's writes and the beginning of the new one's. */
export interface Outage {
    /** Milliseconds since the epoch of the last write acknowledged on the old site. */
    readonly last: number;
    /** Of the first one acknowledged on the new site. */
    readonly first: number;
}

/**
 * The outage of one volume in a move to `site` that began at `since`.
 *
 * @param acks the volume's log
 * @param since milliseconds since the epoch
 * @returns undefined while nothing has been acknowledged on the new site
 */
export function outageOf(acks: readonly Ack[], site: string, since: number): Outage | undefined {
    const first = acks.findIndex((ack) => ack.site === site && Date.parse(ack.at) >= since);
    const last = acks[first - 1];
    if (first < 1 || last === undefined || last.site === site) return undefined;
    return { last: Date.parse(last.at), first: Date.parse(acks[first]!.at) };
}

/** Seconds from the first volume that fell silent to the last one that was written again: the application's outage. */
export function rto(outages: readonly Outage[]): number {
    const from = Math.min(...outages.map((o) => o.last));
    return (Math.max(...outages.map((o) => o.first)) - from) / 1000;
}
