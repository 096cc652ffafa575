/** A site that was demoted waits for its handover; csi-addons is asked to look at a demoted volume once Ceph has handed it over, and at no other time. */
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decide } from "../../../dr/decide.js";
import { handoverUnseen } from "../../../dr/handover.js";
import { GATES } from "../../../dr/wait-for.js";
import type { VolumePlan, VolumeSnapshot } from "../../../dr/model.js";
import { nudgeVr } from "../../../gates/nudge.js";
import { waitHandedOver } from "../../../gates/own-handover.js";
import { ask, outputs, BOTH_DEMOTED, image, KEY, seen, SPLIT, UNREACHABLE, volume, vr } from "../dr/world.js";

beforeEach(() => void jest.spyOn(console, "log").mockImplementation(() => undefined));

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

describe("the wait for a handover", () => {
    const plan: VolumePlan = {
        key: KEY,
        spec: { name: "rbd-pvc", namespace: "default", size: "1Gi" },
        source: "provision",
        vr: {
            replicationState: "secondary",
            autoResync: false,
            waitFor: GATES.demoted,
            term: 1,
            awaitsHandover: true,
        },
        summary: "demoted",
    };
    type Look = [VolumeSnapshot | undefined, VolumeSnapshot | undefined];

    /** Looks at one state after the other, and at the last one for ever; tells how often it nudged and looked. */
    async function waited(looks: Look[], seconds = 5, nudge = () => Promise.resolve(true)) {
        const count = { nudges: 0, looks: 0 };
        const inputs = looks.map(([own, peer]) =>
            ask("secondary", {
                own: own === undefined ? UNREACHABLE : seen(own),
                peer: peer === undefined ? UNREACHABLE : seen(peer),
                ownOutputs: outputs("cluster1", "primary", { term: 1 }),
            }),
        );
        const again = () => Promise.resolve(inputs[Math.min(count.looks++, inputs.length - 1)]!);
        const counted = () => {
            count.nudges++;
            return nudge();
        };
        const how = { seconds, interval: 0.001, decide, nudge: counted };
        await waitHandedOver({ input: inputs[0]!, again }, plan, how);
        return count;
    }

    test("asks for a look once Ceph is done, and ends when the controller has looked", async () => {
        const looks: Look[] = [
            [demoted, replaying],
            [undefined, received],
            [demoted, received],
            [handedOver, received],
        ];
        expect(await waited(looks)).toEqual({ nudges: 1, looks: 4 });
    });

    test("asks again where the look came too early, or was refused, but not for ever", async () => {
        const early: Look[] = [...Array<Look>(8).fill([demoted, received]), [handedOver, received]];
        expect(await waited(early)).toEqual({ nudges: 3, looks: 9 });
        expect(await waited(early, 5, () => Promise.reject(new Error("409")))).toEqual({ nudges: 3, looks: 9 });
    });

    test.each<[string, Look]>([
        ["the other site has been promoted on it, whatever the VR says by then", [demoted, primary]],
        [
            "the copy replays from a later term of the other site",
            [replaying, volume({ vr: vr("primary", "none", { term: 2 }) })],
        ],
    ])("is over where %s", async (_, after) => {
        expect(await waited([[demoted, received], after])).toEqual({ nudges: 1, looks: 2 });
    });

    test("is not over for a copy that merely replays, nor for one that cannot be seen", async () => {
        await expect(waited([[replaying, received]], 0)).rejects.toThrow(/Waited 0 s|cannot|PEER|handed over/);
        await expect(waited([[undefined, received]], 0)).rejects.toThrow();
    });

    test("says what both copies looked like when time is up", async () => {
        const syncing = volume({ image: image("secondary") });
        await expect(waited([[demoted, syncing]], 0)).rejects.toThrow(
            /Waited 0 s for cluster2 to have the last write of default\/rbd-pvc; seen last: VR asks secondary.*on cluster2: image not primary/s,
        );
    });

    test("ends at once when somebody changes or deletes the VR", async () => {
        const promotedByHand = volume({ vr: vr("primary", "none", { term: 1 }), image: image("secondary") });
        await expect(waited([[promotedByHand, received]])).rejects.toThrow(/VR_DRIFTED/);
        await expect(waited([[{ ...demoted, vr: undefined }, received]])).rejects.toThrow(/VR_DRIFTED/);
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
        folder = mkdtempSync(join(tmpdir(), "rbd-dr-nudge-"));
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
