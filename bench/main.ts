/**
 * `npm run bench`: planned failover and failback of the same number of volumes by hand, by rbd alone, and by this program,
 * side by side on one lab. Writes results.json and report.md; asserts nothing about time.
 */
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { labDown, labName, labUp, readSite, SITES, siteStop } from "../lab/index.js";
import type { Arena, Contender } from "./contenders/contender.js";
import { contendersOf } from "./contenders/index.js";
import { CONTENDERS, DESCRIPTIONS } from "./contenders/names.js";
import { fillIdle } from "./fill.js";
import { measureLeg } from "./leg.js";
import { describeMachine } from "./machine.js";
import { parseOptions, type BenchOptions } from "./options.js";
import { breakdowns, ownRuns, summaries, toMarkdown, toText } from "./report.js";
import { DISASTER_ROUND, has, loadResults, resultsFile, saveResults, type Results } from "./results.js";
import { schedule } from "./schedule.js";
import type { StackRun } from "./stack-run.js";
import type { Usage } from "./usage.js";

const [FIRST, SECOND] = SITES;

const program = new Command("bench")
    .description("Planned failover and failback, by hand, by rbd alone, and by this program, side by side on one lab.")
    .option("--volumes <list>", "numbers of volumes, each on a lab of its own", "1,10,100")
    .option("--rounds <number>", "rounds; every contender has one turn in each", "3")
    .option("--contenders <list>", `some of ${CONTENDERS.join(", ")}`, "by-hand,raw,ours,ours-together")
    .option("--writers <number>", "how many of the volumes are written all the time", "3")
    .option("--per-namespace <number>", "how many of the volumes of ours live in a namespace", "5000")
    .option("--out <folder>", "where results go; a folder that has some is gone on with", "bench-results")
    .option("--disaster", "in the end, lose the first site, and move the last of our contenders by force")
    .option("--keep", "leave the last lab running")
    .addHelpText(
        "after",
        `\nContenders:\n${CONTENDERS.map((c) => `  ${c.padEnd(16)}${DESCRIPTIONS[c]}`).join("\n")}\n\nRBD_DR_LAB names the lab (default: default).`,
    );

const say = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

try {
    const options = parseOptions(program.parse().opts());
    const out = resolve(options.out);
    const results = await loadResults(out, await describeMachine());
    for (const volumes of options.volumes) await benchOn(options, volumes, out, results);
    await report(out, results);
} catch (error) {
    say(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
}

/** All turns with one number of volumes. */
async function benchOn(options: BenchOptions, volumes: number, out: string, results: Results): Promise<void> {
    const { perNamespace } = options;
    const writers = Math.min(options.writers, volumes, perNamespace);
    const left = schedule(options.contenders, options.rounds).filter((t) => !has(results, { ...t, volumes, writers }));
    if (left.length === 0) return say(`${volumes} volumes: everything is measured already`);
    const lab = labName();
    await labUp({ lab, onProgress: say });
    const arena: Arena = { lab, site: (name) => readSite(lab, name), say, volumes, writers, perNamespace };
    const names = options.contenders.filter((name) => left.some((t) => t.contender === name));
    const { stacks, contenders } = contendersOf(names, arena);
    try {
        say(`setting up ${volumes} volumes for each contender`);
        const onRun = async (run: StackRun): Promise<void> => {
            say(`${run.what}, ${run.stack}: ${run.seconds.toFixed(1)} s`);
            results.runs.push(run);
            await saveResults(out, results);
        };
        await stacks.setUp(onRun);
        for (const contender of contenders) await prepare(arena, contender);
        for (const turn of left) {
            const contender = contenders.find((c) => c.name === turn.contender)!;
            say(`round ${turn.round}, ${volumes} volumes: ${turn.contender}`);
            const legs = await takeTurn(arena, contender);
            results.turns.push({ volumes, writers, round: turn.round, contender: contender.name, legs });
            await saveResults(out, results);
        }
        const last = contenders.findLast((contender) => contender.disaster !== undefined);
        if (last === undefined) return;
        await last.applications(true);
        await stacks.unchanged(onRun);
        if (!options.disaster) return;
        say(`disaster, ${volumes} volumes: ${last.name}`);
        const leg = await measureLeg(arena, last, "disaster", FIRST, SECOND, () => lose(arena, last));
        results.turns.push({ volumes, writers, round: DISASTER_ROUND, contender: last.name, legs: [leg] });
        await saveResults(out, results);
    } finally {
        for (const contender of contenders) await contender.close();
        if (!options.keep) await labDown(lab);
    }
}

/** A contender's volumes on the first site, with something in each. */
async function prepare(arena: Arena, contender: Contender): Promise<void> {
    say(`setting up ${contender.name}`);
    await contender.setUp();
    if ((await contender.at()) !== FIRST) await contender.move(SECOND, FIRST);
    await contender.applications(false);
    await fillIdle(arena, contender);
}

/** There and back, with nobody else writing. */
async function takeTurn(arena: Arena, contender: Contender): Promise<Results["turns"][number]["legs"]> {
    await contender.applications(true);
    const legs = [];
    for (const [direction, from, to] of [
        ["failover", FIRST, SECOND],
        ["failback", SECOND, FIRST],
    ] as const) {
        legs.push(await measureLeg(arena, contender, direction, from, to, () => contender.move(from, to)));
    }
    await contender.applications(false);
    return legs;
}

/** The first site loses its power, and the second takes over without it. */
async function lose(arena: Arena, contender: Contender): Promise<Usage> {
    await siteStop(arena.lab, FIRST);
    return contender.disaster!(FIRST, SECOND);
}

async function report(out: string, results: Results): Promise<void> {
    const tables = [...summaries(results), ...ownRuns(results), ...breakdowns(results)];
    for (const table of tables) process.stdout.write(`${toText(table)}\n`);
    await writeFile(join(out, "report.md"), tables.map(toMarkdown).join("\n"));
    say(`written: ${resultsFile(out)} and report.md beside it`);
    const lossy = results.turns.filter((t) => t.legs.some((leg) => leg.direction !== "disaster" && leg.lost > 0));
    for (const t of lossy) say(`${t.contender}, round ${t.round}: acknowledged writes were lost`);
    if (lossy.length > 0) process.exitCode = 1;
}
