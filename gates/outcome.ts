/** The look after the VolumeReplications have reached their state: the cluster is what the plan wanted. */
import type { Plan, VolumeKey } from "../dr/model.js";
import { describeRefusal } from "../dr/describe.js";
import { confirmedHandover, unfinished } from "../dr/outcome.js";
import type { Observation } from "../observe/index.js";
import { mark } from "../timings.js";
import { answeredLook } from "./answered-look.js";

/** What may be said and started once the VRs are done. */
export interface Outcome {
    /** Before a workload starts: throws when a VR is not what was planned, for example changed by hand meanwhile. */
    readonly beforeWorkload: () => Promise<void>;
    /** The volumes that are seen handed over; what the outputs may say. */
    readonly handedOver: () => Promise<VolumeKey[]>;
}

/**
 * Pulumi changes what differs from its own checkpoint and no more: a VR changed by hand is left alone without a word. So
 * nothing is started and nothing is written down before the cluster has been looked at.
 */
export function outcomeOf(observation: Observation, plan: Plan): Outcome {
    let look: ReturnType<Observation["again"]> | undefined;
    const checked = async () => {
        const after = await (look ??= answeredLook(observation.again, ({ own }) => own.reach === "observed"));
        const refusal = unfinished(plan, after);
        if (refusal !== undefined) throw new Error(describeRefusal(refusal));
        mark("VRs seen as planned");
        return after;
    };
    return {
        beforeWorkload: async () => void (await checked()),
        handedOver: async () => confirmedHandover(plan, await checked()),
    };
}
