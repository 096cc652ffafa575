/** What the bench keeps and shows. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { breakdowns, ownRuns, summaries, toMarkdown, toText } from "../../../bench/report.js";
import {
    DISASTER_ROUND,
    has,
    loadResults,
    resultsFile,
    saveResults,
    type Leg,
    type Results,
} from "../../../bench/results.js";
import { measured, together } from "../../../bench/usage.js";

const leg = (direction: Leg["direction"], rto: number, more: Partial<Leg> = {}): Leg => ({
    direction,
    began: "2026-11-24T06:00:00.000Z",
    rto,
    rpo: 0,
    acknowledged: 100,
    lost: 0,
    seconds: rto,
    cpuSeconds: 2,
    peakBytes: 2 ** 20,
    stateBytes: 2048,
    load: 1.5,
    phases: [
        { name: "handed over", at: rto - 2 },
        { name: "first write on the other site", at: rto },
    ],
    ...more,
});

const turn = (contender: "by-hand" | "ours", round: number, failover: number, failback: number) => ({
    volumes: 1,
    writers: 1,
    round,
    contender,
    legs: [leg("failover", failover), leg("failback", failback)],
});

const run = (what: string, stack: string, seconds: number) => ({
    volumes: 1,
    what,
    stack,
    seconds,
    cpuSeconds: 4,
    peakBytes: 2 ** 20,
    load: 1,
});

const results: Results = {
    schema: "rbd-dr-bench/1",
    machine: { cpu: "2 x some" },
    turns: [
        turn("by-hand", 1, 10, 12),
        turn("ours", 1, 20, 18),
        turn("ours", 2, 15, 18),
        turn("by-hand", 2, 15, 9),
        turn("ours", 3, 90, 18),
        { ...turn("ours", DISASTER_ROUND, 0, 0), legs: [leg("disaster", 30, { lost: 7, rpo: 12 })] },
    ],
    runs: [
        run("up, nothing to do", "cluster1", 8),
        run("up, nothing to do", "cluster2", 9),
        run("up, nothing to do", "cluster1", 10),
    ],
};

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bench-results-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("kept results", () => {
    test("come back as they were written, and say what is measured already", async () => {
        await saveResults(folder, results);
        const back = await loadResults(folder, {});
        expect(back).toEqual(results);
        expect(has(back, { volumes: 1, writers: 1, round: 2, contender: "ours" })).toBe(true);
        expect(has(back, { volumes: 1, writers: 1, round: 4, contender: "ours" })).toBe(false);
        expect(has(back, { volumes: 10, writers: 1, round: 2, contender: "ours" })).toBe(false);
    });

    test("a folder without any begins empty, with the machine", async () => {
        expect(await loadResults(folder, { cpu: "x" })).toEqual({
            schema: "rbd-dr-bench/1",
            machine: { cpu: "x" },
            turns: [],
            runs: [],
        });
    });

    test("something else under that name is not overwritten", async () => {
        writeFileSync(resultsFile(folder), `{"schema":"other"}`);
        await expect(loadResults(folder, {})).rejects.toThrow("give another --out");
    });
});

describe("the summary", () => {
    const [{ title, rows }] = summaries(results) as [ReturnType<typeof summaries>[number]];
    const cells = (contender: string, direction: string) => rows.find(([c, d]) => c === contender && d === direction)!;

    test("has a row for each contender and direction, and no other", () => {
        expect(title).toBe("1 volume, 1 of them written all the time");
        expect(rows.slice(1).map(([c, d]) => `${c} ${d}`)).toEqual([
            "by-hand failover",
            "ours failover",
            "by-hand failback",
            "ours failback",
            "ours disaster",
        ]);
    });

    test("shows the spread, and the ratio of the rounds that both have", () => {
        expect(cells("ours", "failover").slice(2, 5)).toEqual(["3", "15.0 / 20.0 / 90.0", "1.00 / 1.50 / 2.00"]);
        expect(cells("by-hand", "failover")[4]).toBe("1.00 / 1.00 / 1.00");
    });

    test("a loss shows even where the other rounds had none", () => {
        const lossy = structuredClone(results) as { turns: { legs: { lost: number; rpo: number }[] }[] };
        Object.assign(lossy.turns[2]!.legs[0]!, { lost: 3, rpo: 0.25 });
        const row = summaries(lossy as unknown as Results)[0]!.rows.find(([c, d]) => c === "ours" && d === "failover")!;
        expect([row[5], row[7]]).toEqual(["0.3", "3"]);
    });
});

test("our stacks' own runs are listed once for each kind and stack, with the median; none gives no table", () => {
    const [table] = ownRuns(results);
    expect(table!.rows.slice(1).map((cells) => cells.slice(0, 4))).toEqual([
        ["1", "up, nothing to do", "cluster1", "9.0"],
        ["1", "up, nothing to do", "cluster2", "9.0"],
    ]);
    expect(ownRuns({ ...results, runs: [] })).toEqual([]);
});

test("the breakdown is of the median round, and its steps add up", () => {
    const table = breakdowns(results).find((t) => t.title.startsWith("ours, 1 volume: failover"))!;
    expect(table.title).toContain("of 20.0 s");
    expect(table.rows.slice(1)).toEqual([
        ["handed over", "18.0", "18.0"],
        ["first write on the other site", "20.0", "2.0"],
    ]);
});

test("a table as markdown and as text", () => {
    const rows = [
        ["a", "b"],
        ["1", "2"],
    ];
    expect(toMarkdown({ title: "T", rows })).toBe("### T\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n");
    expect(toText({ title: "T", rows })).toMatch(/^T\n[^]*a[^]*b[^]*1[^]*2/);
});

describe("the cost of a command", () => {
    jest.setTimeout(60_000);

    const sh = (script: string) => measured({ file: "sh", args: ["-c", script] });

    test("counts the CPU of its children, and of what outlives it", async () => {
        const burn = `python3 -c 'import time\nwhile time.process_time() < 0.4: pass'`;
        expect((await sh(`${burn}; true`)).cpuSeconds).toBeGreaterThanOrEqual(0.4);
        // The shell ends at once; its child goes on as an orphan.
        expect((await sh(`${burn} & true`)).cpuSeconds).toBeGreaterThanOrEqual(0.4);
    });

    test("counts the memory of all its processes together", async () => {
        // The parent waits while its child sleeps, so both are there at the same time however busy the machine is.
        const hold = `import os, time\nif os.fork() == 0:\n y = b"y" * 60_000_000\n time.sleep(1.5)\nelse:\n x = b"x" * 60_000_000\n os.wait()`;
        const { peakBytes } = await measured({ file: "python3", args: ["-c", hold] });
        expect(peakBytes).toBeGreaterThan(120_000_000);
        expect(peakBytes).toBeLessThan(400_000_000);
    });

    test("a command that fails says what it said", async () => {
        await expect(sh("echo something is wrong; exit 3")).rejects.toThrow(/ended with 3:\nsomething is wrong/);
    });

    test("commands one after the other: times add up, the peak is the largest", () => {
        const one = { seconds: 1, cpuSeconds: 2, peakBytes: 30 };
        expect(together([one, { seconds: 4, cpuSeconds: 5, peakBytes: 6 }])).toEqual({
            seconds: 5,
            cpuSeconds: 7,
            peakBytes: 30,
        });
    });
});
