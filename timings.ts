/** Timestamps of the program's own steps, for finding out where the seconds of a failover go. Off unless asked for. */
import { appendFileSync } from "node:fs";

/** Environment variable that names the file to which timestamps are appended. */
export const TIMINGS_VARIABLE = "RBD_DR_TIMINGS";

/**
 * Notes that a step was reached, as a line of JSON: `step`, `stack`, `at` (milliseconds since the epoch). Does nothing
 * where the environment does not ask for it; a file that cannot be written does not stop a failover.
 *
 * @param at when, if not now
 */
export function mark(step: string, at = Date.now()): void {
    const file = process.env[TIMINGS_VARIABLE];
    if (file === undefined || file === "") return;
    const line = JSON.stringify({ step, stack: process.env["PULUMI_NODEJS_STACK"] ?? "", at: Math.round(at) });
    try {
        appendFileSync(file, `${line}\n`, { mode: 0o600 });
    } catch {
        // What it is for is worth less than what it runs in.
    }
}
