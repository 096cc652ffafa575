/**
 * What a ceph-csi driver answers to each replication call in each state of an image, and what the call does to it: as seen
 * with the real ceph-csi (sources of 2024-10, 3.10 and later). Runs against the lab's driver, or against another one:
 * `RBD_DRIVER_SOCKET=... npm run test:conformance` (README.md beside this file).
 */
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import pLimit from "p-limit";
import { openPair, FOREIGN, type Pair } from "./pair.js";
import { CREATION_KEY, replaying, States } from "./states.js";
import type { Answer, Call, CallOptions, TestVolume } from "./subject.js";

jest.setTimeout(400_000);

let pair: Pair;
let states: States;
/** Volumes being brought into their states, a few at a time. */
const volumes = new Map<string, Promise<TestVolume>>();

/** cephx name of the rbd-mirror here. */
const MIRROR = `client.rbd-mirror.${process.env.RBD_DRIVER_MIRROR_ID ?? "a"}`;
const SNAPSHOT = { mirroringMode: "snapshot" };
const MISSING = /^volume \S+ not found: .*image not found.*ret=-2, No such file or directory/;
const BUSY = /^failed to promote image ".*" with error: rbd: ret=-16, Device or resource busy$/;
const NO_SYNC = /^failed to get last sync info: no snapshot details: last sync time not found$/;
const RECREATE = /^image needs to be recreated: awaiting initial resync due to split brain$/;
const PRIMARY = /^image is in primary state$/;
const NOT_PRIMARY = /^image is not in primary state$/;
const secondaryIs = (up: boolean, state: string) =>
    new RegExp(`^invalid arguments provided: secondary image status is up=${up} and state=${state}$`);

beforeAll(async () => {
    pair = await openPair();
    states = new States(pair);
    const limit = pLimit(4);
    const prepare = (name: string, make: () => Promise<TestVolume>) => {
        const volume = limit(make);
        volume.catch(() => undefined);
        volumes.set(name, volume);
    };
    prepare("not mirrored", () => states.plain());
    prepare("primary", () => states.primary());
    prepare("primary, to be demoted", () => states.primary());
    prepare("primary, demoted before", () => states.primary());
    prepare("primary, to be disabled", () => states.primary());
    prepare("primary, demoted a moment ago", () => states.primary());
    prepare("secondary", () => states.secondary());
    prepare("secondary, to be forced", () => states.secondary());
    prepare("demoted", () => states.bothDemoted(false));
    prepare("demoted, with the key", () => states.bothDemoted(true));
    prepare("demoted, to be promoted", () => states.bothDemoted(false));
    prepare("split brain here", () => states.splitBrainHere(false));
    prepare("split brain here, to be promoted", () => states.splitBrainHere(false));
    prepare("split brain here, to be resynced", () => states.splitBrainHere(true));
    prepare("split brain, primary here", () => states.splitBrainPrimary());
});

afterAll(async () => {
    await Promise.allSettled(volumes.values());
    if (FOREIGN) await states?.removeAll();
    await pair?.close();
});

const volumeIn = async (state: string) => (await volumes.get(state))!;
const ask = (call: Call, volume: TestVolume | string, options?: CallOptions) => pair.subject.ask(call, volume, options);
const see = (volume: TestVolume) => pair.here.see(volume.image);

function expectAnswer(answer: Answer, code: string, text?: RegExp): void {
    expect(`${answer.code} ${answer.text}`).toMatch(new RegExp(`^${code} `));
    if (text) expect(answer.text).toMatch(text);
}

/** One row of the table: the call, what is answered. `effect` must hold afterwards. */
type Row = readonly [call: Call, code: string, text?: RegExp, options?: CallOptions];
const force = { force: true };

/** Asks the rows in order on one volume, which none of them may change. */
function unchanged(state: string, rows: readonly Row[]): void {
    for (const [call, code, text, options] of rows) {
        const given = options ? ` with ${JSON.stringify(options)}` : "";
        test(`${call}${given} is answered ${code}`, async () => {
            const volume = await volumeIn(state);
            const before = await see(volume);
            expectAnswer(await ask(call, volume, options), code, text);
            const { id, state: mirroring, primary } = await see(volume);
            expect({ id, mirroring, primary }).toEqual({
                id: before.id,
                mirroring: before.state,
                primary: before.primary,
            });
        });
    }
}

