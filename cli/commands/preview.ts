/** `rbd-dr preview OP`: the whole operation on one page before its first step. */
import { Argument, type Command } from "commander";
import { runs } from "../context.js";
import { withExamples } from "../examples.js";
import { MOVES, withMoveOptions, type MoveFlags } from "./moves.js";

const OPERATIONS = [...MOVES, "up", "destroy"] as const;

/** Adds the command. */
export function addPreview(program: Command): void {
    const command = withMoveOptions(
        program
            .command("preview")
            .description(
                "show both stacks' diffs of a whole operation, in order, with the guards' verdict; touches nothing",
            )
            .addArgument(new Argument("<operation>", "which one").choices([...OPERATIONS])),
    ).action(runs<MoveFlags>("preview", async () => (await import("../actions/preview.js")).preview));
    withExamples(command, [
        { line: "rbd-dr preview failback --to cluster1", does: "all its steps, and what each changes" },
        {
            line: "rbd-dr preview failover --to cluster2 --disaster --lost cluster1",
            does: "what a disaster would cost now",
        },
        { line: "rbd-dr preview failover --to cluster2 --json", does: "the same as data, in the result event" },
    ]);
}
