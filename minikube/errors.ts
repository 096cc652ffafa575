/** Failures of the minikube CLI as typed errors that carry minikube's own advice. */
import type { MinikubeEvent } from "./events.js";

/** Where a failure comes from: the tens of minikube's exit code (minikube 1.38.1, pkg/minikube/reason/exitcodes.go). */
const SOURCES: Readonly<Record<number, FailureSource>> = {
    1: "usage",
    2: "resources",
    3: "host",
    4: "internet",
    5: "driver",
    6: "provider",
    7: "network",
    8: "guest",
    9: "runtime",
    10: "control-plane",
    11: "service",
};

export type FailureSource =
    | "usage"
    | "resources"
    | "host"
    | "internet"
    | "driver"
    | "provider"
    | "network"
    | "guest"
    | "runtime"
    | "control-plane"
    | "service"
    /** minikube is not installed, or not where PATH looks. */
    | "missing"
    /** It took longer than it may. */
    | "timeout"
    /** It was ended by a signal. */
    | "signal"
    | "other";

/** Exit code of a command on a profile that does not exist (`ExGuestNotFound`). */
export const PROFILE_NOT_FOUND = 85;

/** What is known of a minikube command that failed. */
export interface Failure {
    /** Arguments as given, for the message. */
    readonly args: readonly string[];
    /** Undefined when it did not end by itself. */
    readonly exitCode?: number;
    readonly source: FailureSource;
    /** minikube's name of the reason, for example `PROVIDER_DOCKER_NOT_RUNNING`. */
    readonly reason?: string;
    /** What went wrong, in minikube's words. */
    readonly detail: string;
    /** What minikube says to do. */
    readonly advice?: string;
    readonly url?: string;
    readonly issues: readonly string[];
    /** The last step that had begun. */
    readonly step?: string;
}

/** A minikube command failed. The message has the command, the step, minikube's words and its advice. */
export class MinikubeError extends Error {
    override readonly name = "MinikubeError";
    constructor(readonly failure: Failure) {
        super(describe(failure));
    }
}

/** Source of a failure by its exit code. */
export function failureSource(exitCode: number | undefined): FailureSource {
    if (exitCode === undefined) return "signal";
    return exitCode >= 10 ? (SOURCES[Math.floor(exitCode / 10)] ?? "other") : "other";
}

/** Makes the error of a command that ended with a non-zero code. */
export function failed(
    args: readonly string[],
    exitCode: number | undefined,
    events: readonly MinikubeEvent[],
    stderr: string,
): MinikubeError {
    // An error that `--force` overrode has a code too: the one that ended the command has the command's.
    const errors = events.filter((e) => e.kind === "error");
    const error =
        errors.findLast((e) => e.exitCode === exitCode && exitCode !== undefined) ??
        errors.findLast((e) => e.exitCode !== undefined);
    const step = events.findLast((e) => e.kind === "step");
    return new MinikubeError({
        args,
        exitCode,
        source: failureSource(exitCode),
        reason: error?.name,
        detail: error?.message ?? lastWords(events, stderr),
        advice: error?.advice ?? adviceAmong(errors.map((e) => e.message)),
        url: error?.url,
        issues: error?.issues ?? [],
        step: step?.kind === "step" ? step.name : undefined,
    });
}

/** Makes the error for a machine without minikube. */
export function notInstalled(args: readonly string[]): MinikubeError {
    return new MinikubeError({
        args,
        source: "missing",
        detail: "the program `minikube` is not on PATH",
        advice:
            "install minikube 1.31 or later (https://minikube.sigs.k8s.io/docs/start/), or use a cluster that you have: " +
            "pulumi config set cluster existing",
        issues: [],
    });
}

/** Some failures come without advice, after a remark that has it: `Running "minikube delete -p x" may fix it`. */
function adviceAmong(remarks: readonly string[]): string | undefined {
    const found = remarks
        .map((r) => /Running "(minikube [^"]+)" may fix it/.exec(r)?.[1])
        .findLast((c) => c !== undefined);
    return found === undefined ? undefined : `run it again; if that does not help: ${found}`;
}

/** What is left to say when there is no error event: remarks, then stderr, then nothing. */
function lastWords(events: readonly MinikubeEvent[], stderr: string): string {
    const said = events.filter((e) => e.kind === "error" || e.kind === "info").slice(-2);
    const words = said.map((e) => ("message" in e ? e.message : "")).join(" ");
    if (words !== "") return words;
    const tail = stderr.trim().split("\n").slice(-5).join("\n");
    return tail === "" ? "it said nothing" : tail;
}

function describe(f: Failure): string {
    const code = [f.exitCode === undefined ? undefined : `exit code ${f.exitCode}`, f.reason]
        .filter(Boolean)
        .join(", ");
    const where = f.step === undefined ? "" : ` at step "${f.step}"`;
    const lines = [
        `minikube ${f.args.join(" ")} failed${where}${code === "" ? "" : ` (${code})`}: ${f.detail}`,
        f.advice && `What to do: ${f.advice}`,
        f.url && `Documentation: ${f.url}`,
        f.issues.length > 0 && `Known issues: ${f.issues.join(" ")}`,
    ];
    return lines.filter(Boolean).join("\n");
}
