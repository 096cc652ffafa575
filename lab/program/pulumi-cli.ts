/** The plain pulumi CLI, as a user types it: the demo and the engine tests run nothing else. */
import { execa, type ResultPromise } from "execa";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { followEvents, type StepEvent } from "./event-log.js";

/** What a run of the CLI came to. */
export interface PulumiResult {
    readonly exitCode: number;
    /** Standard output and error, in the order in which they came. */
    readonly text: string;
    readonly stdout: string;
    readonly seconds: number;
}

export interface RunOptions {
    /** Called with each line as it comes. */
    readonly onLine?: (line: string) => void;
    /** Called with each step of an `up` or `destroy` as the engine begins and ends it. */
    readonly onEvent?: (event: StepEvent) => void;
    /** Given to the command's standard input. */
    readonly input?: string;
    /** A non-zero exit is a result and not an error. */
    readonly mayFail?: boolean;
    /** Called with the running process, for tests that end it. */
    readonly onStart?: (child: ResultPromise) => void;
}

/** Kinds of steps that leave everything as it is. */
const QUIET_STEPS = new Set(["same", "read", "refresh"]);

/** A step of a preview. */
export interface PreviewStep {
    readonly op: string;
    readonly urn: string;
    readonly name: string;
    readonly type: string;
}

/** The CLI, bound to a workspace. */
export class PulumiCli {
    /** Called after each run that takes a while, for progress. */
    onRun: (line: string) => void = () => undefined;

    /**
     * @param dir folder that holds Pulumi.yaml and the stack files
     * @param env variables added to this process's own
     */
    constructor(
        readonly dir: string,
        readonly env: Readonly<Record<string, string>>,
    ) {}

    /**
     * Runs `pulumi ARGS`.
     *
     * @throws Error with the command and its output, unless it may fail
     */
    async run(args: readonly string[], options: RunOptions = {}): Promise<PulumiResult> {
        const started = Date.now();
        const events = options.onEvent && new EventLog(options.onEvent);
        const child = execa("pulumi", ["--non-interactive", "--color", "never", ...args, ...(events?.args ?? [])], {
            cwd: this.dir,
            env: { ...this.env, ...events?.env },
            all: true,
            reject: false,
            buffer: true,
            ...(options.input === undefined ? { stdin: "ignore" } : { input: options.input }),
        });
        options.onStart?.(child as unknown as ResultPromise);
        if (options.onLine) void forward(child.iterable({ from: "all" }), options.onLine);
        const result = await child;
        await events?.end();
        const exitCode = result.exitCode ?? -1;
        const text = String(result.all ?? "");
        if (exitCode !== 0 && !options.mayFail)
            throw new Error(`pulumi ${args.join(" ")} ended with ${exitCode}:\n${text}`);
        const seconds = (Date.now() - started) / 1000;
        if (seconds > 2) this.onRun(`pulumi ${args.join(" ")}: exit ${exitCode}, ${seconds.toFixed(0)} s`);
        return { exitCode, text, stdout: String(result.stdout ?? ""), seconds };
    }

    /** `pulumi up`, without a preview before it. */
    up(stack: string, options: RunOptions = {}): Promise<PulumiResult> {
        return this.run(["up", "--yes", "--skip-preview", "--stack", stack], options);
    }

    preview(stack: string, options: RunOptions = {}): Promise<PulumiResult> {
        return this.run(["preview", "--stack", stack], options);
    }

    destroy(stack: string, options: RunOptions = {}): Promise<PulumiResult> {
        return this.run(["destroy", "--yes", "--skip-preview", "--stack", stack], options);
    }

    /** The steps of a preview that change something. */
    async changes(stack: string): Promise<PreviewStep[]> {
        const { stdout } = await this.run(["preview", "--json", "--stack", stack]);
        const digest = JSON.parse(stdout) as { steps: { op: string; urn: string }[] };
        return digest.steps
            .filter((step) => !QUIET_STEPS.has(step.op))
            .map((step) => ({
                op: step.op,
                urn: step.urn,
                name: step.urn.split("::").at(-1)!,
                type: step.urn.split("::").at(-2)!.split("$").at(-1)!,
            }));
    }

    /** A stack's outputs; secrets are shown as `[secret]`. */
    async outputs<T = Record<string, unknown>>(stack: string): Promise<T> {
        return JSON.parse((await this.run(["stack", "output", "--json", "--stack", stack])).stdout) as T;
    }

    /** Names of the keys set in a stack's file, with their namespace. */
    async configKeys(stack: string): Promise<string[]> {
        const { stdout } = await this.run(["config", "--json", "--stack", stack]);
        return Object.keys(JSON.parse(stdout) as object);
    }

    async setConfig(stack: string, key: string, value: string, options: { path?: boolean } = {}): Promise<void> {
        const path = options.path ? ["--path"] : [];
        await this.run(["config", "set", ...path, "--plaintext", "--stack", stack, "--", key, value]);
    }

    /** Sets many keys at once; keys may be paths, as `externalCeph.fsid` or `volumes[0].name`. */
    async setAllConfig(stack: string, settings: Readonly<Record<string, string>>): Promise<void> {
        const pairs = Object.entries(settings).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
        await this.run(["config", "set-all", "--path", "--stack", stack, ...pairs]);
    }

    /** Sets a secret through standard input, so that it never stands in a process list. */
    async setSecret(stack: string, key: string, value: string): Promise<void> {
        await this.run(["config", "set", "--secret", "--stack", stack, key], { input: value });
    }

    async removeConfig(stack: string, key: string): Promise<void> {
        await this.run(["config", "rm", "--stack", stack, key]);
    }
}

/** An event log for one run. */
class EventLog {
    private readonly folder = mkdtempSync(join(tmpdir(), "rbd-dr-events-"));
    private readonly file = join(this.folder, "events.jsonl");
    private ended = false;
    private readonly following: Promise<void>;
    readonly args = ["--event-log", this.file];
    /** The flag is one of those that Pulumi keeps for programs. */
    readonly env = { PULUMI_DEBUG_COMMANDS: "true" };

    constructor(onEvent: (event: StepEvent) => void) {
        this.following = followEvents(this.file, onEvent, () => this.ended);
    }

    async end(): Promise<void> {
        this.ended = true;
        await this.following;
        rmSync(this.folder, { recursive: true, force: true });
    }
}

/** Hands lines on as they come, for as long as they come. */
export async function forward(lines: AsyncIterable<unknown>, onLine: (line: string) => void): Promise<void> {
    try {
        for await (const line of lines) onLine(String(line));
    } catch {
        // The run's own result says what went wrong.
    }
}
