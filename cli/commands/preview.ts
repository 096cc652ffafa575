/** `rbd-dr preview OP`: the whole operation on one page before its first step. */
import { Argument, type Command } from "commander";
import { runs } from "../context.js";
import { withExamples } from "../examples.js";
import { CliError } from "../errors.js";
import { MOVES, requestOf, withMoveOptions, type Move, type MoveFlags } from "./moves.js";
import { previewOperation } from "./preview-operation.js";

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
    ).action(
        runs<MoveFlags>("preview", async (context, flags, operation) => {
            if (operation === "up" || operation === "destroy") {
                const given = [flags.to, flags.site, flags.lost, flags.group].find((value) => value !== undefined);
                if (given !== undefined)
                    throw new CliError("usage", `${operation} is of both sites: it takes no ${given}.`);
                return previewOperation(context, { operation });
            }
            return previewOperation(context, await requestOf(context, operation as Move, flags, true));
        }),
    );
    withExamples(command, [
        { line: "rbd-dr preview failback --to cluster1", does: "all its steps, and what each changes" },
        {
            line: "rbd-dr preview failover --to cluster2 --disaster --lost cluster1",
            does: "what a disaster would cost now",
        },
        { line: "rbd-dr preview failover --to cluster2 --json", does: "the same as data, in the result event" },
    ]);
}
