/** Where `rbd-dr` begins: reads the command line and runs the command. */
import { CommanderError } from "commander";
import { EXIT } from "./exit-codes.js";
import { makeProgram } from "./program.js";

const program = makeProgram();
program.exitOverride();
for (const command of program.commands) command.exitOverride();
try {
    await program.parseAsync();
} catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has printed what is wrong, or the help that was asked for.
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
}
// A site that does not answer keeps connections open for minutes, for which nobody waits any more. What has been printed is
// let out first: a pipe takes it in pieces.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))));
process.exit();