describe("an image that is not mirrored", () => {
    const off = /^mirroring is not enabled on \S+, image is in disabled Mode$/;
    const notEnabled = /^image mirroring is not enabled$/;
    unchanged("not mirrored", [
        ["Info", "INVALID_ARGUMENT", notEnabled],
        ["Disable", "OK"],
        ["Disable", "OK", undefined, { parameters: { force: "true" } }],
        ["Promote", "INVALID_ARGUMENT", off],
        ["Promote", "INVALID_ARGUMENT", off, force],
        ["Demote", "INVALID_ARGUMENT", off],
        ["Resync", "INVALID_ARGUMENT", notEnabled],
        ["Resync", "INVALID_ARGUMENT", notEnabled, force],
        [
            "Enable",
            "INVALID_ARGUMENT",
            /^interval specified without d, h, m suffix$/,
            { parameters: { schedulingInterval: "bad" } },
        ],
        ["Disable", "INTERNAL", /parsing "xx": invalid syntax/, { parameters: { force: "xx" } }],
    ]);

    test("Enable makes it primary; until the peer reports, Info is INTERNAL", async () => {
        const volume = await volumeIn("not mirrored");
        expectAnswer(await ask("Enable", volume, { parameters: SNAPSHOT }), "OK");
        expect(await see(volume)).toMatchObject({ state: "enabled", primary: true });
        const info = await ask("Info", volume);
        if (!(await see(volume)).remoteText.startsWith("replaying")) {
            expectAnswer(info, "INTERNAL", /^failed to get remote status: rbd: ret=-2, No such file or directory$/);
        }
        expectAnswer(await ask("Enable", volume, { parameters: SNAPSHOT }), "OK");
        expectAnswer(await ask("Promote", volume), "OK");
    });
});

describe("an image that does not exist", () => {
    const calls: Call[] = ["Info", "Enable", "Disable", "Promote", "Demote", "Resync"];
    test.each(calls)("%s is NOT_FOUND", async (call) => {
        expectAnswer(await ask(call, pair.subject.volume(), { force: call === "Resync" }), "NOT_FOUND", MISSING);
    });
});

describe("a healthy primary", () => {
    unchanged("primary", [
        ["Enable", "OK"],
        ["Promote", "OK"],
        ["Resync", "INVALID_ARGUMENT", PRIMARY],
        ["Resync", "INVALID_ARGUMENT", PRIMARY, force],
        ["Promote", "UNKNOWN", /Invalid interval \(bad\)/, { parameters: { schedulingInterval: "bad" } }],
    ]);

    test("Info tells the last sync, and leaves the status empty", async () => {
        const answer = await ask("Info", await volumeIn("primary"));
        expectAnswer(answer, "OK");
        const { seconds } = answer.body["last_sync_time"] as { seconds: string };
        expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(600);
        expect(answer.body).toMatchObject({ status: "UNKNOWN", status_message: "" });
    });

    test("Promote adds the schedule, and again is no error", async () => {
        const volume = await volumeIn("primary");
        const parameters = { ...SNAPSHOT, schedulingInterval: "7m" };
        expectAnswer(await ask("Promote", volume, { parameters }), "OK");
        expectAnswer(await ask("Promote", volume, { parameters }), "OK");
        expect(await pair.here.schedules(volume.image)).toEqual(["7m"]);
    });

    test("Demote makes it secondary and notes the creation time", async () => {
        const volume = await volumeIn("primary, to be demoted");
        const { created } = await see(volume);
        expectAnswer(await ask("Demote", volume), "OK");
        expect(await see(volume)).toMatchObject({ state: "enabled", primary: false });
        const key = await pair.here.metadata(volume.image, CREATION_KEY);
        expect(key).toMatch(new RegExp(`^seconds:${created} nanos:\\d+$`));
        expectAnswer(await ask("Demote", volume), "OK");
    });

    test("Demote leaves a creation time that is noted already", async () => {
        const volume = await volumeIn("primary, demoted before");
        await pair.here.rbd("image-meta", "set", pair.here.spec(volume.image), CREATION_KEY, "seconds:1 nanos:2");
        expectAnswer(await ask("Demote", volume), "OK");
        expect(await pair.here.metadata(volume.image, CREATION_KEY)).toBe("seconds:1 nanos:2");
    });

    test("Disable ends mirroring, the peer's copy goes, the schedule stays behind", async () => {
        const volume = await volumeIn("primary, to be disabled");
        const { id } = await see(volume);
        await ask("Promote", volume, { parameters: { ...SNAPSHOT, schedulingInterval: "9m" } });
        expectAnswer(await ask("Disable", volume), "OK");
        expect(await see(volume)).toMatchObject({ state: "disabled" });
        expect(await pair.here.scheduledIds()).toContain(id);
        await pair.peer.until(volume.image, "gone", ({ state }) => state === "missing", 60);
    });
});

