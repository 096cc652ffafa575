/** `rbd-dr destroy`: both sites are taken down, in the order that loses nothing. */
import type { Command } from "commander";
import { runs } from "../context.js";
import { withExamples } from "../examples.js";
import { withOperationOptions, type OperationFlags } from "./operation.js";

/** Adds the command. */
export function addDestroy(program: Command): void {
    const command = withOperationOptions(
        program
            .command("destroy")
            .description(
                "take both sites down, the secondary first; images, pool and Rook stay. Config keeps teardown: true",
            ),
    ).action(
        runs<OperationFlags>("destroy", async () => (await import("../actions/operate.js")).operateBoth("destroy")),
    );
    withExamples(command, [{ line: "rbd-dr destroy", does: "shows the order, asks, and does it" }]);
}
