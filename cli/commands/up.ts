/** `rbd-dr up`: both sites as config has them. */
import type { Command } from "commander";
import { runs } from "../context.js";
import { withExamples } from "../examples.js";
import { withOperationOptions, type OperationFlags } from "./operation.js";

/** Adds the command. */
export function addUp(program: Command): void {
    const command = withOperationOptions(
        program
            .command("up")
            .description("set both sites up as their config has them, and let each know the other; changes no config"),
    ).action(runs<OperationFlags>("up", async () => (await import("../actions/operate.js")).operateBoth("up")));
    withExamples(command, [
        { line: "rbd-dr up", does: "shows what is done in which order, asks, and does it" },
        { line: "rbd-dr up --yes --json", does: "for a script: one event a line" },
    ]);
}