describe("a healthy secondary", () => {
    unchanged("secondary", [
        ["Info", "INVALID_ARGUMENT", NOT_PRIMARY],
        ["Enable", "OK"],
        ["Disable", "OK"],
        ["Promote", "FAILED_PRECONDITION", BUSY],
        ["Demote", "OK"],
    ]);

    test.each([false, true])("Resync (force %s) is OK and not ready, and leaves the image alone", async (forced) => {
        const volume = await volumeIn("secondary");
        const { id } = await see(volume);
        const answer = await ask("Resync", volume, { force: forced });
        expectAnswer(answer, "OK");
        expect(answer.body["ready"]).toBe(false);
        expect((await see(volume)).id).toBe(id);
    });

    test("Promote with force makes it primary; meanwhile other calls are turned away", async () => {
        const volume = await volumeIn("secondary, to be forced");
        const promotion = ask("Promote", volume, force);
        await new Promise((resolve) => setTimeout(resolve, 700));
        const meanwhile = await ask("Enable", volume);
        expectAnswer(await promotion, "OK");
        expectAnswer(
            meanwhile,
            "ABORTED",
            new RegExp(`^an operation with the given Volume ID ${volume.id} already exists$`),
        );
        expect(await see(volume)).toMatchObject({ state: "enabled", primary: true });
    });
});

describe("demoted, and the status still says stopped", () => {
    test("Disable is refused, Resync has no news, Resync with force asks for a real resync", async () => {
        const volume = await volumeIn("primary, demoted a moment ago");
        // rbd-mirror looks again after 30 s by default, sooner in the lab; this state must last for some calls.
        await pair.here.ceph("config", "set", MIRROR, "rbd_mirror_image_state_check_interval", "60");
        await new Promise((resolve) => setTimeout(resolve, FOREIGN ? 31_000 : 6_000));
        try {
            expectAnswer(await ask("Demote", volume), "OK");
            const calls = [await ask("Info", volume), await ask("Enable", volume), await ask("Disable", volume)];
            const resync = await ask("Resync", volume);
            const stillStale = (await see(volume)).local === "up+stopped";
            const forced = await ask("Resync", volume, force);
            expect(stillStale).toBe(true);
            expectAnswer(calls[0]!, "INVALID_ARGUMENT", NOT_PRIMARY);
            expectAnswer(calls[1]!, "OK");
            expectAnswer(calls[2]!, "INVALID_ARGUMENT", secondaryIs(true, "stopped"));
            expectAnswer(resync, "INTERNAL", NO_SYNC);
            expectAnswer(forced, "UNAVAILABLE", RECREATE);
        } finally {
            await pair.here.ceph("config", "rm", MIRROR, "rbd_mirror_image_state_check_interval");
        }
    });
});

describe("demoted on both sites, in sync", () => {
    unchanged("demoted", [
        ["Info", "INVALID_ARGUMENT", NOT_PRIMARY],
        ["Enable", "OK"],
        ["Disable", "INVALID_ARGUMENT", secondaryIs(true, "unknown")],
        ["Demote", "OK"],
    ]);

    test.each([false, true])("Resync (force %s), the creation time not noted, is ready", async (forced) => {
        const answer = await ask("Resync", await volumeIn("demoted"), { force: forced });
        expectAnswer(answer, "OK");
        expect(answer.body["ready"]).toBe(true);
    });

    test("Resync with the creation time noted is ready, and with force gives the healthy image up", async () => {
        const volume = await volumeIn("demoted, with the key");
        const answer = await ask("Resync", volume);
        expectAnswer(answer, "OK");
        expect(answer.body["ready"]).toBe(true);
        expectAnswer(await ask("Resync", volume, force), "UNAVAILABLE", RECREATE);
    });

    test("Promote needs no force", async () => {
        const volume = await volumeIn("demoted, to be promoted");
        expectAnswer(await ask("Promote", volume), "OK");
        expect(await see(volume)).toMatchObject({ state: "enabled", primary: true });
    });
});

