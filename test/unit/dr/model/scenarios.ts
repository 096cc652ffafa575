/** For each refusal a way into it in the model: what happened, and what is then asked of whom. */
import { LEAVING } from "./scenarios/leaving.js";
import { PROMOTION } from "./scenarios/promotion.js";
import type { Scenario } from "./scenarios/scenario.js";
import { STATE } from "./scenarios/state.js";

export type { Scenario };

/** All of them. */
export const SCENARIOS: readonly Scenario[] = [...STATE, ...PROMOTION, ...LEAVING];
