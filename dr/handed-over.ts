/**
 * Whether a volume has been handed over: it is demoted, and the peer has its last write. This is the one gate before the peer may
 * be promoted without loss (facts b.5, fact 2). The controller says so when it looks, 15 s after the demotion or later; Ceph
 * says so as soon as it is so.
 */
import { asksPrimary, asksResync, handedOver } from "./vr-status.js";
import type { VolumeSnapshot } from "./model.js";

/**
 * Whether a demoted volume has been handed over, by the controller's word or by Ceph's.
 *
 * @param demoted the volume on the site that was demoted; undefined where that was not seen
 * @param copy the same on the other site
 */
export function hasHandedOver(demoted: VolumeSnapshot | undefined, copy: VolumeSnapshot | undefined): boolean {
    return demoted?.vr !== undefined && (handedOver(demoted.vr) || demotionArrived(demoted, copy));
}

/** What can be told of a handover without a look at snapshots. */
export type Glanced = "moves" | "over" | "unclear";

/**
 * What a glance, which has seen no snapshots, tells of a volume's handover: that it is not done yet; that it is, or was, since the
 * controller says so or the other site is primary; or that it needs a closer look. Nothing is decided from it: it spares looks in vain.
 *
 * @param demoted the volume on the site that is demoted
 * @param copy the same on the other site
 */
export function glanced(demoted: VolumeSnapshot | undefined, copy: VolumeSnapshot | undefined): Glanced {
    const [image, there] = [demoted?.image, copy?.image];
    if (image === undefined || there === undefined) return "unclear";
    if (there.primary || (demoted?.vr !== undefined && handedOver(demoted.vr))) return "over";
    return [image, there].some((each) => each.primary || each.state !== BOTH_DEMOTED) ? "moves" : "unclear";
}

/** A replayer that runs, and has nothing to replay from, as the other image is demoted as well. */
const BOTH_DEMOTED = "up+unknown";

/**
 * Whether Ceph shows that the copy ends with the very demotion that the other image ends with. It is what Ceph itself asks for
 * before it promotes without force; the driver, and so the controller, goes by the replayers' words alone (facts b.12).
 */
function demotionArrived({ vr, image }: VolumeSnapshot, copy: VolumeSnapshot | undefined): boolean {
    if (vr === undefined || vr.deleting || asksPrimary(vr) || asksResync(vr)) return false;
    // The controller has answered this very request: it promotes nothing any more, for an earlier one.
    if (vr.status.state !== "Secondary" || vr.status.observedGeneration !== vr.generation) return false;
    const there = copy?.image;
    const demoted = [image, there].every(
        (each) => each?.mirroring === "enabled" && !each.primary && each.state === BOTH_DEMOTED,
    );
    if (!demoted || image?.newest === undefined || there?.newest === undefined) return false;
    const [from, to] = [image.newest, there.newest];
    return from.demotion && from.copyOf === undefined && to.demotion && to.copyOf === from.id;
}
