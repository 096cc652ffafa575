/** Kills a pulumi run at every boundary of its resources, each time going on as the error tells to. */
import type { PulumiCli, PulumiResult, RunOptions } from "../../../lab/program/pulumi-cli.js";
import { describeOutcome, doAsTold, readOutcome, type Outcome } from "../operator.js";
import { Coverage, type CoverageReport } from "./coverage.js";
import { descendants, endAll, type Handle } from "./processes.js";

export interface ChainOptions {
    /** What is run and killed, for example an `up`. */
    readonly run: (options: RunOptions) => Promise<PulumiResult>;
    /** The stack that it is run for. */
    readonly stack: string;
    /** Whether helpers of the killed CLI live on; otherwise they end with it, as in a power cut. */
    readonly orphans: boolean;
    /** See {@link Coverage}. */
    readonly burst?: number;
    /** Called with a line of progress. */
    readonly onProgress?: (line: string) => void;
}

/** What a chain came to. */
export interface ChainResult {
    /** The run that nobody killed. */
    readonly last: PulumiResult;
    readonly coverage: CoverageReport;
    /** What else was typed, for example `pulumi cancel -s cluster1`. */
    readonly typed: readonly string[];
    /** Runs that ended by themselves, and not well, without having been killed. */
    readonly failures: readonly Outcome[];
}

/** Runs that may end by themselves, and not well, before the chain is given up. */
const PATIENCE = 4;
/** A chain that is longer than this does not end. */
const MOST_KILLS = 120;

/**
 * Runs, kills, does as the error tells, runs again, until a run has nothing left to be killed at.
 *
 * @throws Error when a run fails by itself again and again, with what it said
 */
export async function killAtEveryBoundary(cli: PulumiCli, options: ChainOptions): Promise<ChainResult> {
    const coverage = new Coverage(options.burst);
    const typed: string[] = [];
    const failures: Outcome[] = [];
    const orphans: Handle[] = [];
    /** What the lock's error told to type: read once, then typed after each kill. */
    let told: Outcome | undefined;
    try {
        for (;;) {
            const { result, cut, left } = await runAndCut(options, coverage);
            orphans.push(...left);
            if (cut !== undefined) {
                options.onProgress?.(`killed ${cut}`);
                if (coverage.report().kills > MOST_KILLS) throw new Error(`${MOST_KILLS} kills, and no end`);
                if (told !== undefined) typed.push(...(await doAsTold(cli, options.stack, told)));
                continue;
            }
            const outcome = readOutcome(result);
            if (outcome.kind === "completed") return { last: result, coverage: coverage.report(), typed, failures };
            typed.push(...(await doAsTold(cli, options.stack, outcome)));
            if (outcome.kind === "locked") told = outcome;
            else failures.push(outcome);
            if (failures.length > PATIENCE)
                throw new Error(
                    `after kills, the same command fails ${failures.length} times: ${describeOutcome(outcome)}`,
                );
        }
    } finally {
        endAll(orphans);
    }
}

async function runAndCut(
    { run, orphans }: ChainOptions,
    coverage: Coverage,
): Promise<{ result: PulumiResult; cut?: string; left: Handle[] }> {
    coverage.begin();
    let pid: number | undefined;
    let cut: string | undefined;
    let left: Handle[] = [];
    const result = await run({
        mayFail: true,
        onStart: (child) => {
            pid = child.pid;
        },
        onEvent: (event) => {
            if (cut !== undefined || pid === undefined) return;
            const where = coverage.see(event);
            if (where === undefined) return;
            cut = where;
            // It is to go no further while its helpers are looked for.
            process.kill(pid, "SIGSTOP");
            left = descendants(pid);
            process.kill(pid, "SIGKILL");
            if (!orphans) endAll(left);
            coverage.cut(where);
        },
    });
    return { result, cut, left: orphans ? left : [] };
}
