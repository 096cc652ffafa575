/** What `rbd-dr status` does: looks at both sites, once or again and again, and shows the report. */
import { WATCH, type StatusFlags } from "../commands/status.js";
import type { CommandContext } from "../context.js";
import type { ExitName } from "../exit-codes.js";
import { collect } from "../status/collect.js";
import { statusReport } from "../status/model.js";
import { renderStatus } from "../status/render.js";
import type { Level, StatusReport } from "../status/schema.js";
import { statusStacks } from "../status/stacks.js";
import { every, rememberSilence } from "../status/watch.js";

/** Lines of a terminal that the page needs besides its volumes. */
const FRAME = 22;

/** What the exit code says of a report. */
const EXITS: Readonly<Record<Level, ExitName>> = { healthy: "done", warning: "warning", critical: "critical" };

/** Looks, and shows what was seen. */
export async function status(context: CommandContext, flags: StatusFlags): Promise<ExitName> {
    const stacks = statusStacks(await context.project());
    const remember = rememberSilence();
    let last: StatusReport | undefined;
    const look = async () => {
        last = statusReport(remember(await collect(stacks, flags.timeout)));
        if (flags.metrics !== undefined) await (await import("../status/metrics.js")).writeMetrics(flags.metrics, last);
        show(context, last, flags);
    };
    if (flags.watch === undefined) await look();
    else await every(flags.watch === true ? WATCH : flags.watch, context.signal, look);
    context.data = last;
    return EXITS[last!.level];
}

/** On a terminal a watched page replaces the one before it; with `--json` each look is a line. */
function show(context: CommandContext, report: StatusReport, { watch }: StatusFlags): void {
    const { stdout } = process;
    if (context.json) {
        if (watch !== undefined) stdout.write(`${JSON.stringify(report)}\n`);
        return;
    }
    const page = renderStatus(report, {
        columns: stdout.columns,
        color: stdout.isTTY && process.env.NO_COLOR === undefined,
        ...(watch !== undefined && stdout.isTTY ? { rows: Math.max(5, stdout.rows - FRAME) } : {}),
    });
    if (watch !== undefined && stdout.isTTY) stdout.write("\u001b[2J\u001b[H");
    context.print(page.trimEnd());
}
