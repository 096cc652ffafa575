/**
 * A handover that Ceph has carried out and csi-addons has not looked at yet: its controller looks 15 s after the demotion, and
 * every 30 s after that (facts b.5), while both rbd-mirrors have mostly reported within five.
 */
import type { VolumeSnapshot } from "./model.js";
import { asksPrimary, asksResync, handedOver } from "./vr-status.js";

/** What the driver too goes by: a replayer that runs, and has nothing to replay from, as the other image is demoted as well. */
const BOTH_DEMOTED = "up+unknown";

/**
 * Whether a look of the controller at this demoted volume would find it handed over. It decides nothing: the handover is
 * still the controller's to say, and what is promoted on the peer is promoted on its word.
 *
 * @param own the volume on the site that was demoted
 * @param peer the same on the other site
 */
export function handoverUnseen(own: VolumeSnapshot | undefined, peer: VolumeSnapshot | undefined): boolean {
    const vr = own?.vr;
    if (vr === undefined || vr.deleting || asksPrimary(vr) || asksResync(vr) || handedOver(vr)) return false;
    // The demotion itself has been answered, for this very request.
    if (vr.status.state !== "Secondary" || vr.status.observedGeneration !== vr.generation) return false;
    return [own?.image, peer?.image].every((image) => image?.primary === false && image.state === BOTH_DEMOTED);
}
