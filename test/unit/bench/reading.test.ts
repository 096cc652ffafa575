/** What the bench reads: logs, statuses, timestamps, options. */
import { describe, expect, test } from "@jest/globals";
import { parseMarks } from "../../../bench/marks.js";
import { parseOptions } from "../../../bench/options.js";
import { outageOf, rto } from "../../../bench/outage.js";
import { phasesOf, steps } from "../../../bench/phases.js";
import { notReplaying } from "../../../bench/steady.js";
import {
    attachmentStage,
    claimStage,
    deploymentStage,
    podStage,
    replicationStage,
    type Watched,
} from "../../../bench/timeline.js";
import { benchVolumes, keyOf } from "../../../bench/volumes.js";

const START = Date.parse("2026-11-24T06:00:00.000Z");
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const ack = (seq: number, seconds: number, site: string) => ({ seq, at: at(seconds), site });

describe("the outage of a move", () => {
    const log = [
        ack(1, 0, "cluster1"),
        ack(2, 5, "cluster1"),
        ack(3, 30, "cluster2"),
        ack(4, 31, "cluster2"),
        ack(5, 60, "cluster1"),
    ];

    test("is from the last write on one site to the first on the other", () => {
        expect(outageOf(log, "cluster2", START)).toEqual({ last: START + 5000, first: START + 30_000 });
    });

    test("is that of this move and not of an earlier one to the same site", () => {
        expect(outageOf(log, "cluster1", START + 40_000)).toEqual({ last: START + 31_000, first: START + 60_000 });
    });

    test("is not known before a write was acknowledged on the new site", () => {
        expect(outageOf(log.slice(0, 2), "cluster2", START)).toBeUndefined();
        expect(outageOf(log, "cluster2", START + 60_000)).toBeUndefined();
        expect(outageOf([ack(1, 0, "cluster2")], "cluster2", START)).toBeUndefined();
    });

    test("of several volumes is from the first that fell silent to the last that is written again", () => {
        const one = { last: START, first: START + 20_000 };
        const other = { last: START + 1000, first: START + 25_000 };
        expect(rto([one, other])).toBe(25);
    });
});

describe("phases", () => {
    const outages = [{ last: START, first: START + 20_000 }];
    const edges = [
        { name: "demoted", at: START + 3000 },
        { name: "claim restored and bound", at: START - 4000 },
        { name: "demoted", at: START + 5000 },
        { name: "promoted", at: START + 17_000 },
        { name: "after the first write", at: START + 21_000 },
    ];

    test("count from the last write; of many objects the last counts; what comes after the outage is no part of it", () => {
        expect(phasesOf(edges, outages)).toEqual([
            { name: "claim restored and bound", at: -4 },
            { name: "demoted", at: 5 },
            { name: "promoted", at: 17 },
            { name: "first write on the other site", at: 20 },
        ]);
    });

    test("their steps add up to the outage; what was done before it costs nothing", () => {
        const took = steps(phasesOf(edges, outages)).map((s) => s.took);
        expect(took).toEqual([0, 5, 12, 3]);
    });
});

test("timestamps: each with its stack; a line that is cut off is left out", () => {
    const text = `{"step":"program loaded","stack":"cluster2","at":5}\nnonsense\n{"step":"x","stack":"cl`;
    expect(parseMarks(text)).toEqual([{ name: "cluster2: program loaded", at: 5 }]);
});

describe("copies that are not ready for a move", () => {
    const images = [{ pool: "p", image: "a" }];
    const status = (state: string, description: string) => ({ images: [{ name: "a", state, description }] });

    test("a replaying one with a complete snapshot is ready", () => {
        expect(notReplaying(status("up+replaying", `replaying, {"local_snapshot_timestamp":5}`), images)).toEqual([]);
    });

    test.each([
        ["not there at all", { images: [] }],
        ["not replaying", status("up+stopped", "local image is primary")],
        ["first copy under way", status("up+replaying", `replaying, {"syncing_percent":3}`)],
        ["no report", status("up+replaying", "starting replay")],
    ])("%s", (_, pool) => {
        expect(notReplaying(pool, images)).toHaveLength(1);
        expect(notReplaying(pool, images)[0]).toContain("a: ");
    });
});

