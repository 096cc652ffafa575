import { describe, expect, test } from "@jest/globals";
import { parseEvent, type StepEvent } from "../../../lab/program/event-log.js";
import { Coverage } from "../../faults/kill/coverage.js";

const urn = (name: string) => `urn:pulumi:cluster1::rbd-dr::a$kubernetes:v1:ConfigMap::${name}`;
const event = (phase: StepEvent["phase"], name: string, op = "create"): StepEvent => ({
    phase,
    op,
    urn: urn(name),
    type: "kubernetes:v1:ConfigMap",
    custom: true,
});
const outputs: StepEvent = { phase: "done", op: "same", urn: "u", type: "pulumi:pulumi:Stack", custom: false };

/** Plays runs of a program that makes `names` in order, until one is not cut; returns where it was cut. */
function chain(coverage: Coverage, names: readonly string[]): string[] {
    const made = new Set<string>();
    const cuts: string[] = [];
    for (let run = 0; run < 100; run++) {
        coverage.begin();
        let cut: string | undefined;
        for (const name of names) {
            if (made.has(name)) continue;
            cut = coverage.see(event("pre", name));
            if (cut !== undefined) break;
            made.add(name);
            cut = coverage.see(event("done", name));
            if (cut !== undefined) break;
        }
        cut ??= coverage.see(outputs);
        if (cut === undefined) return cuts;
        coverage.cut(cut);
        cuts.push(cut);
    }
    throw new Error("the chain does not end");
}

describe("where a run is cut", () => {
    test("at each boundary: while a step is under way and the one before is done, and after the outputs", () => {
        const coverage = new Coverage();
        expect(chain(coverage, ["a", "b"])).toEqual([
            "during create ConfigMap a",
            "during create ConfigMap b",
            "after the outputs",
        ]);
        expect(coverage.report()).toEqual({ kills: 3, steps: 2, underWay: 2, done: 2, outputs: true });
    });

    test("steps that leave everything as it is, and components, are no boundary", () => {
        const coverage = new Coverage();
        coverage.begin();
        expect(coverage.see(event("pre", "a", "same"))).toBeUndefined();
        expect(coverage.see({ ...event("pre", "b"), custom: false })).toBeUndefined();
        expect(coverage.report().steps).toBe(0);
    });

    test("in bursts, one cut takes all that is under way", () => {
        const coverage = new Coverage(2);
        coverage.begin();
        expect(coverage.see(event("pre", "a"))).toBeUndefined();
        const cut = coverage.see(event("pre", "b"));
        expect(cut).toBe("during create ConfigMap b");
        coverage.cut(cut!);
        expect(coverage.report()).toMatchObject({ kills: 1, steps: 2, underWay: 2, done: 0 });
        coverage.begin();
        expect(coverage.see(event("pre", "a"))).toBeUndefined();
        expect(coverage.see(event("pre", "b"))).toBeUndefined();
    });

    test("a step that failed is not done", () => {
        const coverage = new Coverage();
        coverage.begin();
        coverage.cut(coverage.see(event("pre", "a"))!);
        coverage.begin();
        coverage.see(event("pre", "a"));
        expect(coverage.see(event("failed", "a"))).toBeUndefined();
        expect(coverage.report().done).toBe(0);
    });
});

describe("the engine's event log", () => {
    const metadata = { op: "create", urn: urn("a"), type: "kubernetes:v1:ConfigMap", new: { custom: true }, old: null };

    test("the beginning and the end of a step", () => {
        expect(parseEvent(JSON.stringify({ sequence: 1, resourcePreEvent: { metadata } }))).toEqual(event("pre", "a"));
        expect(parseEvent(JSON.stringify({ resOutputsEvent: { metadata } }))).toEqual(event("done", "a"));
        expect(parseEvent(JSON.stringify({ resOpFailedEvent: { metadata } }))).toEqual(event("failed", "a"));
    });

    test("what a deletion deletes is in its old state", () => {
        const deletion = { ...metadata, op: "delete", new: null, old: { custom: true } };
        expect(parseEvent(JSON.stringify({ resourcePreEvent: { metadata: deletion } }))?.custom).toBe(true);
    });

    test("anything else is no step", () => {
        for (const line of [
            "",
            "{",
            "[]",
            '{"diagnosticEvent":{}}',
            JSON.stringify({ resourcePreEvent: { metadata, planning: true } }),
        ])
            expect(parseEvent(line)).toBeUndefined();
    });
});
