/** Every refusal can be reached, says what was seen and what to type; and none is missing from its documentation. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { decide } from "../../../dr/decide.js";
import { describeRefusal } from "../../../dr/describe.js";
import { contextOf } from "../../../dr/facts.js";
import { guardInUse } from "../../../dr/guards/in-use.js";
import { stillPlanned, unfinished } from "../../../dr/outcome.js";
import { REFUSALS } from "../../../dr/refusals.js";
import { ADOPTION_REFUSALS } from "../../../dr/refusals/adoption.js";
import { GROUP_REFUSALS } from "../../../dr/refusals/groups.js";
import type { DecisionInput, Plan, Refusal, RefusalCode } from "../../../dr/model.js";
import * as w from "./world.js";

const { ask, image, nothing, outputs, recordOf, seen, volume, vr } = w;
const lost = { lostSite: "cluster2" };
const primary = volume({ vr: vr("primary", "TFF", { term: 1 }), image: image("primary") });
const replaying = volume({ vr: vr("secondary", "TTT"), image: image("secondary") });
const handed = volume({ vr: vr("secondary", "TFF", { term: 1 }), image: image("secondary", w.BOTH_DEMOTED) });
const resyncing = volume({ vr: vr("secondary", "TTT", { autoResync: true }) });
/** Set to secondary, and its controller has not answered since it was primary. */
const wasPrimary = vr("primary", "TFF", { term: 1, stale: true });
const unanswered = { ...wasPrimary, spec: { ...wasPrimary.spec, replicationState: "secondary" as const } };
const peerHas = outputs("cluster2", "primary", { term: 1 });
const ownHad = outputs("cluster1", "secondary", { term: 1 });

