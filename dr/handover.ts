/**
 * A handover that is waited for, by the site that was demoted. csi-addons' controller looks 15 s after the demotion, and every 30 s
 * after that (facts b.5), while both rbd-mirrors have mostly reported within five.
 */
import { isPrimary, volumeIn } from "./facts.js";
import type { DecisionInput, VolumeKey, VolumeSnapshot } from "./model.js";
import { asksPrimary, asksResync, handedOver, termOf } from "./vr-status.js";

/**
 * Whether nothing is left to wait for: the controller says that the peer has the last write, or the peer has been promoted
 * already. What the VR said before that passes: the controller looks again, and finds a copy that replays.
 *
 * @param now a look after the demotion
 * @param term of the volume's last promotion on this site (`VolumePlan.vr.term`)
 */
export function handoverIsOver({ own, peer, peerOutputs }: DecisionInput, key: VolumeKey, term: number): boolean {
    const vr = volumeIn(own, key)?.vr;
    if (vr === undefined || asksPrimary(vr)) return false;
    if (handedOver(vr)) return true;
    const there = volumeIn(peer, key);
    if (isPrimary(there)) return true;
    const recorded = peerOutputs.found === "outputs" ? (peerOutputs.outputs.terms?.[key] ?? 0) : 0;
    return Math.max(termOf(there?.vr), recorded) > term;
}

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
