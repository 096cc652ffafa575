/** The gate of a promotion that was planned ahead: the peer, whose own `up` runs at the same time, has handed over. */
import { describeRefusal } from "../dr/describe.js";
import { endsWithHandover } from "../dr/groups/ahead.js";
import type { Decision, DecisionInput, Refusal, VolumeKey } from "../dr/model.js";
import { lookInterval } from "../many-volumes.js";
import type { HandoverLook, SeenHandover } from "./handover-look.js";
import { paceOf } from "./pace.js";
import { waitUntil } from "./poll.js";

/** What is waited for, and how. */
export interface PeerHandoverWait {
    readonly volumes: readonly VolumeKey[];
    /** Looks at the group. */
    readonly look: HandoverLook;
    /** Decides from a look; who shares the look shares the decision. */
    readonly decide: (now: DecisionInput) => Decision;
    /** How long to wait. */
    readonly seconds: number;
}

/**
 * Waits for as long as only the peer's handover is missing. It lets nothing through by itself: whoever waited decides from the look
 * that is returned, or looks once more.
 *
 * @param peer name of the other site
 * @returns the look with which the wait ended, if it has seen everything
 * @throws Error with the refusal as it then is, when time is up
 */
export async function waitHandover(
    peer: string,
    { volumes, look, decide, seconds }: PeerHandoverWait,
): Promise<DecisionInput | undefined> {
    let refusal: Refusal | undefined;
    let last: SeenHandover | undefined;
    const pace = paceOf(lookInterval(volumes.length));
    await waitUntil(
        `${peer} to hand over`,
        async () => {
            // A look that fails says nothing of how far it is.
            last = undefined;
            last = await look(volumes);
            const decision = decide(last.now);
            refusal = endsWithHandover(decision) ? decision : undefined;
            return refusal && `${refusal.code}: ${refusal.reason}`;
        },
        seconds,
        {
            rest: (began) => pace(began, last?.progress ?? { done: 0, left: volumes.length }),
            failure: () => refusal && describeRefusal(refusal),
        },
    );
    return last?.whole === true ? last.now : undefined;
}
