/**
 * The decision: from config, what both clusters say, and what both stacks recorded, to a plan or a refusal. A pure function,
 * asked at the start of every preview and `up`, and again right before each VR is created or changed; states that its own
 * plans leave half done lead to the same plan again.
 */
import { contextOf, type Context } from "./facts.js";
import { guardAdoption, isReleased } from "./guards/adoption.js";
import { guardConfig } from "./guards/config.js";
import { DEMOTION_ORDER, judgeDemotion } from "./guards/demotion.js";
import { guardObjects } from "./guards/objects.js";
import { judgePromotion, PROMOTION_ORDER } from "./guards/promotion.js";
import { guardResync } from "./guards/resync.js";
import { guardTeardown } from "./guards/teardown.js";
import { guardUsers } from "./guards/users.js";
import { judge, type Moved } from "./guards/verdict.js";
import type { Decision, DecisionInput, Refusal } from "./model.js";
import { planForPrimary, planForResync, planForSecondary, planForTeardown } from "./plans/site.js";
import { refuse } from "./refusals.js";

/**
 * Decides what a site's `up` does.
 *
 * @returns a plan, or a refusal when nothing may be done; never throws for a state of the world
 */
export function decide(input: DecisionInput): Decision {
    const context = contextOf(input);
    const config = guardConfig(context);
    if (config !== undefined) return config;
    if (context.intent.teardown) return planned(guardTeardown(context), (moved) => planForTeardown(context, moved));
    const objects = guardAdoption(context) ?? guardObjects(context);
    if (objects !== undefined) return objects;
    switch (context.intent.replicationState) {
        case "primary":
            return decidePrimary(context);
        case "secondary":
            return planned(
                judge(context, context.volumes, judgeDemotion, DEMOTION_ORDER),
                (moved) => guardUsers(context, moved) ?? planForSecondary(context, moved),
            );
        case "resync":
            return planned(
                guardResync(context),
                (moved) => guardUsers(context, moved) ?? planForResync(context, moved),
            );
    }
}

function decidePrimary(context: Context): Decision {
    const moved = judge(context, context.volumes, judgePromotion, PROMOTION_ORDER);
    if (isRefusal(moved)) return moved;
    const promotes = moved.some((m) => m.move.move !== "keep");
    const strangers = context.all.filter(
        (v) => v.spec === undefined && v.peerRecord !== undefined && !v.ownPrimary && !isReleased(context, v),
    );
    // Also a peer that is primary for volumes of its own only: two sites would serve.
    const primaryStrangers = strangers.filter((v) => v.peerPrimary);
    if (promotes && primaryStrangers.length > 0 && !context.peerLost)
        return refuse("PEER_PRIMARY", context, primaryStrangers);
    if (moved.some((m) => m.move.move === "promote") && strangers.length > 0)
        return refuse("VOLUME_NOT_IN_CONFIG", context, strangers);
    return planForPrimary(context, moved);
}

function planned(moved: Refusal | readonly Moved[], make: (moved: readonly Moved[]) => Decision): Decision {
    return isRefusal(moved) ? moved : make(moved);
}

function isRefusal(value: Refusal | readonly Moved[]): value is Refusal {
    return !Array.isArray(value);
}
