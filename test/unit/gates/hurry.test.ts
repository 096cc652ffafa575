/** csi-addons is asked to look at a demoted volume once Ceph has handed it over, and at no other time. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { handoverUnseen } from "../../../dr/handover-unseen.js";
import type { VolumeSnapshot } from "../../../dr/model.js";
import { hurryHandover, nudgeVr } from "../../../gates/hurry.js";
import { ask, BOTH_DEMOTED, image, KEY, seen, SPLIT, UNREACHABLE, volume, vr } from "../dr/world.js";

const demoted = volume({ vr: vr("secondary", "TTF", { term: 1 }), image: image("secondary", BOTH_DEMOTED) });
const received = volume({ image: image("secondary", BOTH_DEMOTED) });
const primary = volume({ vr: vr("primary", "TFF", { term: 1 }), image: image("primary") });
const handedOver = volume({ vr: vr("secondary", "TFF", { term: 1 }), image: image("secondary", BOTH_DEMOTED) });
const replaying = volume({ vr: vr("secondary", "TTT", { term: 1 }), image: image("secondary") });

describe("a handover that csi-addons has not seen yet", () => {
    test("is there when Ceph has the image demoted on both sites, and the VR has been answered", () => {
        expect(handoverUnseen(demoted, received)).toBe(true);
    });

    const without: [string, VolumeSnapshot | undefined, VolumeSnapshot | undefined][] = [
        ["the demotion has not been asked", primary, received],
        [
            "the demotion has not been answered",
            { ...demoted, vr: vr("secondary", "TTF", { term: 1, stale: true }) },
            received,
        ],
        ["the controller has said so already", handedOver, received],
        ["this copy is being given up", { ...demoted, vr: vr("secondary", "TTF", { autoResync: true }) }, received],
        ["the VR is being deleted", { ...demoted, vr: vr("secondary", "TTF", { deleting: true }) }, received],
        ["the last write is still on its way", demoted, volume({ image: image("secondary") })],
        ["this site's rbd-mirror has not reported it", { ...demoted, image: image("secondary") }, received],
        ["the peer is primary", demoted, volume({ image: image("primary") })],
        ["the copies have parted", demoted, volume({ image: image("secondary", SPLIT) })],
        ["the peer's Ceph cannot be looked at", demoted, volume()],
        ["this site's Ceph cannot be looked at", volume({ vr: demoted.vr! }), received],
        ["the peer cannot be looked at", demoted, undefined],
        ["there is nothing here", undefined, received],
    ];
    test.each(without)("is not where %s", (_, own, peer) => {
        expect(handoverUnseen(own, peer)).toBe(false);
    });
});

describe("the watch over a demotion", () => {
    /** Looks at one state after the other, and at the last one for ever. */
    async function watched(...looks: [VolumeSnapshot, VolumeSnapshot | undefined][]): Promise<number> {
        let [at, nudges] = [0, 0];
        const again = () => {
            const [own, peer] = looks[Math.min(at++, looks.length - 1)]!;
            return Promise.resolve(ask("secondary", { own: seen(own), peer: peer ? seen(peer) : UNREACHABLE }));
        };
        await hurryHandover({ again }, KEY, () => Promise.resolve(++nudges > 0), 0.001);
        return nudges;
    }

    test("asks once, and ends when the controller has looked", async () => {
        expect(
            await watched([primary, received], [demoted, replaying], [demoted, received], [handedOver, received]),
        ).toBe(1);
    });

    test("asks again where the look came too early, but not for ever", async () => {
        expect(await watched([demoted, received])).toBe(3);
    });

    test("ends without a word once the other site serves, or this one replays from it", async () => {
        expect(await watched([demoted, primary])).toBe(0);
        expect(await watched([replaying, undefined])).toBe(0);
    });
});

describe("the nudge", () => {
    interface Asked {
        readonly method: string;
        readonly url: string;
        readonly type: string | undefined;
        readonly body: string;
    }
    const asked: Asked[] = [];
    let live: object;
    let server: Server;
    let folder: string;
    let access: { kubeconfig: string; context: string };

    const rawVr = (replicationHandle: string, degraded: "True" | "False") => ({
        metadata: { name: "rbd-pvc", namespace: "default", generation: 3, resourceVersion: "77" },
        spec: {
            replicationState: "secondary",
            replicationHandle,
            volumeReplicationClass: "c",
            dataSource: { name: "rbd-pvc" },
        },
        status: {
            state: "Secondary",
            observedGeneration: 3,
            conditions: [
                { type: "Completed", status: "True", observedGeneration: 3 },
                { type: "Degraded", status: degraded, observedGeneration: 3 },
                { type: "Resyncing", status: "False", observedGeneration: 3 },
            ],
        },
    });

    async function bodyOf(request: IncomingMessage): Promise<string> {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks).toString("utf8");
    }

    beforeAll(async () => {
        server = createServer((request, response) => {
            void bodyOf(request).then((body) => {
                const { method = "", url = "", headers } = request;
                asked.push({ method, url, type: headers["content-type"], body });
                response.writeHead(200, { "content-type": "application/json" });
                response.end(JSON.stringify(live));
            });
        });
        await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
        folder = mkdtempSync(join(tmpdir(), "rbd-dr-hurry-"));
        const kubeconfig = join(folder, "kubeconfig");
        const { port } = server.address() as AddressInfo;
        const clusters = [
            { name: "c", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } },
        ];
        const contexts = [{ name: "c", context: { cluster: "c", user: "u" } }];
        writeFileSync(kubeconfig, JSON.stringify({ clusters, contexts, users: [{ name: "u", user: {} }] }));
        access = { kubeconfig, context: "c" };
    });
    afterAll(() => {
        server.closeAllConnections();
        server.close();
        rmSync(folder, { recursive: true });
    });

    const own = { ...demoted, pv: { ...demoted.pv!, volumeHandle: "0001-handle" } };

    test.each([
        ["", "0001-handle"],
        ["0001-handle", ""],
    ])("changes replicationHandle from %p to %p, of the VR as it was read", async (before, after) => {
        asked.length = 0;
        live = rawVr(before, "True");
        expect(await nudgeVr(access)(own)).toBe(true);
        expect(asked.map(({ method }) => method)).toEqual(["GET", "PATCH"]);
        expect(asked[1]).toMatchObject({
            type: "application/merge-patch+json",
            url: expect.stringContaining("/namespaces/default/volumereplications/rbd-pvc"),
        });
        expect(JSON.parse(asked[1]!.body)).toEqual({
            metadata: { resourceVersion: "77" },
            spec: { replicationHandle: after },
        });
    });

    test("leaves a VR alone that has been handed over meanwhile", async () => {
        asked.length = 0;
        live = rawVr("", "False");
        expect(await nudgeVr(access)(own)).toBe(false);
        expect(asked.map(({ method }) => method)).toEqual(["GET"]);
    });
});
