/** What the options of a move mean. */
import type { Move, MoveFlags } from "../commands/moves.js";
import type { CommandContext } from "../context.js";
import { CliError } from "../errors.js";
import type { Request } from "../sequence/model.js";
import { targetOf } from "./target.js";

/**
 * What is asked for.
 *
 * @param asks whether a missing `--to` may be found out from where the workload runs: only where a person confirms it
 * @throws CliError naming the option that is missing or does not fit
 */
export async function requestOf(
    context: CommandContext,
    move: Move,
    flags: MoveFlags,
    asks: boolean,
): Promise<Request> {
    if (move !== "failover" && (flags.disaster === true || flags.lost !== undefined))
        throw new CliError(
            "usage",
            `--disaster and --lost are for failover; ${move} finds out by itself what was lost.`,
        );
    if (move === "resync") {
        const site = flags.site ?? flags.to;
        if (site === undefined) throw new CliError("usage", "Name the site whose copy is given up: --site NAME");
        return { operation: "resync", site, group: flags.group };
    }
    if (flags.site !== undefined) throw new CliError("usage", `--site is for resync; give ${move} --to NAME`);
    if (flags.disaster !== true && flags.lost !== undefined)
        throw new CliError(
            "usage",
            `--lost ${flags.lost} is given without --disaster. A planned failover loses nobody.`,
        );
    if (flags.disaster === true) {
        if (flags.lost === undefined)
            throw new CliError("usage", "Name the site that is lost, to be sure that it is this one: --lost NAME");
        const to = flags.to ?? (await peerOfLost(context, flags.lost));
        return { operation: "disaster", to, lost: flags.lost, group: flags.group };
    }
    return { operation: move, to: flags.to ?? (await targetOf(context, move, asks)), group: flags.group };
}

async function peerOfLost(context: CommandContext, lost: string): Promise<string> {
    const { sites } = await context.project();
    const other = sites.find((site) => site.name !== lost);
    if (!sites.some((site) => site.name === lost) || other === undefined)
        throw new CliError(
            "usage",
            `--lost ${lost} is neither of the sites ${sites.map((s) => s.name).join(" and ")}.`,
        );
    return other.name;
}
