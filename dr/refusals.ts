/** The catalogue of refusals: each code has a builder here and an entry in docs/refusals.md. */
import type { Context, VolumeFacts } from "./facts.js";
import type { Refusal, RefusalCode } from "./model.js";
import type { RefusalBuilder } from "./refusals/build.js";
import { ADOPTION_REFUSALS } from "./refusals/adoption.js";
import { CONFIG_REFUSALS } from "./refusals/config.js";
import { DEMOTION_REFUSALS } from "./refusals/demotion.js";
import { GROUP_REFUSALS } from "./refusals/groups.js";
import { PROMOTION_REFUSALS } from "./refusals/promotion.js";
import { STATE_REFUSALS } from "./refusals/state.js";

/** Code -> words. */
export const REFUSALS = {
    ...CONFIG_REFUSALS,
    ...ADOPTION_REFUSALS,
    ...STATE_REFUSALS,
    ...PROMOTION_REFUSALS,
    ...DEMOTION_REFUSALS,
    ...GROUP_REFUSALS,
} as const satisfies Record<string, RefusalBuilder>;

/**
 * Makes a refusal.
 *
 * @param code which one
 * @param context all that is known
 * @param volumes those that it is about
 * @param detail what only the guard knows
 */
export function refuse(
    code: RefusalCode,
    context: Context,
    volumes: readonly VolumeFacts[] = [],
    detail?: string,
): Refusal {
    const builder: RefusalBuilder = REFUSALS[code];
    const { group } = context.intent;
    return { kind: "refusal", ...(group === undefined ? {} : { group }), code, ...builder(context, volumes, detail) };
}
