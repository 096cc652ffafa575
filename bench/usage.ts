/** Runs a contender's commands and tells what they cost. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { z } from "zod";
import { forward } from "../lab/program/pulumi-cli.js";

const WRAPPER = fileURLToPath(new URL("./usage.py", import.meta.url));

/** As usage.py writes it. */
export const usageSchema = z.object({
    /** From its start to its end. */
    seconds: z.number(),
    /** User and system time of the command and everything below it. */
    cpuSeconds: z.number(),
    /** Largest sum of resident sets of all its processes at one moment. */
    peakBytes: z.number(),
});

/** What a command cost. */
export type Usage = z.infer<typeof usageSchema>;

/** A command to be measured. */
export interface Command {
    readonly file: string;
    readonly args: readonly string[];
    readonly cwd?: string;
    /** Added to this process's own environment. */
    readonly env?: Readonly<Record<string, string>>;
    /** Called with each line of output as it comes. */
    readonly onLine?: (line: string) => void;
}

/**
 * Runs one command to its end.
 *
 * @throws Error with the command and the end of its output when it fails, or takes longer than half an hour
 */
export async function measured(command: Command): Promise<Usage> {
    const folder = await mkdtemp(join(tmpdir(), "rbd-dr-bench-"));
    const report = join(folder, "usage.json");
    try {
        const child = execa("python3", [WRAPPER, report, command.file, ...command.args], {
            cwd: command.cwd,
            env: command.env,
            all: true,
            reject: false,
            stdin: "ignore",
            timeout: 1_800_000,
        });
        if (command.onLine) void forward(child.iterable({ from: "all" }), command.onLine);
        const run = await child;
        if (run.exitCode !== 0) {
            const said = String(run.all ?? "").slice(-4000);
            const how = run.timedOut ? "took longer than 30 minutes" : `ended with ${run.exitCode ?? run.signal}`;
            throw new Error(`${[command.file, ...command.args].join(" ")} ${how}:\n${said}`);
        }
        return usageSchema.parse(JSON.parse(await readFile(report, "utf8")));
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

/** Commands at the same time: the longest decides how long it takes, and their memory adds up (an upper bound). */
export function alongside(usages: readonly Usage[]): Usage {
    return {
        seconds: Math.max(0, ...usages.map((u) => u.seconds)),
        cpuSeconds: usages.reduce((sum, u) => sum + u.cpuSeconds, 0),
        peakBytes: usages.reduce((sum, u) => sum + u.peakBytes, 0),
    };
}

/** Commands one after the other: times add up, the peak is that of the largest. */
export function together(usages: readonly Usage[]): Usage {
    return {
        seconds: usages.reduce((sum, u) => sum + u.seconds, 0),
        cpuSeconds: usages.reduce((sum, u) => sum + u.cpuSeconds, 0),
        peakBytes: Math.max(0, ...usages.map((u) => u.peakBytes)),
    };
}
