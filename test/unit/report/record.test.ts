import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asEarlier, earlierDrills } from "../../../cli/report/compare.js";
import { recordSchema } from "../../../cli/report/record.js";
import { duration } from "../../../cli/report/units.js";
import { lossOf, outcomeOf, verdictOf } from "../../../cli/report/verdict.js";
import { writeReport } from "../../../cli/report/write.js";
import { at, disasterRecord, plannedRecord } from "./records.js";

describe("the record", () => {
    test("whose parts do not add up to the outage is refused", () => {
        const record = plannedRecord();
        record.moves[0]!.outage!.parts[0]!.seconds += 0.01;
        expect(() => recordSchema.parse(record)).toThrow("the outage's parts do not add up to it");
    });

    test.each([
        [0, "0 s"],
        [0.04, "0.0 s"],
        [35.84, "35.8 s"],
        [99.96, "1 min 40 s"],
        [3600, "1 h"],
        [3725, "1 h 2 min"],
    ])("%d seconds are shown as %s", (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe("the verdict", () => {
    test("of a drill without loss says so with both outages", () => {
        const { verdict, outcome } = plannedRecord();
        expect(outcome).toBe("passed");
        expect(verdict).toMatch(
            /^Zero lost: all 2,3\d\d acknowledged writes were read back\. The application was down/,
        );
        expect(verdict).toContain("35.5 s in the failover to cluster2 and 35.2 s in the failback to cluster1");
    });

    test("of a disaster names the loss beside what was declared", () => {
        const { verdict, outcome } = disasterRecord();
        expect(outcome).toBe("declared-loss");
        expect(verdict).toContain("The disaster cost 586 of 5,555 acknowledged writes, 32.6 s of writing");
        expect(verdict).toContain("inside the 41.0 s declared beforehand");
    });

    test("a loss from before the declared time fails the drill", () => {
        const record = disasterRecord();
        record.moves[0]!.checks[0]!.firstLost!.at = at(59.9);
        expect(lossOf(record.moves[0]!).kept).toBe(false);
        expect(outcomeOf({ ...record, finished: true })).toBe("failed");
        expect(verdictOf({ ...record, finished: true })).toContain(
            "not as it was declared beforehand: the drill failed",
        );
    });

    test("what a returned site's old application wrote is told apart from what the disaster cost", () => {
        const record = disasterRecord();
        const strays = {
            newlyLost: 7,
            lostOn: ["cluster1"],
            lossSeconds: 3,
            firstLost: record.moves[0]!.checks[0]!.lastLost!,
        };
        record.moves[1]!.checks = [{ ...record.moves[0]!.checks[0]!, ...strays }];
        record.moves[1]!.declared = [{ volume: "default/rbd-pvc", site: "cluster1", since: at(60) }];
        record.writes.discarded = 7;
        expect(outcomeOf({ ...record, finished: true })).toBe("declared-loss");
        expect(verdictOf({ ...record, finished: true })).toContain("cost 586 of");
        expect(verdictOf({ ...record, finished: true })).toContain("7 writes of the returned site's old application");
        record.moves[1]!.checks[0]!.lostOn = ["cluster1", "cluster2"];
        expect(outcomeOf({ ...record, finished: true })).toBe("failed");
    });

    test("a single write lost in a planned move fails the drill", () => {
        const record = plannedRecord();
        record.moves[1]!.checks[0]!.newlyLost = 1;
        expect(outcomeOf({ ...record, finished: true })).toBe("failed");
    });

    test("a drill that was cut short has not passed", () => {
        const record = plannedRecord();
        expect(outcomeOf({ ...record, finished: false })).toBe("unfinished");
        expect(verdictOf({ ...record, finished: false })).toContain("did not reach its end");
        expect(verdictOf({ ...record, moves: [], finished: false })).toBe("The drill has not read any write back yet.");
    });
});

describe("the reports folder", () => {
    let folder: string;
    beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "rbd-dr-reports-"))));
    afterEach(() => rm(folder, { recursive: true, force: true }));

    test("holds earlier drills, oldest first, and says which files it cannot read", async () => {
        await writeReport(join(folder, "b"), plannedRecord({ id: "b", startedAt: at(-100) }));
        await writeReport(join(folder, "a"), disasterRecord({ id: "a", startedAt: at(-50), earlier: [] }));
        await writeReport(join(folder, "now"), plannedRecord({ id: "now" }));
        for (const name of ["empty", "torn", "foreign"]) await mkdir(join(folder, name));
        await writeFile(join(folder, "torn", "report.json"), '{"schema": "rbd-dr-dri');
        await writeFile(join(folder, "foreign", "report.json"), '{"schema": "something-else/1"}');
        const { drills, unread } = await earlierDrills(folder, at(0));
        expect(drills.map((drill) => drill.id)).toEqual(["b", "a"]);
        expect(drills[1]?.moves.map((move) => move.lost)).toEqual([586, 0, 0]);
        expect(unread.map((line) => line.split(":")[0]!.split("/").at(-2))).toEqual(["foreign", "torn"]);
        expect(await earlierDrills(join(folder, "none"), at(0))).toEqual({ drills: [], unread: [] });
    });

    test("report.json is the record itself: what was written is read back equal", async () => {
        const record = disasterRecord();
        const page = await writeReport(join(folder, record.id), record);
        expect(recordSchema.parse(JSON.parse(await readFile(join(folder, record.id, "report.json"), "utf8")))).toEqual(
            record,
        );
        expect(await readFile(page, "utf8")).toContain("586");
    });

    test("a drill is compared by its outages and losses", () => {
        expect(asEarlier(disasterRecord())).toMatchObject({
            operation: "disaster",
            outcome: "declared-loss",
            moves: [
                { name: "failover", kind: "disaster", rtoSeconds: 35.789, lost: 586, lossSeconds: 32.6 },
                { name: "resync", lost: 0 },
                { name: "failback", kind: "planned", lost: 0 },
            ],
        });
    });
});
