/** What the commands that move something have in common: their options. */
import type { Command } from "commander";

/** Options of every such command. */
export interface OperationFlags {
    readonly yes?: boolean;
    readonly dryRun?: boolean;
    readonly printCommands?: boolean;
}

/** Adds the options that every such command has. */
export function withOperationOptions(command: Command): Command {
    return command
        .option("-y, --yes", "do not ask")
        .option("--dry-run", "show what would be done, as `rbd-dr preview`, and touch nothing")
        .option("--print-commands", "print the plain pulumi commands that it amounts to, at the end");
}
