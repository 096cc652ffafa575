import { describe, expect, test } from "@jest/globals";
import { stepsOf } from "../../../cli/drill/steps.js";
import type { CliEvent, Emitted } from "../../../cli/events.js";
import { at } from "../report/records.js";

/** Events of a leg, each with its second. */
function events(...rows: [seconds: number, event: Emitted][]): CliEvent[] {
    return rows.map(([seconds, event]) => ({ at: at(seconds), ...event }) as CliEvent);
}

const leg = (status: "started" | "done" | "failed", stack = "c1", index = 0): Emitted => ({
    type: "leg",
    leg: index,
    stack,
    status,
});
const resource = (kind: string, name: string, status: "started" | "done", stack = "c1"): Emitted => ({
    type: "resource",
    stack,
    leg: 0,
    op: "update",
    kind,
    name,
    urn: `${kind}::${name}`,
    status,
});
const said = (text: string, stack = "c1"): Emitted => ({ type: "message", stack, severity: "info", text });
const up: Emitted = { type: "command", argv: ["pulumi", "up", "--yes", "--stack", "c1"] };

const DEMOTION = events(
    [0, leg("started")],
    [2, up],
    [5, { type: "program", stack: "c1", leg: 0 }],
    [11, said("secondary: planned demotion; no workload runs here")],
    [12, resource("Deployment", "v-app", "started")],
    [13, resource("Deployment", "v-app", "done")],
    [17, resource("VolumeReplication", "default-v-vr", "started")],
    [18, resource("VolumeReplication", "default-v-vr", "done")],
    [40, said("every volume is handed over")],
    [42, leg("done")],
);

const brief = (list: ReturnType<typeof stepsOf>) =>
    list.map(({ kind, startedAt, endedAt }) => [kind, startedAt, endedAt]);

describe("the steps of a leg", () => {
    test("a demotion: until nothing uses the volume the workload is going down, then it is handed over", () => {
        expect(brief(stepsOf(DEMOTION))).toEqual([
            ["observe", at(0), at(2)],
            ["engine-start", at(2), at(5)],
            ["observe", at(5), at(11)],
            ["engine", at(11), at(40)],
            ["workload-down", at(12), at(17)],
            ["handover", at(17), at(40)],
            ["engine-end", at(40), at(42)],
        ]);
    });

    test("a demotion is told apart from the wait for its last write, where the cluster says when it was done", () => {
        const sample = {
            at: at(30),
            lag: [],
            conditions: [{ volume: "default/v", site: "c1", type: "Completed", status: "True", since: at(19) }],
        };
        const steps = brief(stepsOf(DEMOTION, [sample])).filter(([kind]) => kind === "demotion" || kind === "handover");
        expect(steps).toEqual([
            ["demotion", at(17), at(19)],
            ["handover", at(19), at(40)],
        ]);
    });

    test("a promotion: restored, promoted, started", () => {
        const steps = stepsOf(
            events(
                [0, leg("started")],
                [1, said("primary: planned promotion; the workload runs here")],
                [2, resource("PersistentVolume", "pv", "started")],
                [3, resource("PersistentVolume", "pv", "done")],
                [3, resource("PersistentVolumeClaim", "pvc", "started")],
                [4, resource("PersistentVolumeClaim", "pvc", "done")],
                [4, resource("VolumeReplication", "vr", "started")],
                [5, resource("VolumeReplication", "vr", "done")],
                [6, said("every volume is promoted")],
                [6, resource("Deployment", "app", "started")],
                [8, resource("Deployment", "app", "done")],
                [9, leg("done")],
            ),
        );
        const kinds = steps.map((step) => step.kind);
        expect(steps.find((step) => step.kind === "promotion")).toMatchObject({ startedAt: at(4), endedAt: at(6) });
        expect(kinds).toEqual(["engine-start", "engine", "restore", "promotion", "workload-up", "engine-end"]);
    });

    test("a run that was killed ends with its last event; the one after it is another", () => {
        const killed = events(
            [0, leg("started")],
            [1, said("secondary: planned demotion; no workload runs here")],
            [2, resource("VolumeReplication", "vr", "started")],
            [5, { type: "waiting", stack: "c1", for: "x", seen: "y" }],
            [60, leg("started")],
            [62, said("secondary: planned demotion; no workload runs here")],
            [70, leg("done")],
        );
        const steps = stepsOf(killed);
        expect(steps.filter((step) => step.startedAt < at(60)).every((step) => step.endedAt <= at(5))).toBe(true);
        expect(steps.at(-1)?.endedAt).toBe(at(70));
    });

    test("a run that ended while its volumes were waited for was waiting for them until then", () => {
        const steps = stepsOf(
            events(
                [0, leg("started")],
                [1, said("primary: planned promotion; the workload runs here")],
                [2, resource("VolumeReplication", "vr", "started")],
                [3, resource("VolumeReplication", "vr", "done")],
                [63, leg("failed")],
            ),
        );
        expect(steps.find((step) => step.kind === "promotion")).toMatchObject({ startedAt: at(2), endedAt: at(63) });
    });

    test("what many volumes do at once is one step that says how many", () => {
        const names = Array.from({ length: 9 }, (_, i) => `vr${i}`);
        const steps = stepsOf(
            events(
                [0, leg("started")],
                [1, said("primary: planned promotion; the workload runs here")],
                ...names.map((name, i): [number, Emitted] => [2 + i, resource("VolumeReplication", name, "started")]),
                ...names.map((name, i): [number, Emitted] => [3 + i, resource("VolumeReplication", name, "done")]),
                [28, said("group shop: every volume is promoted")],
                [40, leg("done")],
            ),
        );
        const promotion = steps.filter((step) => step.kind === "promotion");
        expect(promotion).toEqual([
            { site: "c1", kind: "promotion", startedAt: at(2), endedAt: at(28), label: "promotion, 9 objects" },
        ]);
    });
});
