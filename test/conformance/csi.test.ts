/** What the driver does with volumes: made once a name, grown, deleted as ceph-csi does with mirrored ones. */
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { FOREIGN, openPair, type Pair } from "./pair.js";
import { States } from "./states.js";
import type { Answer } from "./subject.js";

jest.setTimeout(300_000);

const MIB = 2 ** 20;
const GIB = 2 ** 30;
let pair: Pair;
let states: States;

beforeAll(async () => {
    pair = await openPair();
    states = new States(pair);
});

afterAll(async () => {
    if (FOREIGN) await states?.removeAll();
    await pair?.close();
});

const create = (name: string, bytes: number, limit = 0) =>
    pair.subject.csi("CreateVolume", {
        name,
        capacity_range: { required_bytes: String(bytes), limit_bytes: String(limit) },
        volume_capabilities: [{ mount: {}, access_mode: { mode: "SINGLE_NODE_WRITER" } }],
        parameters: { clusterID: pair.subject.clusterId, pool: pair.here.pool, imageFeatures: "layering" },
    });
const remove = (id: string) => pair.subject.csi("DeleteVolume", { volume_id: id });
const volumeOf = (answer: Answer) =>
    answer.body["volume"] as { volume_id: string; capacity_bytes: string; volume_context: Record<string, string> };

// A driver whose CSI socket is not told can be asked for replication only.
const withCsi = FOREIGN && !process.env.RBD_DRIVER_CSI_SOCKET ? describe.skip : describe;

withCsi("volumes", () => {
    test("are made once a name, by name and size", async () => {
        const name = `pvc-${randomUUID()}`;
        const first = await create(name, 30 * MIB);
        expect(first).toMatchObject({ code: "OK" });
        const { volume_id: id, capacity_bytes: bytes, volume_context: context } = volumeOf(first);
        expect(bytes).toBe(String(30 * MIB));
        expect(context).toMatchObject({ pool: pair.here.pool, imageName: `csi-vol-${id.slice(-36)}` });
        expect(volumeOf(await create(name, 30 * MIB)).volume_id).toBe(id);
        expect(await create(name, 60 * MIB)).toMatchObject({ code: "ALREADY_EXISTS" });
        expect(await create(name, 10 * MIB, 20 * MIB)).toMatchObject({ code: "ALREADY_EXISTS" });
        const images = (await pair.here.rbd("ls", pair.here.pool)).split("\n");
        expect(images.filter((image) => image === context["imageName"])).toHaveLength(1);
        expect(await remove(id)).toMatchObject({ code: "OK" });
        expect(await pair.here.see(context["imageName"]!)).toMatchObject({ state: "missing" });
        expect(await remove(id)).toMatchObject({ code: "OK" });
        const again = volumeOf(await create(name, 30 * MIB)).volume_id;
        expect(again).not.toBe(id);
        expect(await remove(again)).toMatchObject({ code: "OK" });
    });

    test("asked for twice at once are still one", async () => {
        const name = `pvc-${randomUUID()}`;
        const answers = await Promise.all([create(name, MIB), create(name, MIB)]);
        expect(answers.map(({ code }) => code).sort()).toEqual(["ABORTED", "OK"]);
        const id = volumeOf(answers.find(({ code }) => code === "OK")!).volume_id;
        expect(volumeOf(await create(name, MIB)).volume_id).toBe(id);
        await remove(id);
    });

    test("have sizes in whole MiB, from 1 GiB on in whole GiB, and grow", async () => {
        const name = `pvc-${randomUUID()}`;
        const { volume_id: id, capacity_bytes: bytes } = volumeOf(await create(name, GIB + 1));
        expect(bytes).toBe(String(2 * GIB));
        const grown = await pair.subject.csi("ControllerExpandVolume", {
            volume_id: id,
            capacity_range: { required_bytes: String(3 * GIB) },
        });
        expect(grown).toMatchObject({ code: "OK", body: { capacity_bytes: String(3 * GIB) } });
        const info = JSON.parse(
            await pair.here.rbd("info", pair.here.spec(`csi-vol-${id.slice(-36)}`), "--format", "json"),
        );
        expect((info as { size: number }).size).toBe(3 * GIB);
        await remove(id);
    });

    test("that are open are not deleted", async () => {
        const volume = await states.plain();
        const spec = pair.here.spec(volume.image);
        // A watcher, as a client that has mapped the image is one.
        const watcher = pair.here.open("bench", "--io-type", "read", "--io-total", "10T", "--io-size", "4K", spec);
        try {
            await pair.here.untilWatched(volume.image);
            const answer = await remove(volume.id);
            expect(`${answer.code} ${answer.text}`).toMatch(/^INTERNAL rbd \S+ is still being used$/);
        } finally {
            await watcher.stop();
        }
        expect(await pair.here.see(volume.image)).toMatchObject({ state: "disabled" });
    });

    test("that are mirrored primaries are deleted with the peer's copy", async () => {
        const volume = await states.primary();
        expect(await remove(volume.id)).toMatchObject({ code: "OK" });
        expect(await pair.here.see(volume.image)).toMatchObject({ state: "missing" });
        await pair.peer.until(volume.image, "gone", ({ state }) => state === "missing", 60);
    });

    test("that are healthy secondaries are left to their primary", async () => {
        const volume = await states.secondary();
        expect(await remove(volume.id)).toMatchObject({ code: "OK" });
        expect(await remove(volume.id)).toMatchObject({ code: "OK" });
        expect(await pair.here.see(volume.image)).toMatchObject({ state: "enabled", primary: false });
    });
});
