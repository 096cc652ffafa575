/** What is planned, where something may be done: each sequence of the design, and each state a killed run leaves. */
import { describe, expect, test } from "@jest/globals";
import { decide } from "../../../dr/decide.js";
import { describePlan } from "../../../dr/describe.js";
import type { DecisionInput, ImageSnapshot, Plan, VolumePlan, VolumeSnapshot } from "../../../dr/model.js";
import { confirmedHandover } from "../../../dr/outcome.js";
import * as w from "./world.js";

const { ask, image, nothing, outputs, recordOf, seen, volume, vr } = w;
const primary = volume({ vr: vr("primary", "TFF", { term: 1 }), image: image("primary") });
const replaying = volume({ vr: vr("secondary", "TTT"), image: image("secondary") });
const handed = (term = 1) => volume({ vr: vr("secondary", "TFF", { term }) });
const peerHandedOver = outputs("cluster2", "secondary", { handedOver: [w.KEY], term: 1 });
const lost = { lostSite: "cluster2" };

function plan(input: DecisionInput): Plan {
    const decision = decide(input);
    if (decision.kind === "refusal") throw new Error(`${decision.code}: ${decision.reason}`);
    expect(describePlan(decision)).not.toMatch(/undefined|\[object/);
    return decision;
}
const only = (p: Plan): VolumePlan => p.volumes[0]!;

describe("primary", () => {
    test.each([
        ["the peer's cluster is empty", { peer: seen(nothing()) }],
        ["the peer does not exist yet", { peer: w.UNKNOWN }],
        [
            "the peer was set up first, as a secondary",
            { peer: seen(nothing()), peerOutputs: outputs("cluster2", "secondary", { records: {} }) },
        ],
        ["this cluster does not exist yet", { own: w.UNKNOWN, peer: w.UNKNOWN }],
        ["a first run was killed after the claim", { own: seen(volume()), peer: w.UNKNOWN }],
    ] as const)("first deployment, %s: provisions", (_, more) => {
        const p = plan(ask("primary", more));
        expect(p).toMatchObject({
            operation: "provision",
            workload: "up",
            protect: true,
            handedOver: [],
            warnings: [],
        });
        expect(only(p)).toMatchObject({
            source: "provision",
            vr: { replicationState: "primary", autoResync: false, waitFor: "promoted", term: 1 },
        });
    });

    test("a first run that was killed before the promotion goes on as a provision", () => {
        const p = plan(
            ask("primary", { own: seen(volume({ vr: vr("primary", "none", { term: 1 }) })), peer: w.UNKNOWN }),
        );
        expect(p.operation).toBe("provision");
    });

    test("the peer has handed over: restores and promotes in a later term", () => {
        const p = plan(ask("primary", { peer: seen(handed()), peerOutputs: peerHandedOver }));
        expect(p.operation).toBe("planned-promotion");
        expect(only(p)).toMatchObject({
            source: "restore",
            record: recordOf(),
            vr: { term: 2, waitFor: "promoted" },
        });
        expect(only(p).lossWindow).toBeUndefined();
    });

    test("handed over live counts even where the peer's up was killed before its outputs", () => {
        expect(
            plan(
                ask("primary", {
                    own: seen(replaying),
                    peer: seen(handed()),
                    peerOutputs: outputs("cluster2", "primary", { term: 1 }),
                }),
            ).operation,
        ).toBe("planned-promotion");
    });

    test.each([
        ["unreachable", w.UNREACHABLE],
        ["without a context", w.UNKNOWN],
    ])("the peer's outputs record the handover and it is %s: promotes, and says on what it relies", (_, peer) => {
        const p = plan(ask("primary", { peer, peerOutputs: peerHandedOver }));
        expect(p.operation).toBe("planned-promotion");
        expect(p.warnings.join()).toContain(w.AT);
    });

    test.each([
        ["PV only", volume({ pvc: undefined })],
        ["PV and PVC", volume()],
    ])("restored by a killed run, %s: the same plan again", (_, own) => {
        const p = plan(ask("primary", { own: seen(own), peer: seen(handed()), peerOutputs: peerHandedOver }));
        expect(p.operation).toBe("planned-promotion");
        expect(only(p)).toMatchObject({ source: "restore", record: recordOf(), vr: { term: 2 } });
    });

    test("some volumes promoted by a killed run, others not", () => {
        const other = "default/other";
        const records = { [w.KEY]: recordOf(), [other]: recordOf(other) };
        const p = plan(
            ask("primary", {
                intent: { volumes: ["rbd-pvc", "other"].map((name) => ({ name, namespace: "default", size: "1Gi" })) },
                own: seen(volume({ vr: vr("primary", "TFF", { term: 2 }) }), { ...nothing(), key: other }),
                peer: seen(handed(), {
                    ...handed(),
                    key: other,
                    vr: { ...handed().vr!, spec: { ...handed().vr!.spec, claim: "other" } },
                }),
                peerOutputs: outputs("cluster2", "secondary", {
                    records,
                    handedOver: Object.keys(records),
                    terms: { [w.KEY]: 1, [other]: 1 },
                }),
            }),
        );
        expect(p.operation).toBe("planned-promotion");
        expect(p.volumes.map((v) => [v.source, v.vr?.term])).toEqual([
            ["restore", 2],
            ["restore", 2],
        ]);
    });

    test("promotion asked by a killed run and not yet answered: goes on", () => {
        const own = seen(volume({ vr: vr("primary", "none", { term: 2 }) }));
        const p = plan(ask("primary", { own, peer: seen(handed()), peerOutputs: peerHandedOver }));
        expect(p.operation).toBe("planned-promotion");
        expect(only(p).vr).toMatchObject({ term: 2, waitFor: "promoted" });
    });

    test.each([
        ["replays (all True)", replaying],
        ["was handed over and is stale (True, False, False)", handed()],
        ["is not there", nothing()],
    ])("already primary, and the peer %s: nothing to move", (_, peer) => {
        const p = plan(ask("primary", { own: seen(primary), peer: seen(peer) }));
        expect(p).toMatchObject({ operation: "steady", warnings: [] });
        expect(only(p).vr).toEqual({ replicationState: "primary", autoResync: false, term: 1 });
    });

    test.each([
        ["a run was finished that saw it promoted", outputs("cluster1", "primary", { term: 1 }), undefined],
        ["it was promoted in an earlier term", outputs("cluster1", "primary", { term: 0 }), "promoted"],
        ["the last finished run left a secondary", outputs("cluster1", "secondary", { term: 1 }), "promoted"],
        ["no run was finished", w.NONE, "promoted"],
    ] as const)("already primary, and failing; %s", (_, ownOutputs, waitFor) => {
        const own = seen(volume({ vr: vr("primary", "FTF", { term: 1 }), image: image("primary") }));
        expect(only(plan(ask("primary", { own, peer: seen(replaying), ownOutputs }))).vr?.waitFor).toBe(waitFor);
    });

    test("already primary stays so while the peer is silent", () => {
        expect(
            plan(ask("primary", { own: seen(primary), peer: w.UNREACHABLE, peerOutputs: peerHandedOver })).operation,
        ).toBe("steady");
    });

    test("a demotion is taken back in two steps once outputs gave the volume away", () => {
        const own = seen(handed());
        const given = outputs("cluster1", "secondary", { handedOver: [w.KEY], term: 1, lostSite: "x" });
        const first = plan(ask("primary", { own, peer: seen(nothing()), ownOutputs: given }));
        expect(first).toMatchObject({
            operation: "withdraw-handover",
            replicationState: "secondary",
            workload: "down",
            handedOver: [],
            lostSite: "x",
        });
        expect(only(first).vr).toEqual({ replicationState: "secondary", autoResync: false, term: 1 });
        const withdrawn = outputs("cluster1", "secondary", { term: 1 });
        const second = plan(ask("primary", { own, peer: seen(nothing()), ownOutputs: withdrawn }));
        expect(second.operation).toBe("planned-promotion");
        expect(only(second).vr?.term).toBe(2);
    });

    test("an ordinary failback needs one step: the peer's later term has used up our handover", () => {
        const given = outputs("cluster1", "secondary", { handedOver: [w.KEY], term: 1 });
        const p = plan(ask("primary", { own: seen(handed(1)), peer: seen(handed(2)), ownOutputs: given }));
        expect(p.operation).toBe("planned-promotion");
        expect(only(p).vr?.term).toBe(3);
    });
});

describe("right after a move, the controller finds no time of a last sync on the copy", () => {
    const said = "failed to get last sync info: empty local snapshot timestamp: last sync time not found";
    const failing = (message: string) => vr("secondary", "FTF", { term: 1, message });
    const copy = (message: string, sync?: object) =>
        volume({ vr: failing(message), image: image("secondary", { sync }) });
    const source = seen(volume({ vr: vr("primary", "TFF", { term: 2 }), image: image("primary") }));

    test("it is demoted to, since Ceph shows that it replays; other failures and no sight of Ceph refuse", () => {
        const back = (peer: VolumeSnapshot) => decide(ask("secondary", { own: source, peer: seen(peer) }));
        expect(back(copy(said, { replayState: "idle" }))).toMatchObject({ operation: "planned-demotion" });
        expect(back(copy(said))).toMatchObject({ code: "PEER_NOT_REPLAYING" });
        expect(back(copy("no answer", { replayState: "idle" }))).toMatchObject({ code: "PEER_NOT_REPLAYING" });
        expect(back(volume({ vr: failing(said) }))).toMatchObject({ code: "PEER_NOT_REPLAYING" });
    });
});

describe("primary with lostSite", () => {
    const input = ask("primary", {
        intent: lost,
        peer: w.UNREACHABLE,
        peerOutputs: outputs("cluster2", "primary", { term: 1, lastSync: { [w.KEY]: "2026-03-01T11:58:30.000Z" } }),
    });

    test("restores from the lost site's outputs, promotes by force, and says what may be lost", () => {
        const p = plan(input);
        expect(p).toMatchObject({ operation: "forced-promotion", lostSite: "cluster2" });
        expect(only(p)).toMatchObject({
            source: "restore",
            record: recordOf(),
            lossWindow: { lastSync: "2026-03-01T11:58:30.000Z", seconds: 90 },
        });
        expect(only(p).vr?.term).toBe(3);
        expect(p.warnings.join("\n")).toContain("at most 1 min 30 s");
    });

    test("knows better from its own image's newest snapshot", () => {
        const own = seen({
            ...replaying,
            image: image("secondary", { sync: { localSnapshotTimestamp: Date.parse(w.AT) / 1000 - 20 } }),
        });
        expect(only(plan({ ...input, own })).lossWindow?.seconds).toBe(20);
    });

    test("right after a move, from this site's own handover: nothing was written elsewhere before it", () => {
        const handed = vr("secondary", "TFF", { term: 1 });
        const since = { lastTransitionTime: "2026-03-01T11:59:15Z" };
        const conditions = handed.status.conditions.map((c) => (c.type === "Degraded" ? { ...c, ...since } : c));
        const volume = { ...replaying, vr: { ...handed, status: { ...handed.status, conditions } } };
        const own = seen(volume);
        const peerOutputs = outputs("cluster2", "primary", { term: 2 });
        expect(only(plan({ ...input, own, peerOutputs })).lossWindow).toEqual({
            lastSync: "2026-03-01T11:59:15Z",
            seconds: 45,
        });
        // A snapshot that has arrived since is the better one; an older one is not.
        const at = (seconds: number) =>
            seen({ ...volume, image: image("secondary", { sync: { localSnapshotTimestamp: seconds } }) });
        const now = Date.parse(w.AT) / 1000;
        expect(only(plan({ ...input, own: at(now - 10), peerOutputs })).lossWindow?.seconds).toBe(10);
        expect(only(plan({ ...input, own: at(now - 90), peerOutputs })).lossWindow?.seconds).toBe(45);
    });

    test("so it is where the controller has looked again since: from the demotion that was handed over", () => {
        const now = Date.parse(w.AT) / 1000;
        const demotion = { id: 7, at: now - 45, demotion: true };
        const window = (newest: NonNullable<ImageSnapshot["newest"]>, handedOver: string[]) => {
            const failing = vr("secondary", "FTF", { term: 1 });
            const volume = {
                ...replaying,
                vr: failing,
                image: image("secondary", { description: "replaying", newest }),
            };
            const ownOutputs = outputs("cluster1", "secondary", { handedOver, term: 1 });
            const peerOutputs = outputs("cluster2", "primary", { term: 2 });
            return only(plan({ ...input, own: seen(volume), ownOutputs, peerOutputs })).lossWindow?.seconds;
        };
        expect(window(demotion, [w.KEY])).toBe(45);
        // The other site may have been promoted without it.
        expect(window(demotion, [])).toBeUndefined();
        // Its time is that of its arrival; the other site may have written before.
        expect(window({ ...demotion, copyOf: 3 }, [w.KEY])).toBeUndefined();
        expect(window({ ...demotion, demotion: false }, [w.KEY])).toBeUndefined();
    });

    test("says that the window is not known where nothing tells it", () => {
        const p = plan({ ...input, peerOutputs: outputs("cluster2", "primary", { term: 1 }) });
        expect(p.warnings.join()).toContain("not known");
    });

    test("a lost site that answers, fenced: allowed", () => {
        expect(plan({ ...input, own: seen(replaying), peer: seen(primary) }).operation).toBe("forced-promotion");
    });

    test("a peer that handed over is not a disaster: planned, and the leftover is named", () => {
        const p = plan({ ...input, peer: seen(handed()) });
        expect(p.operation).toBe("planned-promotion");
        expect(p.warnings.join()).toContain("pulumi config rm lostSite -s cluster1");
    });

    test("steady with a leftover: warned", () => {
        expect(
            plan(ask("primary", { intent: lost, own: seen(primary), peer: seen(replaying) })).warnings.join(),
        ).toContain("lostSite is still set");
    });
});

describe("secondary", () => {
    test("a first deployment joins with nothing", () => {
        const p = plan(ask("secondary", { peer: seen(primary) }));
        expect(p).toMatchObject({ operation: "join-as-secondary", workload: "down" });
        expect(only(p)).toMatchObject({ source: "absent" });
        expect(only(p).vr).toBeUndefined();
    });

    test("a rebuilt site joins afresh and goes on carrying its records", () => {
        const p = plan(
            ask("secondary", { peer: seen(primary), ownOutputs: outputs("cluster1", "primary", { term: 1 }) }),
        );
        expect(p.operation).toBe("join-as-secondary");
        expect(p.carried).toEqual({ [w.KEY]: recordOf() });
    });

    test("demotes, waits for the handover, and then counts as handed over", () => {
        const input = ask("secondary", { own: seen(primary), peer: seen(replaying) });
        const p = plan(input);
        expect(p).toMatchObject({ operation: "planned-demotion", workload: "down", handedOver: [w.KEY] });
        expect(only(p).vr).toEqual({
            replicationState: "secondary",
            autoResync: false,
            waitFor: "demoted",
            term: 1,
            awaitsHandover: true,
        });
        expect(confirmedHandover(p, input)).toEqual([]);
        expect(confirmedHandover(p, ask("secondary", { own: seen(handed()) }))).toEqual([w.KEY]);
        expect(confirmedHandover(p, ask("secondary", { own: w.UNREACHABLE }))).toEqual([]);
    });

    test("demoted by a killed run, not handed over: waits on, and leaves the VR as it is", () => {
        const own = seen(volume({ vr: vr("secondary", "TTF", { term: 1 }) }));
        const p = plan(
            ask("secondary", { own, peer: seen(replaying), ownOutputs: outputs("cluster1", "primary", { term: 1 }) }),
        );
        expect(p).toMatchObject({ operation: "planned-demotion", handedOver: [w.KEY] });
        expect(only(p).vr).toEqual({
            replicationState: "secondary",
            autoResync: false,
            term: 1,
            awaitsHandover: true,
        });
    });

    test("handed over and taken over: steady, and nothing is waited for", () => {
        const p = plan(ask("secondary", { own: seen(handed()), peer: seen(primary) }));
        expect(p.operation).toBe("steady");
        expect(only(p).vr).not.toHaveProperty("waitFor");
    });

    test.each(["TTT", "FTF", "TTF"] as const)("taken over, and looked at again (%s): as steady as before", (face) => {
        const own = seen(volume({ vr: vr("secondary", face, { term: 1 }) }));
        const p = plan(ask("secondary", { own, peer: seen(primary) }));
        expect(p.operation).toBe("steady");
        expect(only(p).vr).toEqual({ replicationState: "secondary", autoResync: false, term: 1 });
    });

    test("a handover that was recorded is not waited for where the peer cannot be asked", () => {
        const given = outputs("cluster1", "secondary", { handedOver: [w.KEY], term: 1 });
        const own = seen(volume({ vr: vr("secondary", "FTF", { term: 1 }) }));
        const blind = { own, peer: w.UNREACHABLE };
        expect(only(plan(ask("secondary", { ...blind, ownOutputs: given }))).vr?.awaitsHandover).toBeUndefined();
        const peer = seen(replaying);
        expect(only(plan(ask("secondary", { own, peer, ownOutputs: given }))).vr?.awaitsHandover).toBe(true);
        const before = outputs("cluster1", "primary", { term: 1 });
        expect(only(plan(ask("secondary", { ...blind, ownOutputs: before }))).vr?.awaitsHandover).toBe(true);
    });

    test("leaving resync once it replays takes autoResync away", () => {
        const own = seen(volume({ vr: vr("secondary", "TTT", { autoResync: true }) }));
        expect(only(plan(ask("secondary", { own, peer: seen(primary) }))).vr).toMatchObject({
            autoResync: false,
            waitFor: "secondary",
        });
    });

    test("nothing here needs the peer when nothing changes", () => {
        expect(plan(ask("secondary", { own: seen(replaying), peer: w.UNREACHABLE })).operation).toBe("steady");
    });
});

describe("resync", () => {
    test.each([
        ["after a disaster: still asks primary", volume({ vr: vr("primary", "TFF", { term: 1 }) })],
        ["demoted in split brain", volume({ vr: vr("secondary", "FTF"), image: image("secondary", w.SPLIT) })],
        ["a primary image that Kubernetes knows nothing of", nothing({ image: image("primary") })],
    ])("%s: gives the copy up and waits until it replays", (_, own) => {
        const p = plan(
            ask("resync", {
                own: seen(own),
                peer: seen(primary),
                peerOutputs: outputs("cluster2", "primary", { term: 3 }),
            }),
        );
        expect(p).toMatchObject({ operation: "resync", workload: "down", handedOver: [] });
        expect(only(p).vr).toMatchObject({ replicationState: "secondary", autoResync: true, waitFor: "resynced" });
        expect(p.warnings.join()).toContain("discarded");
    });

    test.each([
        [
            "what the peer recorded when it took over by force",
            { lostSite: "cluster1", lastSync: { [w.KEY]: "2026-03-01T11:58:00.000Z" } },
            "2026-03-01T11:58:00.000Z",
        ],
        ["else what our VR last saw", { lastSync: { [w.KEY]: "2026-03-01T11:58:00.000Z" } }, "2026-03-01T11:55:00Z"],
    ])("says since when writes are discarded: %s", (_, peer, since) => {
        const own = seen(volume({ vr: vr("primary", "TFF", { term: 1, lastSyncTime: "2026-03-01T11:55:00Z" }) }));
        const peerOutputs = outputs("cluster2", "primary", { term: 3, ...peer });
        expect(plan(ask("resync", { own, peer: seen(primary), peerOutputs })).warnings.join()).toContain(since);
    });

    test("under way already: the same again", () => {
        const own = seen(volume({ vr: vr("secondary", "FTF", { autoResync: true }) }));
        const p = plan(ask("resync", { own, peer: seen(primary) }));
        expect(only(p).vr).toMatchObject({ autoResync: true, waitFor: "resynced" });
    });
});

describe("teardown", () => {
    const teardown = { teardown: true };
    test("a replaying secondary: unprotected, and nothing else changes", () => {
        const p = plan(ask("secondary", { intent: teardown, own: seen(replaying), peer: seen(primary) }));
        expect(p).toMatchObject({ operation: "teardown", protect: false });
        expect(only(p).vr).toEqual({ replicationState: "secondary", autoResync: false, term: 0 });
    });
    test("the primary once the peer is gone", () => {
        const p = plan(ask("primary", { intent: teardown, own: seen(primary), peer: seen(nothing()) }));
        expect(p).toMatchObject({ operation: "teardown", protect: false, workload: "up" });
    });
});
