/**
 * Reads a VolumeReplication's status (facts b.5, b.12). Only conditions of the current generation count: an older one
 * answers a request that is no longer the one being asked.
 */
import type { Condition, ImageSnapshot, VrSnapshot } from "./model.js";

/** Annotation that carries the term of a copy's last promotion: see `VolumePlan.vr.term`. */
export const TERM_ANNOTATION = "rbd-dr/term";

/**
 * What a VR's status amounts to.
 *
 * - `promoted`: primary, and the controller says so.
 * - `promoting`: asked to be primary; not there yet, or failing.
 * - `handed-over`: secondary, and at some moment since this was asked both copies were demoted and equal. An edge, not a
 *   live value: the controller stops looking, so it stays after the peer was promoted.
 * - `degraded`: secondary, and not (or no longer) known to be equal. Also the steady face of a healthy secondary that
 *   replays from a primary peer.
 * - `failing`: secondary, and the controller's last attempt failed: split brain, a resync under way, or a passing error.
 * - `pending`: secondary was asked and the controller has not answered for this generation.
 */
export type VrPhase = "promoted" | "promoting" | "handed-over" | "degraded" | "failing" | "pending";

/** Tells the phase of a VR. */
export function vrPhase(vr: VrSnapshot): VrPhase {
    if (asksPrimary(vr)) return isPromoted(vr) ? "promoted" : "promoting";
    if (has(vr, "Completed", "False")) return "failing";
    if (vr.status.state !== "Secondary" || !has(vr, "Completed", "True")) return "pending";
    if (handedOver(vr)) return "handed-over";
    return "degraded";
}

/** Whether the VR asks for primary: its controller promotes as soon as it can, by force if need be. */
export function asksPrimary(vr: VrSnapshot): boolean {
    return vr.spec.replicationState === "primary";
}

/** Whether the VR gives its copy up for a fresh one from the peer. */
export function asksResync(vr: VrSnapshot): boolean {
    return vr.spec.replicationState === "resync" || (vr.spec.autoResync && !asksPrimary(vr));
}

/** Whether the copy is promoted: asked, answered for this generation, and healthy. */
export function isPromoted(vr: VrSnapshot): boolean {
    return (
        asksPrimary(vr) && vr.status.state === "Primary" && has(vr, "Completed", "True") && !has(vr, "Degraded", "True")
    );
}

/**
 * Whether this copy has handed over: demoted, and since that was asked both copies were once seen equal and demoted.
 * This is the one gate before the peer may be promoted without loss (facts b.5, fact 2).
 */
export function handedOver(vr: VrSnapshot): boolean {
    return (
        !vr.deleting &&
        vr.spec.replicationState === "secondary" &&
        !vr.spec.autoResync &&
        vr.status.state === "Secondary" &&
        has(vr, "Completed", "True") &&
        has(vr, "Degraded", "False") &&
        has(vr, "Resyncing", "False")
    );
}

/** Whether a secondary is seen replaying from a primary peer: the steady Completed, Degraded, Resyncing all True. */
export function replaying(vr: VrSnapshot): boolean {
    return (
        !asksPrimary(vr) &&
        vr.status.state === "Secondary" &&
        has(vr, "Completed", "True") &&
        has(vr, "Degraded", "True") &&
        has(vr, "Resyncing", "True")
    );
}

/**
 * Whether the controller fails for one reason alone: the copy replays, and no snapshot has arrived since the other site was
 * promoted, so that ceph-csi finds no time of a last sync. The next snapshot mends it.
 */
export function awaitsSnapshot(vr: VrSnapshot): boolean {
    return vrPhase(vr) === "failing" && /last sync time not found/.test(vr.status.message ?? "");
}

/** Whether a condition of the current generation has this status. */
export function has(vr: VrSnapshot, type: string, status: Condition["status"]): boolean {
    for (const condition of vr.status.conditions)
        if (condition.type === type)
            return (
                condition.status === status &&
                (condition.observedGeneration ?? vr.status.observedGeneration ?? -1) >= vr.generation
            );
    return false;
}

/** Term on the VR; 0 where it has none, or none that can be read. */
export function termOf(vr: VrSnapshot | undefined): number {
    const text = vr?.annotations[TERM_ANNOTATION];
    const term = text === undefined ? 0 : Number(text);
    return Number.isSafeInteger(term) && term > 0 ? term : 0;
}

/** Whether the image's own status says split brain: both copies were written since they were last equal. */
export function imageInSplitBrain(image: ImageSnapshot | undefined): boolean {
    return /split.?brain/i.test(image?.description ?? "");
}

/** Whether the VR's messages say split brain; ceph-csi 3.9 and the resync of 3.10 and later name it. */
export function vrInSplitBrain(vr: VrSnapshot | undefined): boolean {
    if (vr === undefined || asksPrimary(vr)) return false;
    if (/split.?brain/i.test(vr.status.message ?? "") && has(vr, "Completed", "False")) return true;
    return vr.status.conditions.some(
        (c) =>
            c.status !== "False" &&
            (c.observedGeneration ?? -1) >= vr.generation &&
            /\(split-brain\)|due to split brain/i.test(c.message ?? ""),
    );
}

/** Whether an image's replayer is dead or has never reported. */
export function mirrorDown(image: ImageSnapshot | undefined): boolean {
    return image?.state !== undefined && image.state.startsWith("down+");
}

/** Whether an image's replayer has reported once, and does so no more; one that never has may just not have begun. */
export function mirrorStopped(image: ImageSnapshot | undefined): boolean {
    return mirrorDown(image) && image?.state !== "down+unknown";
}

/**
 * Whether a primary image's replayer still hangs in its stop: it waits for the cluster from which it received before the
 * forced promotion, and rbd-mirror gets no further while it does.
 */
export function mirrorHung(image: ImageSnapshot | undefined): boolean {
    return image?.primary === true && image.state === "up+stopping_replay";
}

/** How far a copy is behind its peer's newest snapshot, as its replayer reports it. */
export interface SyncProgress {
    /** Percent of the snapshot that is being copied. */
    readonly percent?: number;
    /** Seconds between the newest snapshot complete here and the newest one of the peer. */
    readonly behindSeconds?: number;
    /** Bytes left of the snapshot that is being copied, as far as they can be told. */
    readonly bytesLeft?: number;
    /** Seconds until it is copied at the present rate. */
    readonly secondsLeft?: number;
    /** True when the copy is complete up to the peer's newest snapshot. */
    readonly caughtUp: boolean;
}

/**
 * Progress of a copy that is being received.
 *
 * @returns undefined where the image or its replayer says nothing
 */
export function syncProgress(image: ImageSnapshot | undefined): SyncProgress | undefined {
    const sync = image?.sync;
    if (image === undefined || !image.exists || sync === undefined) return undefined;
    const { localSnapshotTimestamp: local, remoteSnapshotTimestamp: remote, syncingPercent: percent } = sync;
    const behindSeconds = local !== undefined && remote !== undefined ? Math.max(0, remote - local) : undefined;
    const bytesLeft =
        percent !== undefined && sync.lastSnapshotBytes !== undefined
            ? Math.round(((100 - percent) / 100) * sync.lastSnapshotBytes)
            : undefined;
    const secondsLeft =
        bytesLeft !== undefined && sync.bytesPerSecond !== undefined && sync.bytesPerSecond > 0
            ? Math.round(bytesLeft / sync.bytesPerSecond)
            : undefined;
    const caughtUp = local !== undefined && behindSeconds === 0 && (percent === undefined || percent >= 100);
    return { percent, behindSeconds, bytesLeft, secondsLeft, caughtUp };
}
