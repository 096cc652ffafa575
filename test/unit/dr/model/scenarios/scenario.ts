/** What a scenario is. */
import type { RefusalCode } from "../../../../../dr/model.js";
import type { Stack } from "../stack.js";
import type { Walk } from "../walk.js";

/** A refusal, how one gets there, and what is asked of which site (0: cluster1, 1: cluster2). */
export interface Scenario {
    readonly code: RefusalCode;
    readonly why: string;
    readonly walk: () => Walk;
    readonly site: number;
    /** Undefined where the walk has set it, or begun an `up`, already. */
    readonly state?: Stack["state"];
}
