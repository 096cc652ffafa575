/** What a forced promotion may lose: everything written on the lost site after the newest snapshot that arrived here. */
import { formatSeconds, fromEpoch, secondsBetween } from "./time.js";
import { handedOver } from "./vr-status.js";
import type { Context, VolumeFacts } from "./facts.js";

/** What may be lost of one volume. */
export interface LossWindow {
    /** RFC 3339 time of the newest snapshot known to have arrived here. */
    readonly lastSync?: string;
    /** From then until now: an upper bound, since the other site may have stopped earlier. */
    readonly seconds?: number;
}

/**
 * The window, from the newest time at which both copies are known to have been equal: this side's own report of its newest
 * complete snapshot, what the lost site's outputs knew, and, right after a move, when no snapshot has been made since, this
 * side's own handover.
 */
export function lossWindow(context: Context, v: VolumeFacts): LossWindow {
    const local = v.own?.image?.sync?.localSnapshotTimestamp;
    const known = [
        local === undefined ? undefined : fromEpoch(local),
        context.peerOutputs?.lastSync[v.key],
        handoverTime(context, v),
    ];
    const lastSync = known
        .filter((time) => time !== undefined)
        .sort((a, b) => Date.parse(a) - Date.parse(b))
        .at(-1);
    return lastSync === undefined ? {} : { lastSync, seconds: secondsBetween(lastSync, context.input.now) };
}

/**
 * When both copies were last demoted and equal: as the controller here saw it, or when the image was demoted that is known to have
 * been handed over, and that nothing has arrived for since. Whatever the other site wrote, it wrote after that.
 */
function handoverTime({ ownOutputs }: Context, { key, own, ownVr }: VolumeFacts): string | undefined {
    if (ownVr !== undefined && handedOver(ownVr))
        return ownVr.status.conditions.find(({ type }) => type === "Degraded")?.lastTransitionTime;
    const newest = own?.image?.newest;
    const handedOverOnce = ownOutputs?.handedOver.includes(key) === true;
    if (!handedOverOnce || newest?.at === undefined || !newest.demotion || newest.copyOf !== undefined)
        return undefined;
    return fromEpoch(newest.at);
}

/** The window in words, for preview, `up` and report. */
export function describeLossWindow(key: string, window: LossWindow): string {
    if (window.lastSync === undefined || window.seconds === undefined)
        return `${key}: it is not known when it was last synced: everything written since may be lost`;
    return `${key}: writes since ${window.lastSync} may be lost, at most ${formatSeconds(window.seconds)}`;
}
