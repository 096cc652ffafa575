/** The person at the keyboard: reads what a run says, and types what it tells to. */
import type { SiteName } from "../../lab/paths.js";
import type { PulumiCli, PulumiResult } from "../../lab/program/pulumi-cli.js";

/** A deployment that a refusal tells to restart: of a daemon of Rook's, never of an application. */
export interface Restart {
    readonly deployment: string;
    readonly site: SiteName;
}

/** How a run ended. */
export interface Outcome {
    readonly kind: "completed" | "locked" | "refused" | "failed";
    /** Code of a refusal. */
    readonly code?: string;
    /** The first error in one line; empty when the run completed. */
    readonly text: string;
    /** Commands that the text tells to type, in its order. */
    readonly told: readonly string[];
    /** Deployments that it tells to restart, in its order. */
    readonly restarts: readonly Restart[];
}

/** Reads a run's text. */
export function readOutcome({ exitCode, text }: Pick<PulumiResult, "exitCode" | "text">): Outcome {
    if (exitCode === 0) return { kind: "completed", text: "", told: [], restarts: [] };
    if (/the stack is currently locked by/.test(text))
        return { kind: "locked", text: "the stack is locked", told: cancelIn(text), restarts: [] };
    const code = /Refused \(([A-Z_]+)\)/.exec(text)?.[1];
    const said = { text: firstError(text), told: toldIn(text), restarts: restartsIn(text) };
    return code !== undefined ? { kind: "refused", code, ...said } : { kind: "failed", ...said };
}

/** An outcome as a table shows it. */
export function describeOutcome(outcome: Outcome): string {
    if (outcome.kind === "refused") return `refused ${outcome.code}`;
    return outcome.kind === "failed" ? `failed: ${outcome.text}` : outcome.kind;
}

/**
 * Types what an error tells to before the same command is typed again: a lock is taken off. What a refusal tells
 * is about the state of the sites; there the sequence says what comes next.
 *
 * @param stack the one that the command was for; Pulumi's text leaves it out, and would mean the selected one
 * @returns the commands that were run
 */
export async function doAsTold(cli: PulumiCli, stack: string, outcome: Outcome): Promise<string[]> {
    if (outcome.kind !== "locked") return [];
    if (outcome.told.length === 0) throw new Error("The stack is locked, and the error does not tell what to type.");
    const typed = outcome.told.map((command) => `${command} -s ${stack}`);
    // There may be no lock any more, or not yet: then there is nothing to take off.
    for (const command of typed) await cli.run([...command.split(" ").slice(1), "--yes"], { mayFail: true });
    return typed;
}

/** Errors that only say that there was one. */
const EMPTY_ERRORS = /^(update failed|preview failed|resource operation failed|program failed|)$/;

function firstError(text: string): string {
    // Of several errors in one, the first is on the line below.
    const errors = [...text.matchAll(/^\s*error: (?:\d+ errors? occurred:\s*\*\s*)?(.*)$/gm)].map((m) => m[1]!.trim());
    const said = errors.find((line) => !EMPTY_ERRORS.test(line)) ?? text.trim().split("\n").at(-1) ?? "";
    // A resource's URN is longer than what is said of it.
    const telling = said.replace(/"?urn:pulumi:[^\s"]*::([^\s"]+)"?/g, "$1");
    return telling.length > 160 ? `${telling.slice(0, 157)}...` : telling;
}

/** `pulumi cancel`, as Pulumi writes it between backticks. */
function cancelIn(text: string): string[] {
    return [...new Set([...text.matchAll(/`(pulumi cancel[^`]*)`/g)].map((match) => match[1]!.trim()))];
}

/** The lines below "What to do:" that are commands. */
function toldIn(text: string): string[] {
    const lines = text.split("\n").map((line) => line.trim());
    const start = lines.indexOf("What to do:");
    if (start < 0) return [];
    const end = lines.findIndex((line, i) => i > start && (line === "" || line.startsWith("More on this")));
    return lines.slice(start + 1, end < 0 ? undefined : end).flatMap((line) => /pulumi [a-z].*/.exec(line)?.[0] ?? []);
}

/** `kubectl -n rook-ceph rollout restart deployment/NAME, on SITE`, as refusals write it. */
function restartsIn(text: string): Restart[] {
    const written = text.matchAll(/kubectl -n rook-ceph rollout restart deployment\/([\w-]+), on (cluster[12])/g);
    return [...written].map(([, deployment, site]) => ({ deployment: deployment!, site: site as SiteName }));
}
