/** What the commands that move something do alike: the question, the operation, the end. */
import { quote } from "../../host/shell.js";
import type { OperationFlags } from "../commands/operation.js";
import { confirm } from "../confirm.js";
import type { Action, CommandContext } from "../context.js";
import { CliError } from "../errors.js";
import type { ExitName } from "../exit-codes.js";
import { describeSequence } from "../run/describe.js";
import { runOperation } from "../run/operation.js";
import type { Request, Sequence } from "../sequence/model.js";
import { isDone } from "../sequence/sequence.js";
import { previewOperation } from "./preview.js";

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

/** The action of a command that is of both sites and takes nothing else. */
export function operateBoth(operation: "up" | "destroy"): Action<OperationFlags> {
    return (context, flags) => operate(context, { operation }, flags, `rbd-dr ${operation}`);
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
