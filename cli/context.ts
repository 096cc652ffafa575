/** What a command works with: options, project, events. */
import type { Command } from "commander";
import type { Project } from "./engine/project.js";
import type { EventBus } from "./events.js";
import type { ExitName } from "./exit-codes.js";

/** Options that every command has. */
export interface GlobalOptions {
    readonly cwd: string;
    readonly stack?: string;
    readonly json?: boolean;
}

/** What an action works with. */
export interface CommandContext {
    /** Folder with Pulumi.yaml and the stack files. */
    readonly cwd: string;
    /** Whether events go to standard output as JSON, one a line; then nothing else may. */
    readonly json: boolean;
    /** Whether a person sits at the terminal: standard input and output are one. */
    readonly interactive: boolean;
    readonly bus: EventBus;
    /** Aborted by the first Ctrl-C. */
    readonly signal: AbortSignal;
    /** Id of this run, which all processes that it starts carry. */
    readonly runId: string;
    /** Opens the project, once. @throws CliError as `openProject` */
    readonly project: () => Promise<Project>;
    /** Writes lines for a person to standard output; with `--json` to standard error. */
    readonly print: (text: string) => void;
    /** What the command found, for the `data` of the result event. */
    data?: unknown;
}

/** An action: what it ends with becomes the exit code; nothing means `done`. */
export type Action<Options> = (
    context: CommandContext,
    options: Options,
    ...args: string[]
) => Promise<ExitName | void>;

/**
 * Turns an action into what commander calls. The action is loaded when it is called: a command's help, and every other
 * command, does without what it needs.
 *
 * @param name of the operation, for the events
 */
export function runs<Options>(
    name: string,
    load: () => Promise<Action<Options>>,
): (...args: unknown[]) => Promise<void> {
    return async (...received) => {
        const command = received.at(-1) as Command;
        const args = received.slice(0, -2) as string[];
        const { frame } = await import("./frame.js");
        process.exitCode = await frame(name, command.optsWithGlobals<GlobalOptions & Options>(), load, args);
    };
}
