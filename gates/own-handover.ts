/** The gate after a demotion: the peer has the last write. */
import { volumeIn } from "../dr/facts.js";
import { describeRefusal } from "../dr/describe.js";
import { handoverIsOver } from "../dr/handover.js";
import { unfinished } from "../dr/outcome.js";
import { describeImage, describeVr } from "../dr/seen.js";
import type { Decision, DecisionInput, Refusal, VolumePlan, VolumeSnapshot } from "../dr/model.js";
import type { Observation } from "../observe/index.js";
import { mark } from "../timings.js";
import { waitUntil } from "./poll.js";

/** How a handover is waited for. */
export interface HandoverWait {
    /** Seconds until the wait is given up. */
    readonly seconds: number;
    /** Seconds between two looks. */
    readonly interval: number;
    /** Decides from a look; who shares the look shares the decision. */
    readonly decide: (now: DecisionInput) => Decision;
}

/**
 * Waits until a volume that this run has demoted, or a run before it, is handed over. It is looked for afresh at each run, since
 * what is seen of it passes once the peer has been promoted.
 *
 * @param observation of the volume's group; its looks are shared with whoever waits at the same time
 * @throws Error with the refusal that stands in the way, or with what was seen last, when time is up; at once when the VR
 *   is no longer what was planned
 */
export async function waitHandedOver(
    { input, again }: Pick<Observation, "input" | "again">,
    plan: VolumePlan,
    { seconds, interval, decide }: HandoverWait,
): Promise<void> {
    let refusal: Refusal | undefined;
    let drifted: Refusal | undefined;
    await waitUntil(
        `${input.intent.peer} to have the last write of ${plan.key}`,
        async () => {
            const now = await again();
            if (handoverIsOver(now, plan.key, plan.vr?.term ?? 0)) return undefined;
            const [own, peer] = [volumeIn(now.own, plan.key), volumeIn(now.peer, plan.key)];
            // Somebody else has changed or deleted it: no wait makes that good.
            if (own !== undefined && own.vr?.spec.replicationState !== plan.vr?.replicationState) {
                drifted = unfinished({ volumes: [plan] }, now);
                return undefined;
            }
            const decision = decide(now);
            refusal = decision.kind === "refusal" ? decision : undefined;
            return seen(own, peer, input.intent.peer);
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
