/**
 * Drills on the lab, through the command line as a person types it: the numbers of the report are held against a count that
 * is made here, from the acknowledgement log and the image's own bytes; then each is killed at ten points and run again.
 */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createHash, randomInt } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { RECORD_FILE } from "../../cli/report/compare.js";
import { recordSchema, type DrillRecord } from "../../cli/report/record.js";
import { REPO_ROOT } from "../../lab/paths.js";
import type { SiteName } from "../../lab/index.js";
import { imageOf } from "../../lab/program/images.js";
import { closeStage, openStage, VOLUME, type Stage } from "../engine/stage.js";

const HOUR = 3_600_000;
const KILLS = 10;
let stage: Stage;

beforeAll(async () => {
    stage = await openStage(process.env.RBD_DR_LAB ?? "test-drill");
    expect((await rbdDr("up", "--yes")).exitCode).toBe(0);
}, HOUR);

afterAll(() => closeStage(stage), 300_000);

function start(...args: string[]) {
    return execa(process.execPath, [join(REPO_ROOT, "cli/bin.mjs"), "-C", stage.cli.dir, ...args], {
        env: stage.cli.env,
        reject: false,
        stdin: "ignore",
        all: true,
    });
}

async function rbdDr(...args: string[]) {
    const result = await start(...args);
    if (result.exitCode !== 0) process.stderr.write(`${result.all}\n`);
    return result;
}

function newestRecord(): DrillRecord {
    const folder = join(stage.cli.dir, "reports");
    const newest = readdirSync(folder)
        .filter((name) => /^\d{4}-/.test(name))
        .sort()
        .at(-1)!;
    return recordSchema.parse(JSON.parse(readFileSync(join(folder, newest, RECORD_FILE), "utf8")));
}

interface LoggedBlock {
    readonly seq: number;
    readonly offset: number;
    readonly sha256: string;
    readonly at: string;
    readonly site: string;
}

/** The log, read here and not by the writer's own reader. */
function loggedBlocks(): LoggedBlock[] {
    return readFileSync(stage.acks, "utf8")
        .split("\n")
        .filter((line) => line.startsWith("{") && line.endsWith("}"))
        .map((line) => JSON.parse(line) as LoggedBlock)
        .filter((line) => line.seq !== undefined);
}

/** Those of the first `count` acknowledged blocks that an exported copy of the image does not hold. */
async function missingOnImage(site: SiteName, count: number): Promise<LoggedBlock[]> {
    // Before the copy is made: what is acknowledged meanwhile may or may not be in it.
    const acknowledged = loggedBlocks().slice(0, count);
    const info = stage.site(site);
    const ref = await imageOf(info, VOLUME);
    const copy = join(stage.cli.dir, "export.img");
    rmSync(copy, { force: true });
    await execa("rbd", ["--conf", info.ceph.conf, "export", "--no-progress", `${ref.pool}/${ref.image}`, copy]);
    const file = openSync(copy, "r");
    try {
        const block = Buffer.alloc(4096);
        return acknowledged.filter(({ offset, sha256 }) => {
            const length = readSync(file, block, 0, 4096, offset);
            return length !== 4096 || createHash("sha256").update(block).digest("hex") !== sha256;
        });
    } finally {
        closeSync(file);
        rmSync(copy, { force: true });
    }
}

