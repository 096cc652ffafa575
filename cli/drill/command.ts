/** Commands that somebody gave us: run without a shell, bounded in time, with their words kept when they fail. */
import { execa } from "execa";
import { CliError } from "../errors.js";

/** How to run one. */
export interface CommandOptions {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    /** Seconds that it may take. */
    readonly seconds: number;
    readonly signal?: AbortSignal;
    /** Exit codes that are an answer and no failure; 0 by default. */
    readonly answers?: readonly number[];
}

/** Puts values into the words of a command: `{site}` becomes the site. What has no value is left as it is. */
export function fillIn(argv: readonly string[], values: Readonly<Record<string, string>>): string[] {
    return argv.map((word) => word.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole));
}

/**
 * Runs a command.
 *
 * @returns its standard output
 * @throws CliError `unfinished`, with the command and its last words
 */
export async function runCommand(argv: readonly string[], options: CommandOptions): Promise<string> {
    const [file, ...args] = argv;
    const result = await execa(file!, args, {
        cwd: options.cwd,
        env: options.env,
        stdin: "ignore",
        reject: false,
        timeout: options.seconds * 1000,
        cancelSignal: options.signal,
        maxBuffer: 512 * 1024 * 1024,
    });
    if (options.signal?.aborted === true) throw new CliError("interrupted", `${argv.join(" ")} was interrupted.`);
    if (result.exitCode !== undefined && (options.answers ?? [0]).includes(result.exitCode)) return result.stdout;
    const why = result.timedOut
        ? `did not end in ${options.seconds} s`
        : result.exitCode === undefined
          ? `cannot be run: ${result.shortMessage ?? "no reason given"}`
          : `ended with ${result.exitCode}`;
    const words = result.stderr.trim().split("\n").slice(-5).join("\n");
    throw new CliError("unfinished", `${argv.join(" ")} ${why}${words === "" ? "" : `:\n${words}`}`);
}
