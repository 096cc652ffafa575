import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { outageOf, splitOutage } from "../../../cli/report/outage.js";
import { KINDS } from "../../../cli/report/kinds.js";
import type { AckedWrite, Step } from "../../../cli/report/record.js";
import { at } from "./records.js";

const step = (kind: Step["kind"], from: number, to: number, site = "b"): Step => ({
    kind,
    site,
    startedAt: at(from),
    endedAt: at(to),
});
const ack = (site: string, seconds: number, volume = "default/v", seq = 1): AckedWrite => ({
    volume,
    seq,
    site,
    at: at(seconds),
});

describe("parts of an outage", () => {
    test("add up, whatever steps overlap, leave out, or stick out", () => {
        const steps = fc.array(
            fc.record({
                kind: fc.constantFrom(...KINDS),
                site: fc.constantFrom("a", "b"),
                from: fc.integer({ min: -50, max: 150 }),
                length: fc.integer({ min: 0, max: 80 }),
            }),
        );
        fc.assert(
            fc.property(steps, fc.integer({ min: 0, max: 100_000 }), (rows, ms) => {
                const parts = splitOutage(
                    at(0),
                    at(ms / 1000),
                    rows.map((row) => step(row.kind, row.from, row.from + row.length, row.site)),
                );
                const sum = parts.reduce((total, part) => total + Math.round(part.seconds * 1000), 0);
                expect(sum).toBe(ms);
                expect(parts.every((part) => part.seconds > 0)).toBe(true);
            }),
        );
    });

    test("the more particular of two steps that run at once has the time; where none runs, it is between steps", () => {
        const parts = splitOutage(at(0), at(20), [
            step("observe", -3, 12),
            step("promotion", 4, 10),
            step("workload-up", 14, 30),
        ]);
        expect(parts).toEqual([
            { kind: "observe", site: "b", seconds: 6 },
            { kind: "promotion", site: "b", seconds: 6 },
            { kind: "other", seconds: 2 },
            { kind: "workload-up", site: "b", seconds: 6 },
        ]);
    });

    test("a part that went by on both sites names neither", () => {
        expect(splitOutage(at(0), at(5), [step("observe", 0, 5, "a"), step("observe", 0, 5, "b")])).toEqual([
            { kind: "observe", seconds: 5 },
        ]);
    });
});

describe("the outage of a move", () => {
    const move = { from: "a", to: "b", since: at(50), steps: [] };

    test("is from the last write on the one site to the first on the other", () => {
        const outage = outageOf([ack("a", 40), ack("a", 60.25), ack("b", 91.5), ack("b", 92)], move);
        expect(outage).toMatchObject({ seconds: 31.25, lastAck: { at: at(60.25) }, firstAck: { at: at(91.5) } });
    });

    test("of several volumes begins with the first that stopped and ends with the last that serves", () => {
        const outage = outageOf(
            [ack("a", 60, "n/one"), ack("a", 62, "n/two"), ack("b", 95, "n/one"), ack("b", 93, "n/two")],
            move,
        );
        expect(outage?.seconds).toBe(35);
        expect(outage?.volumes.map((v) => v.seconds)).toEqual([35, 31]);
    });

    test("does not take writes of an earlier stay on the same site for its end", () => {
        expect(outageOf([ack("b", 10), ack("a", 60), ack("b", 100)], move)?.seconds).toBe(40);
    });

    test("a returned site's stray writes after the move do not shorten it", () => {
        expect(outageOf([ack("a", 60), ack("b", 100), ack("a", 120), ack("b", 121)], move)?.seconds).toBe(40);
    });

    test("is not known as long as one volume has not written again", () => {
        expect(outageOf([ack("a", 60), ack("b", 90), ack("a", 60, "n/two")], move)).toBeUndefined();
        expect(outageOf([], move)).toBeUndefined();
    });
});
