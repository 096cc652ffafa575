/** The assumption that a preview may be asked to rest on: that other steps have been done before it. */
import { assume, formatAssumption, parseAssumption } from "../dr/assume.js";
import { describeSiteRefusal } from "../dr/describe.js";
import type { DecisionInput } from "../dr/model.js";

/** Variable that holds the assumption, for example `cluster1=secondary`; read in previews only. */
export const ASSUME_VARIABLE = "RBD_DR_ASSUME";

/**
 * The input as it would be if the steps in `RBD_DR_ASSUME` had been done; as it is where that is not set.
 *
 * @param dryRun whether this run is a preview
 * @throws Error outside of a preview, where it cannot be read, and where the steps themselves would be refused
 */
export function withAssumption(
    input: DecisionInput,
    dryRun: boolean,
    text = process.env[ASSUME_VARIABLE],
): DecisionInput {
    if (text === undefined || text === "") return input;
    if (!dryRun)
        throw new Error(
            `${ASSUME_VARIABLE} is set to ${text}. It is for previews only, and this run would act on it: unset ${ASSUME_VARIABLE}`,
        );
    const steps = readSteps(text);
    const assumed = assume(input, steps);
    if (assumed.kind === "unassumable")
        throw new Error(
            `This preview assumes ${formatAssumption(steps)}, but ${formatAssumption([assumed.step])} would be refused itself.\n${describeSiteRefusal(assumed.refusal)}`,
        );
    return assumed.input;
}

function readSteps(text: string) {
    try {
        return parseAssumption(text);
    } catch (error) {
        throw new Error(`${ASSUME_VARIABLE} is set to ${text}: ${(error as Error).message}`, { cause: error });
    }
}