/** Code, what leads to it, and words that its text must have beside the code. */
const CASES: readonly [RefusalCode, string, DecisionInput, ...string[]][] = [
    [
        "PEER_IS_SELF",
        "peer is the stack itself",
        ask("primary", { intent: { peer: "cluster1" } }),
        "config: peer is cluster1",
    ],
    [
        "LOST_SITE_NOT_PEER",
        "lostSite names a third site",
        ask("primary", { intent: { lostSite: "cluster9" } }),
        "cluster9",
    ],
    [
        "LOST_SITE_NOT_PEER",
        "lostSite names this site",
        ask("secondary", { intent: { lostSite: "cluster1" } }),
        "cluster1",
    ],
    [
        "VOLUME_TWICE",
        "two entries for one PVC",
        ask("primary", { intent: { volumes: [1, 2].map((n) => ({ name: "a", namespace: "b", size: `${n}Gi` })) } }),
        "b/a twice",
    ],
    [
        "BAD_SIZE",
        "a size that is none",
        ask("primary", { intent: { volumes: [{ name: "a", namespace: "b", size: "1GB" }] } }),
        "1GB",
    ],
    [
        "BAD_SIZE",
        "no size at all",
        ask("primary", { intent: { volumes: [{ name: "a", namespace: "b", size: "0" }] } }),
        "no room",
    ],
    [
        "OWN_STACK_FOREIGN",
        "own stack is another program's",
        ask("primary", { ownOutputs: { found: "foreign", keys: ["url"] } }),
        "url",
    ],
    [
        "PEER_STACK_FOREIGN",
        "peer stack is another program's",
        ask("secondary", { peerOutputs: { found: "foreign", keys: ["url"] } }),
        "url",
    ],
    [
        "STACK_OF_OTHER_SITE",
        "the peer's outputs name a third site",
        ask("primary", { peerOutputs: outputs("cluster9", "primary") }),
        "cluster9",
    ],
    [
        "OWN_UNREACHABLE",
        "deployed and silent",
        ask("secondary", { own: w.UNREACHABLE, ownOutputs: ownHad }),
        "ECONNREFUSED",
    ],
    [
        "OWN_UNREACHABLE",
        "never finished, and silent",
        ask("primary", { own: w.UNREACHABLE }),
        "no `up` of it has ever been finished",
    ],
    [
        "OWN_UNREACHABLE",
        "deployed, and its context is gone",
        ask("primary", { own: w.UNKNOWN, ownOutputs: ownHad }),
        "not set",
    ],
    [
        "VOLUME_REMOVED",
        "a replicated volume is dropped from config",
        ask("primary", {
            intent: { volumes: [] },
            own: seen(primary),
            ownOutputs: outputs("cluster1", "primary", { term: 1 }),
        }),
        "VR asks primary",
    ],
    [
        "VOLUME_NOT_IN_CONFIG",
        "the peer hands over more than config names",
        ask("primary", {
            peer: seen(handed, { ...handed, key: "default/other" }),
            peerOutputs: outputs("cluster2", "secondary", {
                term: 1,
                records: { [w.KEY]: recordOf(), "default/other": recordOf("default/other") },
            }),
        }),
        "default/other",
    ],
    [
        "VOLUME_SHRINK",
        "config asks for less",
        ask("primary", {
            own: seen(primary),
            intent: { volumes: [{ name: "rbd-pvc", namespace: "default", size: "512Mi" }] },
        }),
        "512Mi",
        "1073741824",
    ],
    [
        "CLASS_CHANGED",
        "another VolumeReplicationClass",
        ask("primary", { own: seen(primary), intent: { replicationClass: "other" } }),
        "other",
    ],
    [
        "CLASS_CHANGED",
        "another StorageClass",
        ask("primary", {
            own: seen({ ...primary, pvc: { ...primary.pvc!, storageClass: "rook-ceph-block" } }),
            intent: { storageClass: "fast" },
        }),
        "rook-ceph-block",
        "fast",
    ],
    [
        "VR_OF_OTHER_CLAIM",
        "the VR names another claim",
        ask("primary", { own: seen(volume({ vr: vr("primary", "TFF", { claim: "x" }) })) }),
        "claim x",
    ],
    [
        "RECLAIM_POLICY",
        "a PV that deletes",
        ask("primary", { own: seen({ ...primary, pv: { ...primary.pv!, reclaimPolicy: "Delete" } }) }),
        "kubectl patch pv pvc-0a1b",
    ],
    [
        "VR_DELETING",
        "own VR is being deleted",
        ask("secondary", { own: seen(volume({ vr: vr("secondary", "TTT", { deleting: true }) })) }),
        "being deleted",
    ],
    [
        "VR_DELETING",
        "the peer's VR is being deleted, own asked primary",
        ask("primary", {
            own: seen(replaying),
            peer: seen(volume({ vr: vr("secondary", "TFF", { deleting: true }) })),
        }),
        "being deleted",
    ],
    [
        "PVC_DELETING",
        "PVC is being deleted",
        ask("primary", { own: seen({ ...primary, pvc: { ...primary.pvc!, deleting: true } }) }),
        "being deleted",
    ],
    [
        "PVC_LOST",
        "PVC lost its PV",
        ask("primary", { own: seen({ ...primary, pvc: { ...primary.pvc!, phase: "Lost" } }) }),
        "kubectl delete pvc rbd-pvc -n default",
    ],
    [
        "PV_RELEASED",
        "PV belongs to a claim that is gone",
        ask("primary", { own: seen({ ...primary, pv: { ...primary.pv!, phase: "Released" } }) }),
        "claimRef/uid",
    ],
    [
        "IMAGE_DISAGREES",
        "VR promoted, image demoted by hand",
        ask("primary", { own: seen(volume({ vr: vr("primary", "TFF"), image: image("secondary") })) }),
        "image not primary",
    ],
    [
        "IMAGE_DISAGREES",
        "VR handed over, image promoted by hand",
        ask("secondary", { own: seen(volume({ vr: vr("secondary", "TFF"), image: image("primary") })) }),
        "image primary",
    ],
    ["HALF_PROVISIONED", "a claim that was never replicated", ask("secondary", { own: seen(volume()) }), "no VR"],
    [
        "BOTH_PRIMARY",
        "both VRs ask primary",
        ask("primary", { own: seen(primary), peer: seen(primary) }),
        "-s cluster2 && pulumi up -s cluster2",
    ],
    [
        "BOTH_PRIMARY",
        "both images are primary",
        ask("primary", {
            own: seen(primary),
            peer: seen(volume({ vr: vr("secondary", "TTT"), image: image("primary") })),
        }),
        "resync",
    ],
    [
        "PEER_PRIMARY",
        "the peer is primary",
        ask("primary", { own: seen(replaying), peer: seen(primary), peerOutputs: peerHas }),
        "pulumi config set replicationState secondary -s cluster2",
    ],
    [
        "PEER_PRIMARY",
        "the peer is being promoted",
        ask("primary", { own: seen(replaying), peer: seen(volume({ vr: vr("primary", "none") })) }),
        "promoting",
    ],
    [
        "PEER_PRIMARY",
        "first deployment here while the peer serves other volumes",
        ask("primary", {
            peer: seen({ ...primary, key: "default/other" }),
            peerOutputs: outputs("cluster2", "primary", { records: { "default/other": recordOf("default/other") } }),
        }),
        "default/other",
    ],
    [
        "PEER_NOT_HANDED_OVER",
        "demoted, not synced",
        ask("primary", {
            own: seen(replaying),
            peer: seen(volume({ vr: vr("secondary", "TTF", { term: 1 }) })),
            peerOutputs: peerHas,
        }),
        "Degraded=True",
        "pulumi up -s cluster2",
    ],
    [
        "PEER_NOT_HANDED_OVER",
        "the handover seen is of an earlier request",
        ask("primary", { own: seen(replaying), peer: seen(volume({ vr: vr("secondary", "TFF", { stale: true }) })) }),
        "of an earlier request",
    ],
    [
        "PEER_NOT_HANDED_OVER",
        "how far it is",
        ask("primary", {
            own: seen({
                ...replaying,
                image: image("secondary", {
                    sync: {
                        localSnapshotTimestamp: 100,
                        remoteSnapshotTimestamp: 190,
                        syncingPercent: 40,
                        lastSnapshotBytes: 2 ** 30,
                        bytesPerSecond: 2 ** 20,
                    },
                }),
            }),
            peer: seen(volume({ vr: vr("secondary", "TTF") })),
        }),
        "40% copied",
        "614.4 Mi left",
        "1 min 30 s behind",
    ],
    [
        "PEER_RESYNCING",
        "nobody is primary and the peer has autoResync",
        ask("primary", { own: seen(replaying), peer: seen(resyncing) }),
        "autoResync",
    ],
    [
        "PEER_VR_MISSING",
        "the peer's VR is gone, and it was primary last",
        ask("primary", { own: seen(replaying), peerOutputs: peerHas }),
        "pulumi refresh -s cluster2",
    ],
    [
        "PEER_UNREACHABLE",
        "the peer is silent and primary by its outputs",
        ask("primary", { own: seen(replaying), peer: w.UNREACHABLE, peerOutputs: peerHas }),
        "ECONNREFUSED",
        "lostSite cluster2",
    ],
    [
        "PEER_UNREACHABLE",
        "the record of a handover is older than our own last promotion",
        ask("primary", {
            own: seen(handed),
            peer: w.UNREACHABLE,
            peerOutputs: outputs("cluster2", "secondary", { handedOver: [w.KEY], term: 1 }),
        }),
        "handed over default/rbd-pvc",
    ],
    [
        "PEER_UNREACHABLE",
        "recorded as handed over, but this copy replays again",
        ask("primary", {
            own: seen(replaying),
            peer: w.UNREACHABLE,
            peerOutputs: outputs("cluster2", "secondary", { handedOver: [w.KEY], term: 1 }),
        }),
        "replays from a primary again",
    ],
    [
        "LOST_SITE_ALIVE",
        "declared lost, and its pod runs",
        ask("primary", {
            intent: lost,
            own: seen(replaying),
            peer: seen({ ...primary, pods: ["app-1"] }),
            peerOutputs: peerHas,
        }),
        "app-1",
        "--replicas=0",
    ],
    [
        "LOST_SITE_ALIVE",
        "declared lost, and still attached",
        ask("primary", {
            intent: lost,
            own: seen(replaying),
            peer: seen(volume({ vr: vr("secondary", "TTF"), attachments: ["csi-1"] })),
        }),
        "csi-1",
    ],
    [
        "BOTH_PRIMARY",
        "the lost site came back after the failover, and its old application runs",
        ask("primary", {
            intent: lost,
            own: seen(primary),
            peer: seen({ ...primary, pods: ["app-1"] }),
            peerOutputs: peerHas,
            ownOutputs: outputs("cluster1", "primary", { lostSite: "cluster2" }),
        }),
        "app-1",
        "pulumi config set replicationState resync -s cluster2",
    ],
    [
        "LOST_SITE_LEFTOVER",
        "the consent was used before",
        ask("primary", {
            intent: lost,
            own: seen(replaying),
            peer: w.UNREACHABLE,
            peerOutputs: peerHas,
            ownOutputs: outputs("cluster1", "secondary", { lostSite: "cluster2" }),
        }),
        "pulumi config rm lostSite -s cluster1",
    ],
    [
        "OWN_SPLIT_BRAIN",
        "own image in split brain",
        ask("primary", { own: seen({ ...handed, image: image("secondary", w.SPLIT) }), peer: seen(handed) }),
        "split-brain",
    ],
    [
        "OWN_RESYNCING",
        "own copy was given up",
        ask("primary", { own: seen(resyncing), peer: seen(handed) }),
        "pulumi config set replicationState secondary -s cluster1",
    ],
    [
        "OWN_RESYNCING",
        "own copy is being recreated, peer lost",
        ask("primary", {
            intent: lost,
            own: seen(volume({ vr: vr("secondary", "FTF", { autoResync: true }) })),
            peer: w.UNREACHABLE,
            peerOutputs: peerHas,
        }),
        "failing",
    ],
    [
        "OWN_COPY_MISSING",
        "own Ceph lacks the image",
        ask("primary", { own: seen(nothing({ image: image("missing") })), peer: seen(handed), peerOutputs: peerHas }),
        "does not exist",
    ],
    [
        "OWN_COPY_INCOMPLETE",
        "first copy not complete, peer lost",
        ask("primary", {
            intent: lost,
            own: seen({ ...replaying, image: image("secondary", { sync: { syncingPercent: 12 } }) }),
            peer: w.UNREACHABLE,
            peerOutputs: peerHas,
        }),
        "12% copied",
    ],
    [
        "OWN_COPY_INCOMPLETE",
        "peer lost before the first copy was complete, and no replayer says anything of it",
        ask("primary", {
            intent: lost,
            own: seen({ ...replaying, image: image("secondary", { sync: undefined, complete: false }) }),
            peer: w.UNREACHABLE,
            peerOutputs: peerHas,
        }),
        "never been complete",
    ],
    [
        "NOTHING_TO_RESTORE",
        "lost, and nobody has a record",
        ask("primary", { intent: lost, peer: w.UNREACHABLE }),
        "no `up` of it",
    ],
    [
        "RECORD_MISSING",
        "the peer holds it without a record",
        ask("primary", { peer: seen(volume()) }),
        "pulumi up -s cluster2",
    ],
    [
        "RECORD_MISSING",
        "the peer handed it over, but its first up was killed before it wrote a record",
        ask("primary", { peer: seen(handed) }),
        "pulumi up -s cluster2",
    ],
    [
        "VOLUME_LOST",
        "own record, nothing anywhere",
        ask("primary", { ownOutputs: outputs("cluster1", "primary", { terms: {} }) }),
        "nothing of it",
    ],
    ["PROVISION_UNSURE", "no record, peer silent", ask("primary", { peer: w.UNREACHABLE }), "ECONNREFUSED"],
    [
        "BOTH_PRIMARY_USE_RESYNC",
        "secondary asked in split brain",
        ask("secondary", { own: seen(primary), peer: seen(primary) }),
        "pulumi config set replicationState resync -s cluster1",
    ],
    [
        "BOTH_PRIMARY_USE_RESYNC",
        "both primary by the peer's outputs, which alone are known",
        ask("secondary", { own: seen(primary), peer: w.UNKNOWN, peerOutputs: peerHas }),
        "peerContext",
    ],
    [
        "PEER_AUTO_RESYNC",
        "the peer still has autoResync",
        ask("secondary", { own: seen(primary), peer: seen(resyncing) }),
        "pulumi config set replicationState secondary -s cluster2",
    ],
    [
        "PEER_AUTO_RESYNC",
        "the peer's outputs say resync",
        ask("secondary", { own: seen(primary), peer: w.UNKNOWN, peerOutputs: outputs("cluster2", "resync") }),
        "resync",
    ],
    [
        "PEER_SPLIT_BRAIN",
        "the peer's copy is in split brain",
        ask("secondary", { own: seen(primary), peer: seen({ ...replaying, image: image("secondary", w.SPLIT) }) }),
        "split-brain",
    ],
    [
        "PEER_HAS_NO_COPY",
        "the peer's Ceph lacks the image",
        ask("secondary", { own: seen(primary), peer: seen(nothing({ image: image("missing") })) }),
        "does not exist there",
    ],
    [
        "PEER_MIRROR_DOWN",
        "the peer's rbd-mirror is dead",
        ask("secondary", {
            own: seen(primary),
            peer: seen({ ...replaying, image: image("secondary", { state: "down+replaying" }) }),
        }),
        "down+replaying",
    ],
    [
        "PEER_BEHIND",
        "the first copy has not begun: its image is there, and not mirrored yet",
        ask("secondary", {
            own: seen(primary),
            peer: seen(nothing({ image: { exists: true, mirroring: "disabled", primary: false } })),
        }),
        "the first copy is not complete",
    ],
    [
        "OWN_MIRROR_DOWN",
        "rbd-mirror here cannot log in to the peer",
        ask("secondary", {
            own: seen({ ...primary, image: image("primary", { state: "down+stopped" }) }),
            peer: seen(replaying),
        }),
        "down+stopped",
    ],
    [
        "OWN_MIRROR_DOWN",
        "demoted already, and rbd-mirror here cannot report the handover",
        ask("secondary", {
            own: seen(
                volume({
                    vr: vr("secondary", "TTF", { term: 1 }),
                    image: image("secondary", { state: "down+stopped", sync: undefined }),
                }),
            ),
            peer: seen(replaying),
        }),
        "was demoted, and the handover is not reported",
        "rook-ceph-operator",
    ],
    [
        "OWN_MIRROR_HUNG",
        "rbd-mirror here still waits for a cluster that was lost",
        ask("secondary", {
            own: seen({ ...primary, image: image("primary", { state: "up+stopping_replay" }) }),
            peer: seen(replaying),
        }),
        "up+stopping_replay",
    ],
    [
        "PEER_NOT_REPLAYING",
        "the peer's VR fails",
        ask("secondary", { own: seen(primary), peer: seen(volume({ vr: vr("secondary", "FTF") })) }),
        "failing",
    ],
    [
        "PEER_NOT_REPLAYING",
        "the peer's controller has not answered since it was primary",
        ask("secondary", { own: seen(primary), peer: seen(volume({ vr: unanswered })) }),
        "pending",
    ],
    [
        "PEER_BEHIND",
        "the peer is an hour behind",
        ask("secondary", {
            own: seen(primary),
            peer: seen({
                ...replaying,
                image: image("secondary", { sync: { localSnapshotTimestamp: 0, remoteSnapshotTimestamp: 3600 } }),
            }),
        }),
        "1 h behind",
    ],
    [
        "PEER_BEHIND",
        "the peer has no complete copy yet",
        ask("secondary", {
            own: seen(primary),
            peer: seen({ ...replaying, image: image("secondary", { state: "up+syncing" }) }),
        }),
        "not complete",
    ],
    [
        "DEMOTION_WITHOUT_PEER",
        "the peer is silent",
        ask("secondary", { own: seen(primary), peer: w.UNREACHABLE }),
        "ECONNREFUSED",
    ],
    [
        "DEMOTION_WITHOUT_PEER",
        "the peer was never set up",
        ask("secondary", { own: seen(primary), peer: w.UNKNOWN }),
        "has no outputs",
    ],
    [
        "OWN_SPLIT_BRAIN_USE_RESYNC",
        "secondary in split brain",
        ask("secondary", { own: seen({ ...replaying, image: image("secondary", w.SPLIT) }), peer: seen(primary) }),
        "-s cluster1",
    ],
    [
        "RESYNC_UNFINISHED",
        "the copy was promoted with rbd meanwhile",
        ask("secondary", {
            own: seen(volume({ vr: vr("secondary", "TTT", { autoResync: true }), image: image("primary") })),
            peer: seen(primary),
        }),
        "image primary",
    ],
    [
        "RESYNC_UNFINISHED",
        "the fresh copy is not there yet",
        ask("secondary", {
            own: seen(volume({ vr: vr("secondary", "FTF", { autoResync: true }) })),
            peer: seen(primary),
        }),
        "failing",
    ],
    [
        "RESYNC_PEER_UNREACHABLE",
        "the peer is silent",
        ask("resync", { own: seen(primary), peer: w.UNREACHABLE }),
        "ECONNREFUSED",
    ],
    [
        "RESYNC_PEER_NOT_PRIMARY",
        "nobody is primary",
        ask("resync", { own: seen(handed), peer: seen(handed) }),
        "pulumi config set replicationState primary -s cluster2",
    ],
    [
        "RESYNC_PEER_NOT_PRIMARY",
        "the peer's image is not, whatever its VR says",
        ask("resync", {
            own: seen(primary),
            peer: seen(volume({ vr: vr("primary", "TFF"), image: image("secondary") })),
        }),
        "image not primary",
    ],
    [
        "RESYNC_NOTHING_HELD",
        "nothing to give up",
        ask("resync", { peer: seen(primary) }),
        "pulumi config set replicationState secondary -s cluster1",
    ],
    [
        "RESYNC_NOT_NEEDED",
        "a healthy secondary",
        ask("resync", { own: seen(replaying), peer: seen(primary) }),
        "up+replaying",
    ],
    [
        "TEARDOWN_ORDER",
        "the primary before the secondary",
        ask("primary", { intent: { teardown: true }, own: seen(primary), peer: seen(replaying) }),
        "pulumi destroy -s cluster2",
    ],
    [
        "TEARDOWN_NOT_REPLAYING",
        "both demoted",
        ask("secondary", { intent: { teardown: true }, own: seen(handed), peer: seen(handed) }),
        "remote image is not primary",
    ],
    [
        "TEARDOWN_PEER_UNKNOWN",
        "the peer may hold copies",
        ask("primary", {
            intent: { teardown: true },
            own: seen(primary),
            peer: w.UNREACHABLE,
            peerOutputs: outputs("cluster2", "secondary"),
        }),
        "ECONNREFUSED",
    ],
];

