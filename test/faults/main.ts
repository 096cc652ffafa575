/**
 * `npm run test:faults`: the fault matrix. Every sequence, with a fault at each of its steps, on the lab; what finished is
 * kept for each commit, so that the same command goes on where it stopped.
 */
import { Command } from "commander";
import { writeFileSync } from "node:fs";
import { labDown, toolPath } from "../../lab/index.js";
import { execa } from "execa";
import type { Trial, TrialResult } from "./model.js";
import { allTrials, PLATFORM, ROUNDS } from "./plan.js";
import { renderMatrix, renderSummary, renderTrials } from "./render.js";
import { resultsFile, ResultsStore, revision } from "./results.js";
import { FaultStage } from "./stage.js";
import { notRun } from "./trial.js";

const LAB = process.env.RBD_DR_LAB || "faults";

interface Options {
    readonly list?: boolean;
    readonly only?: string;
    readonly fresh?: boolean;
    readonly report?: boolean;
    readonly keep?: boolean;
    readonly results?: string;
    readonly markdown?: string;
}

const program = new Command("npm run test:faults --")
    .description("Every sequence with a fault at each of its steps, on a lab of its own; resumable.")
    .option("--list", "name the trials, and which of them are done for this commit")
    .option("--only <pattern>", "run those whose name matches a regular expression, done or not")
    .option("--fresh", "forget what is done for this commit")
    .option("--report", "print what is known for this commit, and run nothing")
    .option("--keep", "leave the lab running at the end")
    .option("--results <file>", "keep results in this file instead of one for each commit")
    .option("--markdown <file>", "write the matrix there, too")
    .parse();
const options = program.opts<Options>();

const commit = await revision();
const store = new ResultsStore(options.results ?? resultsFile(commit), {
    revision: commit,
    versions: await versions(),
});
if (options.fresh) store.clear();
if (options.list) list();
else if (options.report) report();
else await runMatrix();

function list(): void {
    for (const { id, sequence } of allTrials()) {
        const result = store.all.trials[id];
        const state = result === undefined ? "to do" : result.ok ? "held" : "breached";
        console.log(`${state.padEnd(9)} ${id.padEnd(30)} ${sequence.name}`);
    }
}

async function runMatrix(): Promise<void> {
    const pattern = options.only === undefined ? undefined : new RegExp(options.only);
    const wanted = ({ id }: Trial) => (pattern === undefined ? !store.passed(id) : pattern.test(id));
    const began = Date.now();
    const say = (line: string) => {
        const seconds = Math.round((Date.now() - began) / 1000);
        process.stderr.write(
            `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, "0")} ${line}\n`,
        );
    };
    const stage = new FaultStage(LAB, say);
    try {
        for (const round of ROUNDS) {
            const trials = round.filter(wanted);
            if (trials.length > 0) await keep(trials, () => stage.round(trials));
        }
        for (const trial of PLATFORM.filter(wanted))
            await keep([trial], async () => [await stage.platformTrial(trial)]);
    } finally {
        await stage.close();
        if (!options.keep) await labDown(LAB);
        report();
    }
}

/** What a round came to, or why it came to nothing: the rounds after it run all the same. */
async function keep(trials: readonly Trial[], run: () => Promise<TrialResult[]>): Promise<void> {
    try {
        store.add(await run());
    } catch (error) {
        store.add(trials.map((trial) => notRun(trial, error)));
    }
}

function report(): void {
    const matrix = `${renderMatrix(store.all)}\n\n${renderTrials(store.all)}`;
    console.log(`${matrix}\n\n${renderSummary(store.all)}\n\nResults: ${store.file}`);
    if (options.markdown !== undefined) writeFileSync(options.markdown, `${matrix}\n`);
    if (Object.values(store.all.trials).some((trial) => !trial.ok)) process.exitCode = 1;
}

/** What takes part, by its own word. */
async function versions(): Promise<Record<string, string>> {
    const said = async (tool: string, args: string[]) =>
        (await execa(tool, args, { reject: false, stdin: "ignore" })).stdout?.split("\n")[0] ?? "";
    try {
        return {
            pulumi: await said(toolPath("pulumi"), ["version"]),
            ceph: await said("ceph", ["--version"]),
            node: process.version,
        };
    } catch {
        // Before the tools are built there is nothing to ask.
        return { node: process.version };
    }
}
