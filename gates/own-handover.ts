/** The gate after a demotion: the peer has the last write. */
import { volumeIn } from "../dr/facts.js";
import { describeRefusal } from "../dr/describe.js";
import { handoverIsOver } from "../dr/handover.js";
import { unfinished } from "../dr/outcome.js";
import { describeImage, describeVr } from "../dr/seen.js";
import type { Decision, DecisionInput, Refusal, VolumePlan, VolumeSnapshot } from "../dr/model.js";
import { mark } from "../timings.js";
import type { HandoverLook, SeenHandover } from "./handover-look.js";
import { waitTogether } from "./together.js";

/** How handovers are waited for. */
export interface HandoverWait {
    /** Seconds until the wait is given up. */
    readonly seconds: number;
    /** Seconds between two looks at the most. */
    readonly interval: number;
    /** Looks at the group. */
    readonly look: HandoverLook;
    /** Decides from a look; who shares the look shares the decision. */
    readonly decide: (now: DecisionInput) => Decision;
}

/**
 * Waits until a volume that this run has demoted, or a run before it, is handed over. Its error is the refusal that stands in the way, or
 * what was seen last, when time is up; it comes at once when the VR is no longer what was planned.
 */
export type HandedOver = (plan: VolumePlan) => Promise<void>;

/**
 * Makes the wait of a group's volumes, who share its looks. It is looked for afresh at each run, since what is seen of a handover
 * passes once the peer has been promoted.
 *
 * @param peer name of the site that is to have the last write
 */
export function ownHandovers(peer: string, { seconds, interval, look, decide }: HandoverWait): HandedOver {
    const wait = waitTogether({ look, interval });
    return async (plan) => {
        let refusal: Refusal | undefined;
        const missing = ({ now }: SeenHandover): string | undefined => {
            if (handoverIsOver(now, plan.key, plan.vr?.term ?? 0)) return undefined;
            const [own, copy] = [volumeIn(now.own, plan.key), volumeIn(now.peer, plan.key)];
            // Somebody else has changed or deleted it: no wait makes that good.
            if (own !== undefined && own.vr?.spec.replicationState !== plan.vr?.replicationState) {
                const drifted = unfinished({ volumes: [plan] }, now);
                if (drifted !== undefined) throw new Error(describeRefusal(drifted));
                return undefined;
            }
            const decision = decide(now);
            refusal = decision.kind === "refusal" ? decision : undefined;
            return seen(own, copy, peer);
        };
        const what = `${peer} to have the last write of ${plan.key}`;
        await wait(plan.key, { what, missing, seconds, failure: () => refusal && describeRefusal(refusal) });
        mark("handed over");
    };
}

/** What is still missing, in words: what csi-addons says, and both copies. */
function seen(own: VolumeSnapshot | undefined, peer: VolumeSnapshot | undefined, peerSite: string): string {
    const parts = [own?.vr === undefined ? "its VR cannot be seen" : describeVr(own.vr)];
    if (own?.image !== undefined) parts.push(describeImage(own.image));
    if (peer?.image !== undefined) parts.push(`on ${peerSite}: ${describeImage(peer.image)}`);
    return parts.join("; ");
}
