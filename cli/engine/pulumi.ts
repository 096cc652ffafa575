/**
 * The pulumi CLI as the Automation API and this CLI run it: each run in a process group of its own, marked as ours, told to
 * stop by one SIGINT, and written down as the plain command that a person would have typed.
 */
import { execa, type ResultPromise } from "execa";
import { CliError } from "../errors.js";

/** Variable that every process of one run of `rbd-dr` inherits; its value is the run's id (see run-file.ts). */
export const RUN_MARK = "RBD_DR_RUN";

/** How a run of the CLI ended. */
export interface PulumiRun {
    readonly stdout: string;
    readonly stderr: string;
    readonly code: number;
}

/** A run of pulumi that failed. */
export class PulumiError extends Error {
    override readonly name = "PulumiError";

    constructor(
        readonly args: readonly string[],
        readonly run: PulumiRun,
    ) {
        super(`pulumi ${args.join(" ")} ended with ${run.code}:\n${run.stderr.trim() || run.stdout.trim()}`);
    }
}

/** Found on PATH. */
export const COMMAND = "pulumi";

/** Milliseconds of grace after a second request to stop, before SIGKILL. */
const KILL_AFTER = 5_000;

/** Runs `pulumi`, found on PATH. */
export class Pulumi {
    /** Runs that have not ended. */
    private readonly running = new Set<ResultPromise>();

    private readonly env: Readonly<Record<string, string>>;

    /** @param runId id of this run of `rbd-dr`, inherited by all that pulumi starts */
    constructor(runId: string) {
        this.env = { [RUN_MARK]: runId, PULUMI_SKIP_UPDATE_CHECK: "true" };
    }

    /** Which version it is. Errors as {@link Pulumi.run}. */
    async version(cwd: string): Promise<string> {
        return (await this.run(["version"], cwd)).stdout.trim().replace(/^v/, "");
    }

    /**
     * Runs the CLI; called by the Automation API, too.
     *
     * @param args arguments, without `pulumi`
     * @param signal the first abort asks pulumi to end orderly, as Ctrl-C does
     * @throws PulumiError when it does not end with 0; CliError where there is no pulumi
     */
    async run(
        args: readonly string[],
        cwd: string,
        env: Readonly<Record<string, string>> = {},
        onOutput?: (text: string) => void,
        onError?: (text: string) => void,
        signal?: AbortSignal,
    ): Promise<PulumiRun> {
        // It would change which stack the user has selected, and every run here names its stack.
        if (args[0] === "stack" && args[1] === "select") return { stdout: "", stderr: "", code: 0 };
        const all = args.includes("--non-interactive") ? [...args] : [...args, "--non-interactive"];
        const child = execa(COMMAND, all, {
            cwd,
            env: { ...env, ...this.env, PULUMI_AUTOMATION_API: "true" },
            stdin: "ignore",
            reject: false,
            // A group of its own: a terminal's Ctrl-C would reach pulumi beside our SIGINT, and two of them end it at once.
            detached: true,
            cleanup: false,
        });
        this.running.add(child as unknown as ResultPromise);
        if (onOutput) child.stdout.on("data", (data: Buffer) => onOutput(data.toString()));
        if (onError) child.stderr.on("data", (data: Buffer) => onError(data.toString()));
        const stop = () => child.kill("SIGINT");
        if (signal?.aborted) stop();
        signal?.addEventListener("abort", stop, { once: true });
        try {
            const ended = await child;
            if (ended.code === "ENOENT") throw notThere("it is not on PATH");
            const run = { stdout: ended.stdout, stderr: ended.stderr, code: ended.exitCode ?? -1 };
            if (run.code !== 0)
                throw new PulumiError(args, { ...run, stderr: run.stderr || (ended.shortMessage ?? "") });
            return run;
        } finally {
            signal?.removeEventListener("abort", stop);
            this.running.delete(child as unknown as ResultPromise);
        }
    }

    /** Ends what runs without waiting for the step at hand: a second SIGINT, then SIGKILL. */
    endNow(): void {
        for (const child of this.running) {
            child.kill("SIGINT");
            setTimeout(() => child.kill("SIGKILL"), KILL_AFTER).unref();
        }
    }
}

/** The error for a pulumi that is missing, or does not fit. */
export function notThere(why: string): CliError {
    return new CliError(
        "usage",
        `pulumi cannot be run: ${why}\nInstall it (https://www.pulumi.com/docs/install/), or put it on PATH.`,
    );
}
