/** Examples of a command: at the end of its `--help`, and in docs/cli.md. */
import type { Command } from "commander";

/** A command line and what it does. */
export interface Example {
    readonly line: string;
    readonly does: string;
}

const kept = new WeakMap<Command, readonly Example[]>();

/** Gives a command its examples. @returns the command */
export function withExamples(command: Command, examples: readonly Example[]): Command {
    kept.set(command, examples);
    return command.addHelpText("after", () => {
        const lines = examples.map(({ line, does }) => `  $ ${line}\n      ${does}`);
        return `\nExamples:\n${lines.join("\n")}`;
    });
}

/** The examples of a command. */
export function examplesOf(command: Command): readonly Example[] {
    return kept.get(command) ?? [];
}
