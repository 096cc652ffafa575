/** Looks at both sites and makes the sequence, or ends with the refusal that there is none. */
import type { Project } from "../engine/project.js";
import { CliError, RefusedError } from "../errors.js";
import { lookAtBoth, type Look } from "../look.js";
import type { Request, Sequence, World } from "../sequence/model.js";
import { sequence } from "../sequence/sequence.js";
import { describeRefused } from "./describe.js";

/** A look as the sequence wants it. */
export function worldOf(look: Look): World {
    return Object.fromEntries(
        Object.values(look).map(({ site, config, input, pinned, stack, deployed }) => [
            site,
            {
                input,
                pinned,
                token: stack.hasToken === true,
                deployed,
                waitsForHandover: config.timeouts.peerHandover > 0,
            },
        ]),
    );
}

/** What was made, and what it was made from. */
export interface Planned {
    readonly sequence: Sequence;
    readonly look: Look;
}

/**
 * Plans an operation.
 *
 * @throws RefusedError when a guard of the program says no to any leg; CliError when what is asked is not clear
 */
export async function plan(project: Project, request: Request): Promise<Planned> {
    const look = await lookAtBoth(project);
    const made = sequence(request, worldOf(look));
    switch (made.kind) {
        case "sequence":
            return { sequence: made, look };
        case "refused":
            throw new RefusedError(made.refusal, describeRefused(made));
        case "unclear":
            throw new CliError("usage", made.message);
    }
}
