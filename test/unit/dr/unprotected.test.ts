/**
 * A primary whose VR was deleted by hand while its application writes: no second site may serve beside it, and none of the states
 * that only look alike is refused for it.
 */
import { describe, expect, test } from "@jest/globals";
import { decide } from "../../../dr/decide.js";
import type { DecisionInput, ImageSnapshot, Refusal, VolumeSnapshot } from "../../../dr/model.js";
import * as w from "./world.js";

const { ask, image, nothing, outputs, seen, volume, vr } = w;
const UNMIRRORED: ImageSnapshot = { exists: true, mirroring: "disabled", primary: false };
const lost = { lostSite: "cluster2" };
const primary = volume({ vr: vr("primary", "TFF", { term: 3 }), image: image("primary") });
const replaying = volume({ vr: vr("secondary", "TTT", { term: 1 }), image: image("secondary") });
/** What cluster2 is like: no VR, not mirrored, in use. */
const bare = volume({ pods: ["app-1"], image: UNMIRRORED });
const unseen = volume({ pods: ["app-1"] });
const wasPrimary = outputs("cluster2", "primary", { term: 2 });

const beside = (own: VolumeSnapshot, peer: VolumeSnapshot, more: Parameters<typeof ask>[1] = {}): DecisionInput =>
    ask("primary", { own: seen(own), peer: seen(peer), peerOutputs: wasPrimary, ...more });
const codeOf = (input: DecisionInput) => {
    const decision = decide(input);
    return decision.kind === "refusal" ? decision.code : decision.operation;
};

