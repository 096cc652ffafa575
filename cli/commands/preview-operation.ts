/** Shows an operation without touching anything. */
import type { CommandContext } from "../context.js";
import { previewData, previewPage } from "../preview/page.js";
import { previewSequence } from "../preview/preview.js";
import { plan } from "../run/plan.js";
import type { Request } from "../sequence/model.js";

/** Plans an operation, previews each leg, and prints the page. */
export async function previewOperation(context: CommandContext, request: Request): Promise<void> {
    const project = await context.project();
    const { sequence } = await plan(project, request);
    const previews = await previewSequence(project, sequence, context.signal);
    context.data = previewData(sequence, previews);
    if (!context.json) context.print(previewPage(sequence, previews));
}
