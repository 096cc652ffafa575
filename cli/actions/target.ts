/** Where a move goes when nobody says so. */
import type { CommandContext } from "../context.js";
import { CliError } from "../errors.js";
import { lookAtBoth, type SiteLook } from "../look.js";

/**
 * The site that is not primary.
 *
 * Only where a person confirms it: a command that is run again after it was done would otherwise move back.
 *
 * @throws CliError where nobody confirms, or it cannot be told
 */
export async function targetOf(context: CommandContext, move: string, asks: boolean): Promise<string> {
    const project = await context.project();
    const names = project.sites.map((site) => site.name);
    const give = `rbd-dr ${move} --to ${names.join(`, or --to `)}`;
    if (!asks)
        throw new CliError(
            "usage",
            `Name the site to move to, so that the same command means the same when it is run again: ${give}`,
        );
    const looks = Object.values(await lookAtBoth(project));
    const primaries = looks.filter((look) => look.config.intent.replicationState === "primary" && isPrimary(look));
    if (primaries.length !== 1)
        throw new CliError(
            "usage",
            `${primaries.length === 0 ? "Neither site is" : "Both sites are"} primary now, so it cannot be told where to move. Name the site: ${give}`,
        );
    return names.find((name) => name !== primaries[0]!.site)!;
}

/** By what the stack's last finished `up` says. */
function isPrimary({ input: { ownOutputs } }: SiteLook): boolean {
    return ownOutputs.found === "outputs" && ownOutputs.outputs.replicationState === "primary";
}
