/** Runs a command as pulumi-command 1.2 does (provider/pkg/provider/local/commandOutputs.go). */
import { spawn } from "node:child_process";

/** Inputs of a `command:local:Command`, as far as the double knows them. */
export interface CommandInputs {
    readonly create?: string;
    readonly update?: string;
    readonly delete?: string;
    readonly triggers?: readonly unknown[];
    readonly stdin?: string;
    readonly logging?: "stdout" | "stderr" | "stdoutAndStderr" | "none";
    readonly interpreter?: readonly string[];
    readonly dir?: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly addPreviousOutputInEnv?: boolean;
}

export interface CommandOutputs {
    readonly stdout: string;
    readonly stderr: string;
}

/** Knows the inputs above and no other: what the double does not do must not pass unnoticed. */
export const KNOWN_INPUTS: readonly string[] = [
    "create",
    "update",
    "delete",
    "triggers",
    "stdin",
    "logging",
    "interpreter",
    "dir",
    "environment",
    "addPreviousOutputInEnv",
];

/**
 * @param command appended to the interpreter as one argument
 * @param previous outputs of the last run; handed on in the environment unless switched off
 * @param log called with each line that is to be shown
 * @throws Error with what the command wrote, both streams as they came
 */
export async function runCommand(
    command: string,
    inputs: CommandInputs,
    previous: CommandOutputs | undefined,
    log: (line: string) => void,
    signal: AbortSignal,
): Promise<CommandOutputs> {
    const [program, ...args] = [...(inputs.interpreter ?? ["/bin/sh", "-c"]), command];
    const child = spawn(program!, args, {
        cwd: inputs.dir,
        env: { ...process.env, ...inputs.environment, ...previousOutputs(inputs, previous) },
        stdio: ["pipe", "pipe", "pipe"],
        signal,
        killSignal: "SIGKILL",
    });
    child.stdin.end(inputs.stdin ?? "");
    const { logging = "stdoutAndStderr" } = inputs;
    let all = "";
    const collect = (stream: NodeJS.ReadableStream, shown: boolean) => {
        let text = "";
        stream.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk;
            all += chunk;
            if (shown) chunk.split("\n").filter(Boolean).forEach(log);
        });
        return () => text.replace(/\n$/, "");
    };
    const stdout = collect(child.stdout, logging === "stdout" || logging === "stdoutAndStderr");
    const stderr = collect(child.stderr, logging === "stderr" || logging === "stdoutAndStderr");
    const status = await new Promise<string | undefined>((resolve) => {
        child.on("error", (error) => resolve(error.message));
        child.on("close", (code, ended) =>
            resolve(code === 0 ? undefined : ended ? `signal: ${ended}` : `exit status ${code}`),
        );
    });
    if (status !== undefined) throw new Error(`${status}: running ${JSON.stringify(command)}:\n${all}`);
    return { stdout: stdout(), stderr: stderr() };
}

function previousOutputs(inputs: CommandInputs, previous: CommandOutputs | undefined): Record<string, string> {
    if (previous === undefined || inputs.addPreviousOutputInEnv === false) return {};
    return {
        ...(previous.stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: previous.stdout }),
        ...(previous.stderr === "" ? {} : { PULUMI_COMMAND_STDERR: previous.stderr }),
    };
}