describe("stages", () => {
    const object = (more: object): Watched => ({ metadata: { name: "x" }, ...more });
    const vr = (state: "primary" | "secondary", status: object = {}): Watched =>
        ({
            metadata: { name: "x", generation: 2 },
            spec: { replicationState: state, volumeReplicationClass: "c", dataSource: { name: "x" } },
            status: { observedGeneration: 2, ...status },
        }) as unknown as Watched;
    const conditions = (completed: string, degraded: string, resyncing: string) => [
        { type: "Completed", status: completed, observedGeneration: 2 },
        { type: "Degraded", status: degraded, observedGeneration: 2 },
        { type: "Resyncing", status: resyncing, observedGeneration: 2 },
    ];

    test("of a VR on its way down", () => {
        const degraded = vr("secondary", { state: "Secondary", conditions: conditions("True", "True", "False") });
        const ready = vr("secondary", { state: "Secondary", conditions: conditions("True", "False", "False") });
        expect(replicationStage(vr("primary", { state: "Primary" }), vr("secondary", { state: "Primary" }))).toBe(
            "demotion asked",
        );
        expect(replicationStage(vr("secondary", { state: "Primary" }), degraded)).toBe("demoted");
        expect(replicationStage(degraded, ready)).toBe("handed over");
        expect(replicationStage(ready, ready)).toBeUndefined();
    });

    test("of a VR on its way up, made new or flipped", () => {
        const primary = vr("primary", { state: "Primary", conditions: conditions("True", "False", "False") });
        expect(replicationStage(undefined, vr("primary"))).toBe("promotion asked");
        expect(replicationStage(undefined, vr("secondary"))).toBeUndefined();
        expect(replicationStage(vr("secondary"), vr("primary"))).toBe("promotion asked");
        expect(replicationStage(vr("primary"), primary)).toBe("promoted");
        expect(replicationStage(primary, primary)).toBeUndefined();
    });

    test("of workloads, pods, attachments and claims", () => {
        const scaled = (replicas: number) => object({ spec: { replicas } });
        const phase = (p: string) => object({ status: { phase: p } });
        expect(deploymentStage(scaled(1), scaled(0))).toBe("application told to stop");
        expect(deploymentStage(scaled(0), scaled(1))).toBe("application told to start");
        expect(deploymentStage(undefined, scaled(0))).toBeUndefined();
        expect(podStage(phase("Running"), undefined)).toBe("pod gone");
        expect(podStage(phase("Pending"), phase("Running"))).toBe("pod runs");
        expect(podStage(undefined, phase("Running"))).toBeUndefined();
        expect(attachmentStage(object({}), undefined)).toBe("volume detached");
        expect(claimStage(phase("Pending"), phase("Bound"))).toBe("claim restored and bound");
        expect(claimStage(undefined, phase("Bound"))).toBeUndefined();
    });
});

describe("options", () => {
    const good = {
        volumes: "1,10",
        rounds: "3",
        contenders: "by-hand,ours",
        writers: "2",
        perNamespace: "25",
        out: "x",
    };

    test("are turned into numbers and names, each once", () => {
        expect(parseOptions({ ...good, volumes: "10, 1,10" })).toEqual({
            volumes: [10, 1],
            rounds: 3,
            contenders: ["by-hand", "ours"],
            writers: 2,
            perNamespace: 25,
            out: "x",
            disaster: false,
            keep: false,
        });
    });

    test.each([
        ["volumes", "0"],
        ["volumes", "1,many"],
        ["volumes", "9999"],
        ["rounds", "-1"],
        ["contenders", "somebody"],
        ["writers", ""],
    ])("--%s %j is refused by name, with its value", (key, value) => {
        expect(() => parseOptions({ ...good, [key]: value })).toThrow(`--${key} is ${JSON.stringify(value)}: give`);
    });

    test("everything wrong is said at once", () => {
        expect(() => parseOptions({ ...good, rounds: "x", volumes: "y" })).toThrow(/--volumes[^]*--rounds/);
    });
});

test("of a contender's volumes the first few are written; names sort as numbers do", () => {
    const volumes = benchVolumes("ours", 12, 2);
    expect(volumes.filter((v) => v.written).map(keyOf)).toEqual(["ours/v0001", "ours/v0002"]);
    expect(volumes.map((v) => v.name)).toEqual(volumes.map((v) => v.name).sort());
});