describe("two sites never serve", () => {
    test.each<[string, DecisionInput, string]>([
        ["primary here by VR and image: split brain", beside(primary, bare), "BOTH_PRIMARY"],
        ["primary here by its VR alone", beside({ ...primary, image: undefined }, bare), "BOTH_PRIMARY"],
        ["a copy here that is to be promoted", beside(replaying, bare), "PEER_PRIMARY"],
        [
            "a copy here with a later term",
            beside(volume({ vr: vr("secondary", "TTF", { term: 9 }) }), bare),
            "PEER_PRIMARY",
        ],
        ["nothing here but the image", beside(nothing({ image: image("secondary") }), bare), "PEER_PRIMARY"],
        ["the copy here went with its mirroring", beside(nothing({ image: image("missing") }), bare), "PEER_PRIMARY"],
        ["attached, and no pod seen", beside(primary, { ...bare, pods: [], attachments: ["csi-1"] }), "BOTH_PRIMARY"],
        [
            "mirroring on its way out",
            beside(primary, { ...bare, image: { ...UNMIRRORED, mirroring: "disabling" } }),
            "BOTH_PRIMARY",
        ],
        ["declared lost, and a copy here", beside(replaying, bare, { intent: lost }), "LOST_SITE_ALIVE"],
        ["declared lost, and primary here", beside(primary, bare, { intent: lost }), "BOTH_PRIMARY"],
        ["Ceph cannot be seen, left primary by its last up", beside(primary, unseen), "BOTH_PRIMARY"],
        ["Ceph cannot be seen, and a copy here", beside(replaying, unseen), "PEER_PRIMARY"],
    ])("%s", (_, input, code) => {
        expect(codeOf(input)).toBe(code);
    });

    test("says what is the matter in plain words, and how to go on with what serves", () => {
        const { reason, next } = decide(beside(replaying, bare)) as Refusal;
        expect(reason).toContain(
            "nothing replicates it: there is no VolumeReplication of it there, and its image is not mirrored, yet it is in use",
        );
        expect(next[0]).toContain("pulumi config set replicationState primary -s cluster2 && pulumi up -s cluster2");
        expect(next.at(-1)).toContain("lostSite cluster2 -s cluster1");
        const gone = decide(beside(nothing({ image: image("missing") }), bare)) as Refusal;
        expect(gone.next.join()).not.toContain("lostSite");
    });

    test("in split brain the way out is lostSite, not a resync that has no source", () => {
        const { reason, next } = decide(beside(primary, bare)) as Refusal;
        expect(reason).toContain("Both sites serve default/rbd-pvc");
        expect(next).toHaveLength(2);
        expect(next[0]).toMatch(/^to keep cluster1's copy.*stop the workloads of cluster2/);
        expect(next[1]).toMatch(
            /^to keep cluster2's copy.*stop the workloads of cluster1.*lostSite cluster1 -s cluster2/,
        );
        expect(decide(beside(primary, unseen))).toMatchObject({
            reason: expect.stringContaining("its image cannot be looked at"),
        });
    });
});

describe("what only looks alike goes on", () => {
    const other = { phase: "Bound", volumeName: "pvc-other", uid: "o", deleting: false };
    test.each<[string, DecisionInput, string]>([
        ["not in use, as after pulumi destroy", beside(primary, { ...bare, pods: [] }), "steady"],
        [
            "out of use, its VR to be made by its next up",
            beside(primary, volume({ image: image("secondary") })),
            "steady",
        ],
        [
            "pods that wait for a copy that is mirrored",
            beside(primary, { ...bare, image: image("secondary") }),
            "steady",
        ],
        ["pods that wait for an image that is gone", beside(primary, { ...bare, image: image("missing") }), "steady"],
        ["pods that wait for a claim that is not there", beside(primary, nothing({ pods: ["app-1"] })), "steady"],
        [
            "pods that wait for a claim that is not bound",
            beside(primary, { ...bare, pvc: { ...other, volumeName: undefined } }),
            "steady",
        ],
        ["another volume of that name", beside(primary, { ...bare, pvc: other }), "steady"],
        ["a copy with its VR, whatever mounts it", beside(primary, { ...replaying, pods: ["app-1"] }), "steady"],
        [
            "Ceph cannot be seen, and its last up left it secondary",
            beside(primary, unseen, { peerOutputs: outputs("cluster2", "secondary") }),
            "steady",
        ],
        [
            "Ceph cannot be seen, and its stack was destroyed",
            beside(primary, unseen, { peerOutputs: w.NONE }),
            "steady",
        ],
        [
            "the peer is silent",
            ask("primary", { own: seen(primary), peer: w.UNREACHABLE, peerOutputs: wasPrimary }),
            "steady",
        ],
        ["lost and out of use", beside(replaying, { ...bare, pods: [] }, { intent: lost }), "forced-promotion"],
        [
            "a planned move: demoted with its VR, and handed over",
            beside(
                replaying,
                volume({ vr: vr("secondary", "TFF", { term: 2 }), image: image("secondary", w.BOTH_DEMOTED) }),
            ),
            "planned-promotion",
        ],
        ["a first deployment", ask("primary"), "provision"],
        // As ever: a claim that no stack has a record of.
        ["a claim there that was never replicated", ask("primary", { peer: seen(bare) }), "RECORD_MISSING"],
    ])("%s", (_, input, expected) => {
        expect(codeOf(input)).toBe(expected);
    });

    test("an application there that is not protected yet, below a secondary here", () => {
        expect(codeOf(ask("secondary", { peer: seen(bare) }))).toBe("join-as-secondary");
    });

    test("an application there whose volume was let go, while others are primary here", () => {
        const names = ["rbd-pvc", "other"].map((name) => ({ name, namespace: "default", size: "1Gi" }));
        const released = { ...bare, key: "default/other" };
        const input = (volumes: typeof names) =>
            ask("primary", {
                intent: { volumes, release: ["default/other"] },
                own: seen(primary),
                peer: seen(replaying, released),
                peerOutputs: outputs("cluster2", "secondary", { term: 2 }),
            });
        expect(codeOf(input(names.slice(0, 1)))).toBe("steady");
    });
});

test("a primary is not demoted below it either: it receives nothing, and both copies are of worth", () => {
    for (const peer of [bare, unseen]) {
        const refusal = decide(
            ask("secondary", { own: seen(primary), peer: seen(peer), peerOutputs: wasPrimary }),
        ) as Refusal;
        expect(refusal.code).toBe("PEER_BEHIND");
        expect(refusal.next[1]).toContain("lostSite cluster1 -s cluster2");
    }
});

describe("it is no source of a resync", () => {
    test.each([
        ["seen", bare],
        ["not seen", unseen],
    ])("images %s", (_, peer) => {
        const refusal = decide(
            ask("resync", { own: seen(primary), peer: seen(peer), peerOutputs: wasPrimary }),
        ) as Refusal;
        expect(refusal.code).toBe("RESYNC_PEER_NOT_PRIMARY");
        expect(refusal.next[0]).toContain("lostSite cluster1 -s cluster2");
    });

    test("nor is it given up by one: its image has to be removed, which the refusal says", () => {
        const input = ask("resync", { own: seen(bare), peer: seen(primary), peerOutputs: wasPrimary });
        const refusal = decide(input) as Refusal;
        expect(refusal).toMatchObject({
            code: "HALF_PROVISIONED",
            reason: expect.stringContaining("its VR is gone"),
        });
        expect(refusal.next[0]).toContain("rbd rm replicapool/csi-vol-1");
        expect(refusal.next[1]).toContain("lostSite cluster2 -s cluster1");
    });
});

describe("its own up makes the VR again", () => {
    const own = outputs("cluster1", "primary", { term: 2 });
    test.each<[string, VolumeSnapshot, VolumeSnapshot]>([
        ["the peer has never held it", bare, nothing({ image: image("missing") })],
        [
            "the peer has a VR, and its copy is gone",
            bare,
            volume({ vr: vr("secondary", "FTF", { term: 1 }), image: image("missing") }),
        ],
        [
            "Ceph cannot be seen, and the peer had handed over",
            unseen,
            volume({ vr: vr("secondary", "TTT", { term: 1 }) }),
        ],
    ])("%s", (_, here, peer) => {
        const peerOutputs = outputs("cluster2", "secondary", { term: 1, handedOver: [w.KEY] });
        const decision = decide(ask("primary", { own: seen(here), peer: seen(peer), ownOutputs: own, peerOutputs }));
        expect(decision).toMatchObject({ operation: "planned-promotion", volumes: [{ vr: { term: 3 } }] });
    });

    test("not where both may have been primary, and Ceph cannot be seen", () => {
        const demoted = volume({ vr: vr("secondary", "TTF", { term: 1 }) });
        expect(codeOf(ask("primary", { own: seen(unseen), peer: seen(demoted), ownOutputs: own }))).toBe(
            "PEER_NOT_HANDED_OVER",
        );
    });

    test("not where the peer was promoted since: its copy is the newer one", () => {
        const demoted = volume({ vr: vr("secondary", "TTF", { term: 5 }) });
        expect(codeOf(ask("primary", { own: seen(bare), peer: seen(demoted), ownOutputs: own }))).toBe(
            "PEER_NOT_HANDED_OVER",
        );
    });

    test("in split brain its lostSite leads out, as the peer's line would be refused", () => {
        const { code, next } = decide(
            ask("primary", { own: seen(bare), peer: seen(primary), ownOutputs: own }),
        ) as Refusal;
        expect(code).toBe("PEER_PRIMARY");
        expect(next[0]).toContain("lostSite cluster2 -s cluster1");
    });
});