describe("split brain, demoted here", () => {
    unchanged("split brain here", [
        ["Info", "INVALID_ARGUMENT", NOT_PRIMARY],
        ["Enable", "OK"],
        ["Disable", "INVALID_ARGUMENT", secondaryIs(true, "error")],
        ["Demote", "OK"],
        ["Resync", "INTERNAL", NO_SYNC],
    ]);

    test("Promote is OK without force: both sites are primary again", async () => {
        const volume = await volumeIn("split brain here, to be promoted");
        expectAnswer(await ask("Promote", volume), "OK");
        expect(await see(volume)).toMatchObject({ primary: true });
        expect(await pair.peer.see(volume.image)).toMatchObject({ primary: true });
    });

    test("Resync with force recreates the image, and then leaves it alone", async () => {
        const volume = await volumeIn("split brain here, to be resynced");
        const { id } = await see(volume);
        expectAnswer(await ask("Resync", volume, force), "UNAVAILABLE", RECREATE);
        const recreated = await pair.here.until(
            volume.image,
            "recreated and replaying",
            (seen) => seen.id !== undefined && seen.id !== id && replaying(seen),
            240,
        );
        expect(await pair.here.metadata(volume.image, CREATION_KEY)).toBeUndefined();
        const answer = await ask("Resync", volume, force);
        expectAnswer(answer, "OK");
        expect(answer.body["ready"]).toBe(false);
        expect((await see(volume)).id).toBe(recreated.id);
    });
});

describe("split brain, primary here", () => {
    unchanged("split brain, primary here", [
        ["Info", "NOT_FOUND", NO_SYNC],
        ["Enable", "OK"],
        ["Promote", "OK"],
        ["Resync", "INVALID_ARGUMENT", PRIMARY],
    ]);
});

describe("requests that name no image of this cluster", () => {
    test.each<[Call]>([["Enable"], ["Promote"], ["Resync"], ["Info"]])("%s", async (call) => {
        const { subject } = pair;
        expectAnswer(await ask(call, ""), "INVALID_ARGUMENT", /^empty volume ID in request$/);
        const bad = await ask(call, "0001-0009-rook-ceph-short");
        expectAnswer(bad, "INTERNAL", /^failed to get volume from id "0001-0009-rook-ceph-short": invalid VolumeID/);
        expectAnswer(await ask(call, subject.volume(), { secrets: {} }), "INTERNAL", /^provided secret is empty$/);
        expectAnswer(await ask(call, subject.volume(undefined, { poolId: 4711 })), "NOT_FOUND", /pool not found/);
        expectAnswer(
            await ask(call, subject.volume(undefined, { clusterId: "other" })),
            "INTERNAL",
            /cluster ID "?\(?other/,
        );
    });
});

// Other drivers' clusters are not this suite's to stop.
(FOREIGN ? describe.skip : describe)("a site that does not answer", () => {
    test("rbd-mirror down here, both demoted: Disable and Resync say so, Promote works", async () => {
        const volume = await volumeIn("demoted");
        await pair.powers!.stopMirror();
        try {
            await pair.here.until(volume.image, "reported as down", ({ local }) => local === "down+unknown");
            expectAnswer(await ask("Disable", volume), "INVALID_ARGUMENT", secondaryIs(false, "unknown"));
            expectAnswer(await ask("Resync", volume), "INTERNAL", NO_SYNC);
            expectAnswer(await ask("Promote", volume), "OK");
        } finally {
            await pair.powers!.startMirror();
        }
    });

    test("peer frozen: a live secondary is as before, and can be forced", async () => {
        const volume = await volumeIn("secondary");
        await pair.here.until(volume.image, "replaying", replaying);
        pair.powers!.freeze("peer");
        try {
            expectAnswer(await ask("Info", volume), "INVALID_ARGUMENT", NOT_PRIMARY);
            expectAnswer(await ask("Enable", volume), "OK");
            expectAnswer(await ask("Disable", volume), "OK");
            expectAnswer(await ask("Promote", volume), "FAILED_PRECONDITION", BUSY);
            expectAnswer(await ask("Demote", volume), "OK");
            const answer = await ask("Resync", volume, force);
            expectAnswer(answer, "OK");
            expect(answer.body["ready"]).toBe(false);
            expectAnswer(await ask("Promote", volume, force), "OK");
            expect(await see(volume)).toMatchObject({ primary: true });
        } finally {
            await pair.powers!.thaw("peer");
        }
    });

    test("own cluster frozen: the call hangs and keeps the volume's lock until it is thawed", async () => {
        const volume = await volumeIn("primary");
        pair.powers!.freeze("here");
        let second: Answer;
        try {
            expectAnswer(await ask("Enable", volume, { timeoutMs: 4000 }), "DEADLINE_EXCEEDED");
            second = await ask("Enable", volume, { timeoutMs: 4000 });
        } finally {
            await pair.powers!.thaw("here");
        }
        expectAnswer(second, "ABORTED", /already exists$/);
        const end = Date.now() + 120_000;
        let answer = await ask("Enable", volume);
        while (answer.code === "ABORTED" && Date.now() < end) {
            await new Promise((resolve) => setTimeout(resolve, 1000));
            answer = await ask("Enable", volume);
        }
        expectAnswer(answer, "OK");
    });
});
