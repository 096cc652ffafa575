/** A handover that is waited for, by the site that was demoted. */
import { isPrimary, volumeIn } from "./facts.js";
import { hasHandedOver } from "./handed-over.js";
import type { DecisionInput, VolumeKey } from "./model.js";
import { asksPrimary, termOf } from "./vr-status.js";

/**
 * Whether nothing is left to wait for: the peer has the last write, or has been promoted already. What the VR said before that
 * passes: the controller looks again, and finds a copy that replays.
 *
 * @param now a look after the demotion
 * @param term of the volume's last promotion on this site (`VolumePlan.vr.term`)
 */
export function handoverIsOver({ own, peer, peerOutputs }: DecisionInput, key: VolumeKey, term: number): boolean {
    const [here, there] = [volumeIn(own, key), volumeIn(peer, key)];
    if (here?.vr === undefined || asksPrimary(here.vr)) return false;
    if (hasHandedOver(here, there) || isPrimary(there)) return true;
    const recorded = peerOutputs.found === "outputs" ? (peerOutputs.outputs.terms?.[key] ?? 0) : 0;
    return Math.max(termOf(there?.vr), recorded) > term;
}
