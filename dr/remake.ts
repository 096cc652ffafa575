/** Whether a cluster that this program made, and that is gone, may be made anew. */
import { askedStates, recordedState } from "./groups/split.js";
import { DEFAULT_GROUP, type SiteIntent, type SiteOutputs, type StackOutputs } from "./model.js";

/**
 * A cluster that held a primary took its data along: an empty one in its place would be taken for it. So it is made anew
 * only where nothing is asked to be primary, and whatever its stack left primary has been primary on the other site since.
 *
 * @param own outputs of the stack that made the cluster
 * @param peer outputs of the other site's stack
 */
export function mayBeRemade(intent: SiteIntent, own: StackOutputs, peer: StackOutputs): boolean {
    if ([...askedStates(intent).values()].includes("primary") || own.found !== "outputs") return false;
    const lost = primaryGroups(own.outputs);
    return lost.every((group) => peer.found === "outputs" && recordedState(peer.outputs, group) === "primary");
}

function primaryGroups(outputs: SiteOutputs): string[] {
    const names = outputs.groups === undefined ? [DEFAULT_GROUP] : Object.keys(outputs.groups);
    return names.filter((name) => recordedState(outputs, name) === "primary");
}
