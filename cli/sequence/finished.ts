/** Whether a site's `up` has been finished: its last outputs are those of this very plan. */
import { volumeIn } from "../../dr/facts.js";
import { askedStates, inputOfGroup, recordedState } from "../../dr/groups/split.js";
import { DEFAULT_GROUP, type DecisionInput, type Plan, type SitePlan } from "../../dr/model.js";

/** Plans in which nothing is left to move. */
const SETTLED: readonly Plan["operation"][] = ["steady", "join-as-secondary"];

/**
 * Whether a plan leaves nothing to do, and an `up` has said so. Outputs are written only at the end of an `up`, so a run
 * that was killed behind the last VolumeReplication but before the workload started is not finished.
 */
export function isFinished(input: DecisionInput, { groups }: SitePlan): boolean {
    return groups.every((plan) => isGroupFinished(input, plan));
}

/** The same of one group. @param input of the whole site */
export function isGroupFinished(input: DecisionInput, plan: Plan): boolean {
    return groupFinished(inputOfGroup(input, plan.group), plan);
}

function groupFinished(input: DecisionInput, plan: Plan): boolean {
    if (input.ownOutputs.found !== "outputs") return false;
    const { outputs } = input.ownOutputs;
    // Of a stack that is half destroyed, another `up` would make again what is gone.
    if (plan.operation === "teardown") return outputs.teardown;
    if (!SETTLED.includes(plan.operation)) return false;
    return (
        outputs.replicationState === plan.replicationState &&
        outputs.lostSite === plan.lostSite &&
        outputs.teardown === input.intent.teardown &&
        plan.volumes.every(({ key, vr }) => vr === undefined || (outputs.terms?.[key] ?? 0) === vr.term) &&
        plan.handedOver.every((key) => outputs.handedOver.includes(key) || peerServes(input, key))
    );
}

/** Once the other site has been promoted, a handover that was not written down is of no use to anybody. */
function peerServes({ peer }: DecisionInput, key: string): boolean {
    return volumeIn(peer, key)?.vr?.status.state === "Primary";
}

/** Whether a site that cannot be seen has handed everything over: its outputs say so, and its config still does. */
export function recordedHandover(input: DecisionInput): boolean {
    if (input.own.reach === "observed" || input.ownOutputs.found !== "outputs") return false;
    if ([...askedStates(input.intent).values()].some((state) => state !== "secondary")) return false;
    const { outputs } = input.ownOutputs;
    return input.intent.volumes.every(
        ({ namespace, name, group }) =>
            recordedState(outputs, group ?? DEFAULT_GROUP) === "secondary" &&
            outputs.handedOver.includes(`${namespace}/${name}`),
    );
}
