/** Errors of the CLI that are answers to a person: a message, what to do next, and an exit code. */
import type { SiteRefusal } from "../dr/model.js";
import { describeSiteRefusal } from "../dr/describe.js";
import type { ExitName } from "./exit-codes.js";

/** An end of the run that is not a bug. */
export class CliError extends Error {
    override readonly name = "CliError";

    /**
     * @param exit what the exit code says
     * @param message one or more lines for a person, with the key, the value and the fix
     */
    constructor(
        readonly exit: ExitName,
        message: string,
        options?: ErrorOptions,
    ) {
        super(message, options);
    }
}

/** A guard of the program said no. */
export class RefusedError extends CliError {
    /** @param text for a person, where the CLI has more to say than the program */
    constructor(
        readonly refusal: SiteRefusal,
        text = describeSiteRefusal(refusal),
    ) {
        super("refused", text);
    }
}
