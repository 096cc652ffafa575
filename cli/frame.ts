/** The frame that every command runs in: events, Ctrl-C, errors, exit code. */
import { randomUUID } from "node:crypto";
import type { Action, CommandContext, GlobalOptions } from "./context.js";
import { openProject, type Project } from "./engine/project.js";
import { PulumiError } from "./engine/pulumi.js";
import { CliError, RefusedError } from "./errors.js";
import { EventBus } from "./events.js";
import { EXIT, type ExitName } from "./exit-codes.js";
import { listenForInterrupt } from "./interrupt.js";
import { showProgress } from "./progress/index.js";

/**
 * Runs an action. Errors become messages and exit codes here, and nowhere else.
 *
 * @param name of the operation, for the events
 * @param load gives the action
 * @returns the exit code
 */
export async function frame<Options>(
    name: string,
    options: GlobalOptions & Options,
    load: () => Promise<Action<Options>>,
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
        const action = await load();
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
