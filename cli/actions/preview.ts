/** Shows an operation without touching anything. */
import type { Move, MoveFlags } from "../commands/moves.js";
import type { CommandContext } from "../context.js";
import { CliError } from "../errors.js";
import { previewData, previewPage } from "../preview/page.js";
import { previewSequence } from "../preview/preview.js";
import { plan } from "../run/plan.js";
import type { Request } from "../sequence/model.js";
import { requestOf } from "./request.js";

/** Shows what a command would do. */
export async function preview(context: CommandContext, flags: MoveFlags, operation: string): Promise<void> {
    if (operation === "up" || operation === "destroy") {
        const given = [flags.to, flags.site, flags.lost, flags.group].find((value) => value !== undefined);
        if (given !== undefined) throw new CliError("usage", `${operation} is of both sites: it takes no ${given}.`);
        return previewOperation(context, { operation });
    }
    return previewOperation(context, await requestOf(context, operation as Move, flags, true));
}

/** Plans an operation, previews each leg, and prints the page. */
export async function previewOperation(context: CommandContext, request: Request): Promise<void> {
    const project = await context.project();
    const { sequence } = await plan(project, request);
    const previews = await previewSequence(project, sequence, context.signal);
    context.data = previewData(sequence, previews);
    if (!context.json) context.print(previewPage(sequence, previews));
}