/** Holds a finished drill's numbers against the log and the image. */
async function holdAgainstTheTruth(record: DrillRecord, before: number): Promise<void> {
    const last = record.moves.at(-1)!.checks[0]!;
    const counted = last.acknowledged + before;
    const missing = (await missingOnImage("cluster1", counted)).length - before;
    expect({ acknowledged: record.writes.acknowledged, missing: record.writes.lost + record.writes.discarded }).toEqual(
        {
            acknowledged: last.acknowledged,
            missing,
        },
    );
    expect(record.writes.found).toBe(record.writes.acknowledged - missing);
    const blocks = loggedBlocks();
    for (const { name, outage, from, to } of record.moves) {
        if (name === "resync") continue;
        expect(outage).toBeDefined();
        const { firstAck, lastAck, parts, seconds } = outage!;
        // Independently: the first block on the new site after the last one on the old, by the log alone.
        expect(blocks.some((b) => b.seq === firstAck.seq && b.site === to && b.at === firstAck.at)).toBe(true);
        expect(blocks.some((b) => b.seq === lastAck.seq && b.site === from && b.at === lastAck.at)).toBe(true);
        expect(blocks.filter((b) => b.at > lastAck.at && b.at < firstAck.at)).toEqual([]);
        expect(parts.reduce((sum, part) => sum + part.seconds, 0)).toBeCloseTo(seconds, 3);
        expect(seconds).toBeCloseTo((Date.parse(firstAck.at) - Date.parse(lastAck.at)) / 1000, 3);
    }
}

test(
    "a planned drill loses nothing, and its report equals an independent count",
    async () => {
        expect((await rbdDr("drill", "--planned", "--yes")).exitCode).toBe(0);
        const record = newestRecord();
        expect(record).toMatchObject({ operation: "planned", outcome: "passed", writes: { lost: 0, discarded: 0 } });
        expect(record.moves.map((move) => move.name)).toEqual(["failover", "failback"]);
        await holdAgainstTheTruth(record, 0);
        expect((await rbdDr("verify")).exitCode).toBe(0);
    },
    HOUR,
);

test(
    "a disaster drill loses no more than was declared, and its report equals an independent count",
    async () => {
        const missingBefore = (await missingOnImage("cluster1", Infinity)).length;
        expect((await rbdDr("drill", "--disaster", "--yes")).exitCode).toBe(0);
        const record = newestRecord();
        expect(["passed", "declared-loss"]).toContain(record.outcome);
        expect(record.moves.map((move) => move.name)).toEqual(["failover", "resync", "failback"]);
        const [declared] = record.moves[0]!.declared;
        expect(declared).toBeDefined();
        await holdAgainstTheTruth(record, missingBefore);
        // Right after a move the copy's replayer may not have named a snapshot yet: then the plan names no time, and says so.
        const since = declared!.since === undefined ? 0 : Date.parse(declared!.since);
        const gone = await missingOnImage("cluster1", record.writes.acknowledged + missingBefore);
        expect(gone.every((block) => Date.parse(block.at) > since)).toBe(true);
        expect((await rbdDr("verify")).exitCode).toBe(0);
    },
    HOUR,
);

/** Kills a drill at random moments and runs it again; the run after the last kill has to complete. */
async function killedAndRunAgain(flag: "--planned" | "--disaster"): Promise<void> {
    for (let kill = 0; kill < KILLS; kill++) {
        const child = start("drill", flag, "--yes");
        const ended = await Promise.race([child.then(() => true), sleep(randomInt(3_000, 45_000), false)]);
        if (ended) continue;
        child.kill("SIGKILL");
        await child;
    }
    expect((await rbdDr("drill", flag, "--yes")).exitCode).toBe(0);
}

test(
    "a planned drill that is killed ten times completes with nothing lost",
    async () => {
        const before = (await missingOnImage("cluster1", Infinity)).length;
        await killedAndRunAgain("--planned");
        const record = newestRecord();
        expect(record).toMatchObject({ outcome: "passed", writes: { lost: 0, discarded: 0 } });
        await holdAgainstTheTruth(record, before);
    },
    HOUR,
);

test(
    "a disaster drill that is killed ten times completes, and loses no more than was declared",
    async () => {
        const before = (await missingOnImage("cluster1", Infinity)).length;
        await killedAndRunAgain("--disaster");
        const record = newestRecord();
        expect(["passed", "declared-loss"]).toContain(record.outcome);
        await holdAgainstTheTruth(record, before);
    },
    HOUR,
);
