/** The gate of a promotion that was planned ahead: the peer, whose own `up` runs at the same time, has handed over. */
import { decide } from "../dr/decide.js";
import { describeRefusal } from "../dr/describe.js";
import { endsWithHandover } from "../dr/groups/ahead.js";
import type { Refusal } from "../dr/model.js";
import type { Observation } from "../observe/index.js";
import { waitUntil } from "./poll.js";

/** Seconds between two looks: no application runs meanwhile. A look takes about as long. */
const INTERVAL = 0.5;

/**
 * Waits for as long as only the peer's handover is missing. It lets nothing through by itself: whoever waited asks for the
 * decision once more, as before any change of a VR.
 *
 * @param seconds how long to wait
 * @throws Error with the refusal as it then is, when time is up
 */
export async function waitHandover({ input, again }: Observation, seconds: number): Promise<void> {
    let refusal: Refusal | undefined;
    await waitUntil(
        `${input.intent.peer} to hand over`,
        async () => {
            const decision = decide(await again());
            refusal = endsWithHandover(decision) ? decision : undefined;
            return refusal && `${refusal.code}: ${refusal.reason}`;
        },
        seconds,
        { interval: INTERVAL, failure: () => refusal && describeRefusal(refusal) },
    );
}
