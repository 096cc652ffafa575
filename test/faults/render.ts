/** The matrix as tables: fault x step -> outcome, and what became of each trial's writes. */
import { COLUMNS, type StepResult, type TrialResult } from "./model.js";
import type { Results } from "./results.js";

/** Fault x step -> outcome, in Markdown. */
export function renderMatrix(results: Results): string {
    const steps = Object.values(results.trials).flatMap((trial) => trial.steps);
    const used = COLUMNS.filter((column) => steps.some((step) => step.column === column));
    const faults = [...new Set(steps.map(faultOf))];
    const rows = faults.map((fault) => {
        const own = steps.filter((step) => faultOf(step) === fault);
        const cell = (column: string) => own.filter((step) => step.column === column).map(cellText);
        return [own[0]!.title ?? "none", ...used.map((column) => cell(column).join("<br>") || "-")];
    });
    return table(["fault", ...used], rows);
}

/** What became of the writes of each trial, in Markdown. */
export function renderTrials(results: Results): string {
    const head = ["trial", "acknowledged", "found", "lost in the declared window", "discarded with the returned copy"];
    const rows = Object.values(results.trials).map(({ id, writes, looks, seconds, ok }) => [
        id,
        ...[writes.acknowledged, writes.found, writes.inWindow, writes.discarded].map(String),
        `${looks.taken}`,
        `${Math.round(seconds / 60)} min`,
        ok ? "held" : "**breached**",
    ]);
    return table([...head, "looks for two primaries", "time", "invariants"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function faultOf(step: StepResult): string {
    return step.fault ?? "none";
}

function cellText({ step, outcome, violations, coverage }: StepResult): string {
    const short = coverage === undefined ? outcome : `completed after ${coverage.kills} kills`;
    const breaches = violations.map((text) => `; **${text}**`).join("");
    return `${step}: ${short}${breaches}`.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** What it came to, in a few lines. */
export function renderSummary(results: Results): string {
    const trials = Object.values(results.trials);
    const steps = trials.flatMap((t) => t.steps);
    const kills = steps.reduce((total, step) => total + (step.coverage?.kills ?? 0), 0);
    const looks = trials.reduce((total, t) => total + t.looks.taken, 0);
    const wrong = trials.filter((t) => !t.ok);
    const minutes = trials.reduce((total, t) => total + t.seconds, 0) / 60;
    return [
        `${trials.length} trials, ${steps.length} steps under a fault, ${kills} kills; ${trials.length - wrong.length} trials held, ${wrong.length} did not`,
        `${looks} looks at both images for two primaries; ${minutes.toFixed(0)} minutes of trials, side by side`,
        ...wrong.flatMap((t) => [`${t.id}:`, ...reasons(t).map((reason) => `  ${reason}`)]),
    ].join("\n");
}

function reasons(trial: TrialResult): string[] {
    const steps = trial.steps.flatMap((step) => step.violations.map((text) => `${step.step}: ${text}`));
    return [...(trial.error === undefined ? [] : [trial.error]), ...steps];
}
