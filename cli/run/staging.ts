/** A leg that is to begin once the one that waits for it has all that it needs beside the handover. */
import { describeStaged } from "../../dr/describe.js";
import type { EventBus } from "../events.js";
import type { Leg } from "../sequence/model.js";

/** When a leg's run may begin. */
export interface Staging {
    /** Resolves when it is known whether the leg of this index is to begin: at once where it waits for nothing. */
    readonly mayBegin: (index: number) => Promise<boolean>;
    /** To be told when a leg has ended, and whether it failed. */
    readonly ended: (index: number, failed: boolean) => void;
    /** Ends the subscription. */
    readonly close: () => void;
}

/**
 * Follows the legs that run at the same time.
 *
 * The workload runs on until the other site has all that it needs beside the handover; what fails there, fails before anything is stopped.
 *
 * @param group indexes of the legs
 */
export function stagingOf(bus: EventBus, legs: readonly Leg[], group: readonly number[]): Staging {
    const waiter = group.find((index) => legs[index]!.awaitsPrevious);
    let settle: (begin: boolean) => void = () => undefined;
    const settled = new Promise<boolean>((resolve) => (settle = resolve));
    const close = bus.on((event) => {
        if (event.type !== "message" || waiter === undefined || event.stack !== legs[waiter]!.site) return;
        if (event.text.includes(describeStaged(legs[waiter]!.asked.intent.peer))) settle(true);
    });
    return {
        mayBegin: (index) => {
            const { afterStaging, site } = legs[index]!;
            if (!afterStaging || waiter === undefined) return Promise.resolve(true);
            const seen = "the workload runs on";
            bus.emit({ type: "waiting", stack: site, leg: index, for: `every claim on ${legs[waiter]!.site}`, seen });
            return settled;
        },
        ended: (index, failed) => {
            if (index === waiter) settle(!failed);
        },
        close,
    };
}
