/** The gate after a demotion: the peer has the last write. */
import { volumeIn } from "../dr/facts.js";
import { describeRefusal } from "../dr/describe.js";
import { handoverIsOver } from "../dr/handover.js";
import { unfinished } from "../dr/outcome.js";
import { describeImage, describeVr } from "../dr/seen.js";
import type { Decision, DecisionInput, Refusal, VolumePlan, VolumeSnapshot } from "../dr/model.js";
import { mark } from "../timings.js";
import type { HandoverLook } from "./handover-look.js";
import { waitUntil } from "./poll.js";

/** How a handover is waited for. */
export interface HandoverWait {
    /** Seconds until the wait is given up. */
    readonly seconds: number;
    /** Seconds between two looks. */
    readonly interval: number;
    /** Looks at the volume's group; shared with whoever waits at the same time. */
    readonly look: HandoverLook;
    /** Decides from a look; who shares the look shares the decision. */
    readonly decide: (now: DecisionInput) => Decision;
}

/**
 * Waits until a volume that this run has demoted, or a run before it, is handed over. It is looked for afresh at each run, since
 * what is seen of it passes once the peer has been promoted.
 *
 * @param peer name of the site that is to have the last write
 * @throws Error with the refusal that stands in the way, or with what was seen last, when time is up; at once when the VR
 *   is no longer what was planned
 */
export async function waitHandedOver(
    peer: string,
    plan: VolumePlan,
    { seconds, interval, look, decide }: HandoverWait,
): Promise<void> {
    let refusal: Refusal | undefined;
    let drifted: Refusal | undefined;
    await waitUntil(
        `${peer} to have the last write of ${plan.key}`,
        async () => {
            const { now } = await look([plan.key]);
            if (handoverIsOver(now, plan.key, plan.vr?.term ?? 0)) return undefined;
            const [own, copy] = [volumeIn(now.own, plan.key), volumeIn(now.peer, plan.key)];
            // Somebody else has changed or deleted it: no wait makes that good.
            if (own !== undefined && own.vr?.spec.replicationState !== plan.vr?.replicationState) {
                drifted = unfinished({ volumes: [plan] }, now);
                return undefined;
            }
            const decision = decide(now);
            refusal = decision.kind === "refusal" ? decision : undefined;
            return seen(own, copy, peer);
        },
        seconds,
        { interval, failure: () => refusal && describeRefusal(refusal) },
    );
    if (drifted !== undefined) throw new Error(describeRefusal(drifted));
    mark("handed over");
}

/** What is still missing, in words: what csi-addons says, and both copies. */
function seen(own: VolumeSnapshot | undefined, peer: VolumeSnapshot | undefined, peerSite: string): string {
    const parts = [own?.vr === undefined ? "its VR cannot be seen" : describeVr(own.vr)];
    if (own?.image !== undefined) parts.push(describeImage(own.image));
    if (peer?.image !== undefined) parts.push(`on ${peerSite}: ${describeImage(peer.image)}`);
    return parts.join("; ");
}