describe("refusals", () => {
    test.each(CASES)("%s: %s", (code, _, input, ...words) => {
        const decision = decide(input);
        expect(decision).toMatchObject({ kind: "refusal", code });
        const text = describeRefusal(decision as Refusal);
        for (const word of [code, ...words]) expect(text).toContain(word);
        expectUseful(decision as Refusal);
    });

    test("VOLUME_IN_USE: a volume that is to be demoted is still mounted", () => {
        const context = contextOf(ask("secondary", { own: seen({ ...primary, pods: ["app-1"] }) }));
        const refusal = guardInUse(context, w.KEY);
        expect(refusal).toMatchObject({ code: "VOLUME_IN_USE" });
        expect(describeRefusal(refusal!)).toContain("app-1");
        expectUseful(refusal!);
        expect(guardInUse(contextOf(ask("secondary", { own: seen(primary) })), w.KEY)).toBeUndefined();
    });

    test("VR_DRIFTED: Pulumi left a VR alone that was changed by hand", () => {
        const healthy = ask("secondary", { own: seen(volume({ vr: vr("secondary", "TFF") })), peer: seen(primary) });
        const plan = decide(healthy) as Plan;
        expect(unfinished(plan, healthy)).toBeUndefined();
        const refusal = unfinished(plan, ask("secondary", { own: seen(primary), peer: seen(primary) }));
        expect(refusal).toMatchObject({ code: "VR_DRIFTED" });
        expect(describeRefusal(refusal!)).toContain("pulumi refresh -s cluster1");
        expectUseful(refusal!);
    });

    test("PLAN_CHANGED: what was planned would not be planned now", () => {
        const first = ask("primary", { peer: seen(nothing()) });
        const [planned] = (decide(first) as Plan).volumes;
        expect(stillPlanned(planned!, first)).toBeUndefined();
        const handedOver = ask("primary", {
            peer: seen(handed),
            peerOutputs: outputs("cluster2", "secondary", { handedOver: [w.KEY], term: 1 }),
        });
        const refusal = stillPlanned(planned!, handedOver);
        expect(refusal).toMatchObject({ code: "PLAN_CHANGED" });
        expect(describeRefusal(refusal!)).toContain("to be provision, now restore");
        expectUseful(refusal!);
        expect(stillPlanned(planned!, ask("primary", { peer: seen(primary) }))).toMatchObject({ code: "PEER_PRIMARY" });
    });

    test("each one in the catalogue is reached above", () => {
        const reached = new Set<string>([
            ...CASES.map(([code]) => code),
            "VOLUME_IN_USE",
            "VR_DRIFTED",
            "PLAN_CHANGED",
            // In adopted.test.ts and workloads.test.ts.
            ...Object.keys(ADOPTION_REFUSALS),
            // In groups/decide.test.ts.
            ...Object.keys(GROUP_REFUSALS),
        ]);
        expect(Object.keys(REFUSALS).filter((code) => !reached.has(code))).toEqual([]);
    });
});

describe("docs/refusals.md", () => {
    const text = readFileSync(new URL("../../../docs/refusals.md", import.meta.url), "utf8");
    const documented = [...text.matchAll(/^### (\w+)$/gm)].map((m) => m[1]!);

    test("has each code once, and no other", () => {
        expect([...documented].sort()).toEqual(Object.keys(REFUSALS).sort());
    });

    test.each(Object.keys(REFUSALS))("%s says when and what to do", (code) => {
        const entry = text.split(`### ${code}\n`)[1]!.split(/^##/m)[0]!;
        expect(entry).toMatch(/\*\*When\*\*/);
        expect(entry).toMatch(/\*\*Do\*\*/);
    });
});

function expectUseful(refusal: Refusal): void {
    expect(refusal.seen.length).toBeGreaterThan(0);
    expect(refusal.next.length).toBeGreaterThan(0);
    for (const line of [refusal.reason, ...refusal.seen, ...refusal.next]) {
        expect(line.trim()).not.toBe("");
        expect(line).not.toMatch(/undefined|\[object|NaN/);
    }
    expect(refusal.next.join("\n")).toMatch(/pulumi |kubectl |put |add |rename |stop |bring |give |wait/);
}
