/** What the commands that move something have in common: options, the question, the end. */
import type { Command } from "commander";
import { quote } from "../../host/shell.js";
import { confirm } from "../confirm.js";
import type { CommandContext } from "../context.js";
import { CliError } from "../errors.js";
import type { ExitName } from "../exit-codes.js";
import { describeSequence } from "../run/describe.js";
import { runOperation } from "../run/operation.js";
import type { Request, Sequence } from "../sequence/model.js";
import { isDone } from "../sequence/sequence.js";
import { previewOperation } from "./preview-operation.js";

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

/**
 * Runs an operation for a command.
 *
 * @param line what was typed, for whoever finds the run file
 */
export async function operate(
    context: CommandContext,
    request: Request,
    flags: OperationFlags,
    line: string,
): Promise<ExitName | void> {
    if (flags.dryRun === true) return previewOperation(context, request);
    const commands: (readonly string[])[] = [];
    context.bus.on((event) => {
        if (event.type === "command") commands.push(event.argv);
    });
    const project = await context.project();
    const { confirmed, sequence } = await runOperation(request, {
        project,
        bus: context.bus,
        signal: context.signal,
        runId: context.runId,
        line,
        confirm: (planned) => askFor(context, planned, flags.yes === true),
    });
    if (!confirmed) {
        if (context.signal.aborted) throw new CliError("interrupted", "Nothing was touched.");
        context.print("Nothing was touched.");
        return;
    }
    if (commands.length === 0 && isDone(sequence))
        context.print(`${describeSequence(sequence)}\nNothing is left to do.`);
    if (flags.printCommands === true) for (const argv of commands) context.print(argv.map(quote).join(" "));
}

function askFor(context: CommandContext, sequence: Sequence, yes: boolean): Promise<boolean> {
    const { request } = sequence;
    const text = describeSequence(sequence);
    if (yes && !context.json) context.print(text);
    // The one operation that may lose writes: a name that is typed is thought about.
    if (request.operation === "disaster")
        return confirm(
            context,
            {
                text: `${text}\n\nOnly if ${request.lost} cannot serve any more: its power, network or storage is off, and not only your view of it.`,
                answer: request.lost,
            },
            yes,
        );
    return confirm(context, { text }, yes);
}
