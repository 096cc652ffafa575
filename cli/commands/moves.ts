/** `rbd-dr failover`, `failback` and `resync`: the moves. */
import type { Command } from "commander";
import { runs } from "../context.js";
import { withExamples } from "../examples.js";
import { withOperationOptions, type OperationFlags } from "./operation.js";

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

function moveCommand(program: Command, move: Move, description: string): Command {
    const command = withMoveOptions(program.command(move).description(description), move);
    return withOperationOptions(command).action(
        runs<OperationFlags & MoveFlags>(move, async () => (await import("../actions/move.js")).moveAction(move)),
    );
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
