/** What a forced promotion may lose: everything written on the lost site after the newest snapshot that arrived here. */
import { formatSeconds, fromEpoch, secondsBetween } from "./time.js";
import type { Context, VolumeFacts } from "./facts.js";

/** What may be lost of one volume. */
export interface LossWindow {
    /** RFC 3339 time of the newest snapshot known to have arrived here. */
    readonly lastSync?: string;
    /** From then until now: an upper bound, since the other site may have stopped earlier. */
    readonly seconds?: number;
}

/**
 * The window, from the best source there is: this side's own report of its newest complete snapshot, else what the lost
 * site's outputs knew.
 */
export function lossWindow(context: Context, v: VolumeFacts): LossWindow {
    const local = v.own?.image?.sync?.localSnapshotTimestamp;
    const lastSync = local !== undefined ? fromEpoch(local) : context.peerOutputs?.lastSync[v.key];
    return lastSync === undefined ? {} : { lastSync, seconds: secondsBetween(lastSync, context.input.now) };
}

/** The window in words, for preview, `up` and report. */
export function describeLossWindow(key: string, window: LossWindow): string {
    if (window.lastSync === undefined || window.seconds === undefined)
        return `${key}: it is not known when it was last synced: everything written since may be lost`;
    return `${key}: writes since ${window.lastSync} may be lost, at most ${formatSeconds(window.seconds)}`;
}
