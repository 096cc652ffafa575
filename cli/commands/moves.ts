/** `rbd-dr failover`, `failback` and `resync`: the moves, and what their options mean. */
import type { Command } from "commander";
import { runs, type CommandContext } from "../context.js";
import { withExamples } from "../examples.js";
import { CliError } from "../errors.js";
import type { Request } from "../sequence/model.js";
import { operate, withOperationOptions, type OperationFlags } from "./operation.js";
import { targetOf } from "./target.js";

/** Options that say which move is meant; those of `preview`, too. */
export interface MoveFlags {
    readonly to?: string;
    readonly disaster?: boolean;
    readonly lost?: string;
    readonly site?: string;
    readonly group?: string;
}

/** Names of the moves. */
export const MOVES = ["failover", "failback", "resync"] as const;

/** One of them. */
export type Move = (typeof MOVES)[number];

/** Adds the options that say which move is meant. */
export function withMoveOptions(command: Command, move?: Move): Command {
    if (move !== "resync") command.option("--to <site>", "the site to move to; has to be given where nobody confirms");
    if (move === undefined || move === "failover")
        command
            .option("--disaster", "the other site is lost: promote by force; may lose what had not arrived yet")
            .option("--lost <site>", "with --disaster: the site that is lost, by name");
    if (move === undefined || move === "resync") command.option("--site <site>", "the site whose copy is given up");
    return command.option("--group <name>", "of this group alone; the others stay where they are");
}

/** Adds the three commands. */
export function addMoves(program: Command): void {
    addFailover(program);
    addFailback(program);
    addResync(program);
}

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

function action(move: Move) {
    return runs<OperationFlags & MoveFlags>(move, async (context, flags) => {
        const asks = flags.yes !== true && (context.interactive || flags.dryRun === true);
        const request = await requestOf(context, move, flags, asks);
        return operate(context, request, flags, lineOf(request));
    });
}

/** An operation as a command line. */
function lineOf(request: Request): string {
    const group = "group" in request && request.group !== undefined ? ` --group ${request.group}` : "";
    switch (request.operation) {
        case "disaster":
            return `rbd-dr failover --to ${request.to} --disaster --lost ${request.lost}${group}`;
        case "resync":
            return `rbd-dr resync --site ${request.site}${group}`;
        case "failover":
        case "failback":
            return `rbd-dr ${request.operation} --to ${request.to}${group}`;
        default:
            return `rbd-dr ${request.operation}`;
    }
}

function moveCommand(program: Command, move: Move, description: string): Command {
    const command = withMoveOptions(program.command(move).description(description), move);
    return withOperationOptions(command).action(action(move));
}

function addFailover(program: Command): void {
    const command = moveCommand(program, "failover", "move all volumes and their workloads to the other site");
    withExamples(command, [
        { line: "rbd-dr failover --to cluster2", does: "planned: no acknowledged write is lost" },
        {
            line: "rbd-dr failover --to cluster2 --disaster --lost cluster1",
            does: "cluster1 is gone: shows what may be lost, asks for its name, promotes by force",
        },
        { line: "rbd-dr failover --to cluster2 --dry-run", does: "reads the whole move before its first step" },
    ]);
}

function addFailback(program: Command): void {
    const command = moveCommand(
        program,
        "failback",
        "move back; after a disaster the returned site's copy is given up and copied afresh first",
    );
    withExamples(command, [
        { line: "rbd-dr failback --to cluster1", does: "back to cluster1, in two steps or in four" },
        { line: "rbd-dr preview failback --to cluster1", does: "both stacks' diffs, in order, on one page" },
    ]);
}

function addResync(program: Command): void {
    const command = moveCommand(
        program,
        "resync",
        "give a site's copy up for a fresh one from the other site, and leave it a healthy secondary",
    );
    withExamples(command, [
        { line: "rbd-dr resync --site cluster1", does: "cluster1 is back after a disaster, and is to receive again" },
    ]);
}
