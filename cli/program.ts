/** The commands of `rbd-dr`, as one commander program: for the command line, for completion and for docs/cli.md. */
import { Command } from "commander";
import { addCompletion } from "./commands/completion.js";
import { addDestroy } from "./commands/destroy.js";
import { addDrill } from "./commands/drill.js";
import { addVerify } from "./commands/verify.js";
import { addMoves } from "./commands/moves.js";
import { addPreview } from "./commands/preview.js";
import { addStatus } from "./commands/status.js";
import { addUp } from "./commands/up.js";
import { EXIT, EXIT_MEANINGS, type ExitName } from "./exit-codes.js";

/** Each command has a file of its own, which adds it. */
const COMMANDS: readonly ((program: Command) => void)[] = [
    addUp,
    addStatus,
    addPreview,
    addMoves,
    addDestroy,
    addDrill,
    addVerify,
    addCompletion,
];

/** Makes the program. */
export function makeProgram(): Command {
    const program = new Command("rbd-dr")
        .description(
            "Failover and failback of Rook-Ceph RBD volumes between two sites: the order of the steps, done for you.",
        )
        .option("-C, --cwd <dir>", "folder with Pulumi.yaml and the stack files", ".")
        .option("--stack <name>", "one of the two stacks, where the folder holds more than one pair of sites")
        .option("--json", "print events as JSON, one a line, and nothing else")
        .showHelpAfterError("(rbd-dr --help says more)")
        .helpCommand(true)
        .addHelpText("after", () => `\nExit codes:\n${exitTable()}`);
    for (const add of COMMANDS) add(program);
    return program;
}

function exitTable(): string {
    return (Object.keys(EXIT) as ExitName[]).map((name) => `  ${EXIT[name]}  ${EXIT_MEANINGS[name]}`).join("\n");
}
