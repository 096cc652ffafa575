/** `rbd-dr status`: both sites side by side, now or again and again. */
import { InvalidArgumentError, type Command } from "commander";
import { runs, type CommandContext } from "../context.js";
import { withExamples } from "../examples.js";
import type { ExitName } from "../exit-codes.js";
import { collect } from "../status/collect.js";
import { statusReport } from "../status/model.js";
import { renderStatus } from "../status/render.js";
import type { Level, StatusReport } from "../status/schema.js";
import { statusStacks } from "../status/stacks.js";
import { every, rememberSilence } from "../status/watch.js";

/** Seconds between two looks of `--watch`, where none are given. */
const WATCH = 10;
/** Seconds for a site to answer, where none are given. */
const TIMEOUT = 5;
/** Lines of a terminal that the page needs besides its volumes. */
const FRAME = 22;

interface StatusFlags {
    readonly watch?: number | true;
    readonly timeout: number;
    readonly metrics?: string;
}

/** What the exit code says of a report. */
const EXITS: Readonly<Record<Level, ExitName>> = { healthy: "done", warning: "warning", critical: "critical" };

/** Adds the command. */
export function addStatus(program: Command): void {
    const command = program
        .command("status")
        .description(
            "show both sites side by side: roles, mirroring, each volume's last sync, what `up` would do; changes nothing",
        )
        .option(
            `-w, --watch [seconds]`,
            `look again every so many seconds (${WATCH} by default), until Ctrl-C`,
            seconds,
        )
        .option("-t, --timeout <seconds>", "how long a site may take to answer", seconds, TIMEOUT)
        .option("--metrics <file>", "write Prometheus text there as well, for node_exporter's textfile collector")
        .action(runs<StatusFlags>("status", status));
    withExamples(command, [
        { line: "rbd-dr status", does: "one page; the exit code says healthy, warning or critical" },
        { line: "rbd-dr status --watch 5", does: "the same page, every five seconds" },
        { line: "rbd-dr status --json | jq .data.findings", does: "for a script: the report is the result's data" },
        {
            line: "rbd-dr status --metrics /var/lib/node_exporter/rbd_dr.prom",
            does: "for Prometheus, from cron or a timer; alert on rbd_dr_status and on the age of its timestamp",
        },
    ]);
}

async function status(context: CommandContext, flags: StatusFlags): Promise<ExitName> {
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

function seconds(text: string): number {
    const value = Number(text);
    if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("Give a number of seconds, such as 5.");
    return value;
}
