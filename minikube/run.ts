/** Runs the minikube CLI: an argument list, no shell, no terminal, events as they come. */
import { execa } from "execa";
import { MinikubeError, failed, notInstalled } from "./errors.js";
import { parseEvent, type MinikubeEvent } from "./events.js";

export interface RunOptions {
    /** Environment on top of this process's own: `PATH`, `MINIKUBE_HOME`, `KUBECONFIG`. */
    readonly env?: Readonly<Record<string, string>>;
    /** How long the command may take, in milliseconds. Default 2 minutes. */
    readonly timeoutMs?: number;
    /** Called for each event as it comes. */
    readonly onEvent?: (event: MinikubeEvent) => void;
    /** Exit codes besides 0 that are an answer and no failure. */
    readonly accept?: (exitCode: number) => boolean;
}

export interface RunResult {
    readonly exitCode: number;
    /** Lines of stdout that are no events. */
    readonly stdout: string;
    readonly events: readonly MinikubeEvent[];
}

/** A stopped `start` gets this long to leave its lock files in order before it is killed. */
const GRACE_MS = 10_000;

/**
 * Runs one minikube command to its end.
 *
 * @throws MinikubeError when minikube is missing, fails, or takes too long
 */
export async function runMinikube(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { timeoutMs = 120_000, accept = () => false } = options;
    const events: MinikubeEvent[] = [];
    const rest: string[] = [];
    const child = execa("minikube", args, {
        stdin: "ignore",
        reject: false,
        timeout: timeoutMs,
        forceKillAfterDelay: GRACE_MS,
        // Without these it draws symbols, and asks GitHub for its own newest version on every call.
        env: { MINIKUBE_IN_STYLE: "false", MINIKUBE_WANTUPDATENOTIFICATION: "false", ...options.env },
    });
    for await (const line of child) {
        const event = parseEvent(line);
        if (event === undefined) {
            rest.push(line);
            continue;
        }
        events.push(event);
        options.onEvent?.(event);
    }
    const result = await child;
    if (result.code === "ENOENT") throw notInstalled(args);
    if (result.timedOut) throw timedOut(args, timeoutMs, events);
    const exitCode = result.exitCode;
    if (exitCode === undefined || (exitCode !== 0 && !accept(exitCode))) {
        throw failed(args, exitCode, events, lastWords(result, rest));
    }
    return { exitCode, stdout: rest.join("\n"), events };
}

/** What a command without JSON said on failing: some write it to stderr, some to stdout (`ip`, `ssh`). */
function lastWords(result: { signal?: string; stderr?: unknown; shortMessage?: string }, stdout: string[]): string {
    if (result.signal !== undefined) return `ended by ${result.signal}`;
    return String(result.stderr ?? "").trim() || stdout.join("\n").trim() || (result.shortMessage ?? "");
}

function timedOut(args: readonly string[], timeoutMs: number, events: readonly MinikubeEvent[]): MinikubeError {
    const last = events.findLast((e) => e.kind === "step" || e.kind === "download" || e.kind === "download.progress");
    const seen = last === undefined ? "nothing was heard of it" : `last seen: ${JSON.stringify(last)}`;
    return new MinikubeError({
        args,
        source: "timeout",
        detail: `not done after ${Math.round(timeoutMs / 1000)} s; ${seen}`,
        advice: "run it again: minikube goes on where it was. On a slow line, raise minikube.startTimeout",
        issues: [],
        step: last?.kind === "step" ? last.name : undefined,
    });
}
