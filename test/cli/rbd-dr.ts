/** `rbd-dr` as a user runs it, in a stage's workspace, with its events read. */
import { execa } from "execa";
import { join } from "node:path";
import type { CliEvent } from "../../cli/events.js";
import { REPO_ROOT } from "../../lab/paths.js";
import type { Stage } from "../engine/stage.js";

/** What a run came to. */
export interface RbdDrRun {
    readonly exitCode: number;
    readonly stderr: string;
    readonly events: readonly CliEvent[];
    /** The plain commands that it says it amounts to, in order. */
    readonly commands: readonly (readonly string[])[];
}

/** A run under way. */
export interface RbdDrProcess {
    readonly pid: number;
    readonly ended: Promise<RbdDrRun>;
    /** Resolves with the first event of which this is true. @throws Error when the run ends without it */
    readonly until: (test: (event: CliEvent) => boolean) => Promise<CliEvent>;
    readonly interrupt: () => void;
}

/** Starts `rbd-dr ARGS --json`. */
export function startRbdDr({ cli }: Stage, ...args: string[]): RbdDrProcess {
    const bin = join(REPO_ROOT, "cli", "bin.mjs");
    const child = execa(process.execPath, [bin, "-C", cli.dir, ...args, "--json"], {
        env: { ...cli.env, NO_COLOR: "1" },
        reject: false,
        stdin: "ignore",
    });
    const events: CliEvent[] = [];
    const listeners = new Set<(event?: CliEvent) => void>();
    const reading = (async () => {
        for await (const line of child) {
            const event = JSON.parse(String(line)) as CliEvent;
            events.push(event);
            for (const listener of listeners) listener(event);
        }
        for (const listener of listeners) listener();
    })();
    const ended = (async (): Promise<RbdDrRun> => {
        await reading;
        const { exitCode, stderr } = await child;
        const result = events.find((event) => event.type === "result");
        process.stderr.write(`    rbd-dr ${args.join(" ")}: exit ${exitCode}\n`);
        return { exitCode: exitCode ?? -1, stderr: String(stderr), events, commands: result?.commands ?? [] };
    })();
    const until = (wanted: (event: CliEvent) => boolean) =>
        new Promise<CliEvent>((resolve, reject) => {
            const there = events.find(wanted);
            if (there !== undefined) return resolve(there);
            const listener = (event?: CliEvent) => {
                if (event !== undefined && !wanted(event)) return;
                listeners.delete(listener);
                if (event === undefined) reject(new Error(`rbd-dr ${args.join(" ")} ended without it.`));
                else resolve(event);
            };
            listeners.add(listener);
        });
    return { pid: child.pid!, ended, until, interrupt: () => void child.kill("SIGINT") };
}

/** Runs `rbd-dr ARGS --json` to its end. */
export function rbdDr(stage: Stage, ...args: string[]): Promise<RbdDrRun> {
    return startRbdDr(stage, ...args).ended;
}

/** The same, where anything but exit code 0 is an error that shows what was said. */
export async function rbdDrDone(stage: Stage, ...args: string[]): Promise<RbdDrRun> {
    const run = await rbdDr(stage, ...args);
    if (run.exitCode !== 0) throw new Error(`rbd-dr ${args.join(" ")} ended with ${run.exitCode}:\n${run.stderr}`);
    return run;
}
