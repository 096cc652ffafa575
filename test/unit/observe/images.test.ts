import { describe, expect, test } from "@jest/globals";
import { imageLook, parseSync } from "../../../observe/images.js";
import type { CephAnswer, CephTools } from "../../../observe/rbd.js";

describe("the replayer's report", () => {
    test("is read out of the status text", () => {
        expect(
            parseSync(
                'replaying, {"bytes_per_second":1024.0,"bytes_per_snapshot":4096.0,"local_snapshot_timestamp":1700000000,"remote_snapshot_timestamp":1700000060,"replay_state":"syncing","syncing_percent":40,"syncing_snapshot_timestamp":1700000060}',
            ),
        ).toMatchObject({
            bytesPerSecond: 1024,
            localSnapshotTimestamp: 1700000000,
            replayState: "syncing",
            syncingPercent: 40,
        });
    });

    test.each(["", "local image is primary", "split-brain", "replaying, {broken"])("is absent in %p", (text) => {
        expect(parseSync(text)).toBeUndefined();
    });
});

describe("a look at images", () => {
    const answer = (images: object) => ({ exitCode: 0, stdout: JSON.stringify({ images }) });
    const replaying = { mirroring: "enabled", primary: false, state: "up+replaying", description: "replaying, {}" };

    /** Tools that answer as told, and keep what they were asked. */
    function tools(python: CephAnswer, rbd: CephAnswer = { exitCode: undefined, stdout: "" }) {
        const asked: string[][] = [];
        const made: CephTools = {
            python: (_, args) => (asked.push(["python", ...args]), Promise.resolve(python)),
            rbd: (args) => (asked.push(["rbd", ...args]), Promise.resolve(rbd)),
        };
        return { made, asked };
    }

    test("reads a pool once, however many of its images are asked for", async () => {
        const { made, asked } = tools(answer({ one: replaying, two: {} }));
        const look = imageLook(made, ["blocks"]);
        const seen = await Promise.all(["one", "two", "three"].map((image) => look({ pool: "blocks", image })));
        expect(seen).toEqual([
            expect.objectContaining({ exists: true, mirroring: "enabled", primary: false, state: "up+replaying" }),
            expect.objectContaining({ exists: true, mirroring: "disabled", primary: false }),
            expect.objectContaining({ exists: false }),
        ]);
        expect(asked).toEqual([["python", "blocks", "demoted"]]);
    });

    test("where it matters, a copy says whether it has a whole snapshot", async () => {
        const copy = { mirroring: "enabled", primary: false, state: "down+unknown", complete: false };
        const { made, asked } = tools(answer({ one: copy }));
        const look = imageLook(made, [], "copies");
        expect(await look({ pool: "blocks", image: "one" })).toMatchObject({ exists: true, complete: false });
        expect(asked).toEqual([["python", "blocks", "copies"]]);
    });

    test.each([
        ["one that is still being copied", [{ complete: false }], false],
        ["none at all", [], false],
        ["a whole one and a newer one that is not", [{ complete: true }, { complete: false }], true],
    ])("by rbd alone: %s", async (_, mirrorSnapshots, complete) => {
        const info = { mirroring: { state: "enabled", primary: false, mode: "snapshot" } };
        const snapshots = mirrorSnapshots.map((each, id) => ({ id, namespace: { type: "mirror", ...each } }));
        const made: CephTools = {
            python: () => Promise.resolve({ exitCode: 3, stdout: "" }),
            rbd: ([what]) =>
                Promise.resolve({ exitCode: 0, stdout: JSON.stringify(what === "snap" ? snapshots : info) }),
        };
        expect(await imageLook(made, [], "copies")({ pool: "blocks", image: "one" })).toMatchObject({ complete });
        expect(await imageLook(made)({ pool: "blocks", image: "one" })).not.toHaveProperty("complete");
    });

    const demoted = (state: string, more: object = {}) => ({ type: "mirror", state, complete: true, ...more });
    test.each<[string, object[], object]>([
        ["of the site that was demoted", [demoted("primary"), demoted("primary (demoted)")], { id: 2, demotion: true }],
        [
            "of the other, once it has arrived",
            [demoted("non-primary", { primary_snap_id: 4 }), demoted("non-primary (demoted)", { primary_snap_id: 7 })],
            { id: 2, demotion: true, copyOf: 7 },
        ],
        [
            "of a copy that has an earlier one",
            [demoted("non-primary", { primary_snap_id: 4 })],
            { id: 1, demotion: false, copyOf: 4 },
        ],
    ])(
        "by rbd alone, an image that is demoted on both sites names its newest snapshot: %s",
        async (_, namespaces, newest) => {
            const info = { mirroring: { state: "enabled", primary: false, mode: "snapshot" }, state: "up+unknown" };
            const snapshots = namespaces.map((namespace, i) => ({ id: i + 1, namespace })).reverse();
            const made: CephTools = {
                python: () => Promise.resolve({ exitCode: 3, stdout: "" }),
                rbd: ([what]) =>
                    Promise.resolve({ exitCode: 0, stdout: JSON.stringify(what === "snap" ? snapshots : info) }),
            };
            expect(await imageLook(made)({ pool: "blocks", image: "one" })).toMatchObject({ newest, complete: true });
            const glance = await imageLook(made, [], "none")({ pool: "blocks", image: "one" });
            expect(glance).not.toHaveProperty("newest");
            const copied = [...snapshots, { id: 9, namespace: demoted("non-primary (demoted)", { complete: false }) }];
            snapshots.splice(0, snapshots.length, ...copied);
            expect(await imageLook(made)({ pool: "blocks", image: "one" })).not.toHaveProperty("newest");
        },
    );

    test("a Ceph that does not answer leaves every image unknown, and is asked once", async () => {
        for (const exitCode of [undefined, 142]) {
            const { made, asked } = tools({ exitCode, stdout: "" });
            const look = imageLook(made);
            expect(await look({ pool: "blocks", image: "one" })).toBeUndefined();
            expect(await look({ pool: "blocks", image: "two" })).toBeUndefined();
            expect(asked).toHaveLength(1);
        }
    });

    test("without Ceph's module for Python each image is looked at by rbd; one time limit is enough there as well", async () => {
        const info = '{"mirroring":{"state":"enabled","primary":true},"state":"up+stopped"}';
        const answers = tools({ exitCode: 3, stdout: "" }, { exitCode: 0, stdout: info });
        const seen = await imageLook(answers.made)({ pool: "blocks", image: "one" });
        expect(seen).toMatchObject({ exists: true, primary: true, state: "up+stopped" });

        const silent = tools({ exitCode: 127, stdout: "" });
        const look = imageLook(silent.made);
        const names = Array.from({ length: 40 }, (_, i) => ({ pool: "blocks", image: `image-${i}` }));
        expect(new Set(await Promise.all(names.map(look)))).toEqual(new Set([undefined]));
        expect(silent.asked.filter(([program]) => program === "rbd").length).toBeLessThan(10);
    });
});
