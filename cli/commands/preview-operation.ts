/** Shows an operation without touching anything. */
import type { CommandContext } from "../context.js";
import type { ExitName } from "../exit-codes.js";
import { describeSequence } from "../run/describe.js";
import { plan } from "../run/plan.js";
import type { Request } from "../sequence/model.js";

/** Plans an operation, and prints it. */
export async function previewOperation(context: CommandContext, request: Request): Promise<ExitName | void> {
    const project = await context.project();
    const { sequence } = await plan(project, request);
    context.print(describeSequence(sequence));
}
