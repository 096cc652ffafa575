/** Guards that hold whatever is asked: config that contradicts itself, stacks that are not ours, a cluster that is silent. */
import { keyOf, type Context } from "../facts.js";
import { parseQuantity } from "../quantity.js";
import { refuse } from "../refusals.js";
import type { Refusal } from "../model.js";

/** The first reason why this config and these stacks cannot be worked with at all. */
export function guardConfig(context: Context): Refusal | undefined {
    const { intent, input } = context;
    if (intent.peer === intent.site) return refuse("PEER_IS_SELF", context);
    if (intent.lostSite !== undefined && intent.lostSite !== intent.peer) return refuse("LOST_SITE_NOT_PEER", context);
    const keys = intent.volumes.map(keyOf);
    const twice = keys.find((key, i) => keys.indexOf(key) !== i);
    if (twice !== undefined) return refuse("VOLUME_TWICE", context, [], twice);
    for (const facts of context.volumes) {
        const problem = sizeProblem(facts.spec!.size);
        if (problem !== undefined) return refuse("BAD_SIZE", context, [facts], problem);
    }
    if (input.ownOutputs.found === "foreign") return refuse("OWN_STACK_FOREIGN", context);
    if (input.peerOutputs.found === "foreign") return refuse("PEER_STACK_FOREIGN", context);
    const mismatch = siteMismatch(context);
    if (mismatch !== undefined) return refuse("STACK_OF_OTHER_SITE", context, [], mismatch);
    return guardOwnReach(context);
}

/**
 * A cluster that was deployed and does not answer is never a new site. Before anything was ever deployed it may be
 * unknown (not made yet); one that is there and silent is refused even then, since a first run may have been killed.
 */
function guardOwnReach(context: Context): Refusal | undefined {
    const { own } = context.input;
    if (own.reach === "observed") return undefined;
    if (own.reach === "unknown" && context.ownOutputs === undefined) return undefined;
    return refuse("OWN_UNREACHABLE", context);
}

function siteMismatch({ intent, ownOutputs, peerOutputs }: Context): string | undefined {
    if (ownOutputs !== undefined && ownOutputs.site !== intent.site)
        return `stack ${intent.site} says that it is ${ownOutputs.site}`;
    if (peerOutputs !== undefined && peerOutputs.site !== intent.peer)
        return `stack ${intent.peer} says that it is ${peerOutputs.site}`;
    return undefined;
}

function sizeProblem(size: string): string | undefined {
    try {
        return parseQuantity(size) > 0 ? undefined : `${size} is no room at all`;
    } catch (error) {
        return (error as Error).message;
    }
}
