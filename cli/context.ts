/** What a command works with, and the frame that every command runs in: options, events, Ctrl-C, exit code. */
import type { Command } from "commander";
import { randomUUID } from "node:crypto";
import { openProject, type Project } from "./engine/project.js";
import { PulumiError } from "./engine/pulumi.js";
import { CliError, RefusedError } from "./errors.js";
import { EventBus } from "./events.js";
import { EXIT, type ExitName } from "./exit-codes.js";
import { listenForInterrupt } from "./interrupt.js";
import { showProgress } from "./progress/index.js";

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
 * Turns an action into what commander calls. Errors become messages and exit codes here, and nowhere else.
 *
 * @param name of the operation, for the events
 */
export function runs<Options>(name: string, action: Action<Options>): (...args: unknown[]) => Promise<void> {
    return async (...received) => {
        const command = received.at(-1) as Command;
        const args = received.slice(0, -2) as string[];
        process.exitCode = await frame(name, command.optsWithGlobals<GlobalOptions & Options>(), action, args);
    };
}

async function frame<Options>(
    name: string,
    options: GlobalOptions & Options,
    action: Action<Options>,
    args: readonly string[],
): Promise<number> {
    const bus = new EventBus();
    const commands: string[][] = [];
    bus.on((event) => {
        if (event.type === "command") commands.push(event.argv);
    });
    const json = options.json === true;
    const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true && !json;
    const progress = showProgress(bus, { json, interactive });
    const interrupt = listenForInterrupt(() =>
        bus.emit({
            type: "message",
            severity: "warning",
            text: "Stopping: the step at hand is ended, and no other begun. Ctrl-C once more ends it now.",
        }),
    );
    let project: Promise<Project> | undefined;
    const runId = randomUUID();
    const context: CommandContext = {
        cwd: options.cwd,
        json,
        interactive,
        bus,
        signal: interrupt.signal,
        runId,
        project: () =>
            (project ??= openProject(options.cwd, { runId, bus, stack: options.stack }).then((opened) => {
                interrupt.onSecond(() => opened.pulumi.endNow());
                return opened;
            })),
        print: (text) => void (json ? process.stderr : process.stdout).write(`${text}\n`),
    };
    let exit: ExitName;
    let error: unknown;
    try {
        exit = (await action(context, options, ...args)) ?? "done";
    } catch (thrown) {
        error = thrown;
        exit = exitOf(thrown, interrupt.signal.aborted);
    } finally {
        interrupt.dispose();
    }
    const refusal = error instanceof RefusedError ? error.refusal : undefined;
    bus.emit({
        type: "result",
        operation: name,
        exit: EXIT[exit],
        outcome: exit,
        ...(error === undefined ? {} : { message: messageOf(error) }),
        ...(refusal === undefined
            ? {}
            : {
                  refusals: refusal.refusals.map(({ code, group, reason, seen, next }) => ({
                      code,
                      group,
                      reason,
                      seen: [...seen],
                      next: [...next],
                  })),
              }),
        commands,
        ...(context.data === undefined ? {} : { data: context.data }),
    });
    await progress.end();
    if (error !== undefined) {
        process.stderr.write(`${messageOf(error)}\n`);
        if (exit === "unexpected" && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    }
    return EXIT[exit];
}

function exitOf(error: unknown, interrupted: boolean): ExitName {
    if (interrupted) return "interrupted";
    return error instanceof CliError ? error.exit : "unexpected";
}

function messageOf(error: unknown): string {
    if (error instanceof PulumiError) return error.message;
    return error instanceof Error ? error.message : String(error);
}
