/** `rbd-dr status`: both sites side by side, now or again and again. */
import { InvalidArgumentError, type Command } from "commander";
import { runs } from "../context.js";
import { withExamples } from "../examples.js";

/** Seconds between two looks of `--watch`, where none are given. */
export const WATCH = 10;
/** Seconds for a site to answer, where none are given. */
const TIMEOUT = 5;

/** Its options. */
export interface StatusFlags {
    readonly watch?: number | true;
    readonly timeout: number;
    readonly metrics?: string;
}

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
        .action(runs<StatusFlags>("status", async () => (await import("../actions/status.js")).status));
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

function seconds(text: string): number {
    const value = Number(text);
    if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("Give a number of seconds, such as 5.");
    return value;
}
