/** What counts as handed over: the one thing that a promotion without loss rests on. */
import { describe, expect, test } from "@jest/globals";
import { decide } from "../../../dr/decide.js";
import { glanced, hasHandedOver } from "../../../dr/handed-over.js";
import type { ImageSnapshot, VolumeSnapshot } from "../../../dr/model.js";
import { ARRIVED, ask, BOTH_DEMOTED, DEMOTED, image, outputs, seen, SPLIT, volume, vr } from "./world.js";

const demoted = volume({ vr: vr("secondary", "TTF", { term: 1 }), image: image("secondary", DEMOTED) });
const received = volume({ image: image("secondary", ARRIVED) });

const ofCopy = (more: Partial<ImageSnapshot>) => volume({ image: image("secondary", { ...ARRIVED, ...more }) });
const ofDemoted = (more: Partial<ImageSnapshot>) => ({
    ...demoted,
    image: image("secondary", { ...DEMOTED, ...more }),
});

test("the controller's word is enough, whatever else can be seen", () => {
    const said = volume({ vr: vr("secondary", "TFF", { term: 1 }) });
    expect(hasHandedOver(said, undefined)).toBe(true);
    expect(hasHandedOver(said, volume())).toBe(true);
});

test("so is Ceph's: the copy ends with the demotion that the other image ends with", () => {
    expect(hasHandedOver(demoted, received)).toBe(true);
});

test("so it is where the controller has looked once more, and too early", () => {
    expect(hasHandedOver({ ...demoted, vr: vr("secondary", "FTF", { term: 1 }) }, received)).toBe(true);
});

const asked = (...more: Parameters<typeof vr>): VolumeSnapshot => ({ ...demoted, vr: vr(...more) });

describe("Ceph's word does not count where", () => {
    const cases: [string, VolumeSnapshot | undefined, VolumeSnapshot | undefined][] = [
        ["the demotion has not been asked", asked("primary", "TFF", { term: 1 }), received],
        ["the demotion has not been answered", asked("secondary", "TTF", { term: 1, stale: true }), received],
        ["the demotion has never been answered", asked("secondary", "none", { term: 1 }), received],
        ["the copy that was demoted is being given up", asked("secondary", "TTF", { autoResync: true }), received],
        ["the VR is being deleted", asked("secondary", "TTF", { deleting: true }), received],
        ["the VR is gone", { ...demoted, vr: undefined }, received],
        ["the copy still replays", demoted, volume({ image: image("secondary") })],
        ["the copy's newest snapshot is not whole", demoted, volume({ image: image("secondary", BOTH_DEMOTED) })],
        ["the demoted image's snapshots were not looked at", ofDemoted({ newest: undefined }), received],
        ["the copy ends with an earlier demotion", demoted, ofCopy({ newest: { ...ARRIVED.newest, copyOf: 5 } })],
        [
            "the copy ends with a snapshot of a schedule",
            demoted,
            ofCopy({ newest: { ...ARRIVED.newest, demotion: false } }),
        ],
        [
            "the other image ends with one of a schedule",
            ofDemoted({ newest: { ...DEMOTED.newest, demotion: false } }),
            received,
        ],
        ["both were primary and demoted", demoted, ofCopy({ newest: { id: 7, demotion: true } })],
        ["both are copies", ofDemoted({ newest: { id: 7, demotion: true, copyOf: 3 } }), received],
        [
            "this site's rbd-mirror has not reported it",
            { ...demoted, image: image("secondary", { newest: DEMOTED.newest }) },
            received,
        ],
        ["the peer is primary", demoted, ofCopy({ primary: true, state: "up+stopped" })],
        ["the image was promoted", ofDemoted({ primary: true, state: "up+stopped" }), received],
        ["the copies have parted", demoted, ofCopy(SPLIT)],
        ["the copy is no longer mirrored", demoted, ofCopy({ mirroring: "disabled" })],
        ["the peer's Ceph cannot be looked at", demoted, volume()],
        ["this site's Ceph cannot be looked at", { ...demoted, image: undefined }, received],
        ["the peer cannot be looked at", demoted, undefined],
        ["there is nothing here", undefined, received],
    ];
    test.each(cases)("%s", (_, from, to) => expect(hasHandedOver(from, to)).toBe(false));
});

describe("a volume whose snapshots nobody has looked at", () => {
    const glance = ({ newest: _, ...more }: Partial<ImageSnapshot>) => image("secondary", more);
    const source = { primary: image("primary"), demoted: glance(DEMOTED), replaying: image("secondary") };
    const after = vr("secondary", "TTF", { term: 1 });
    const told = (own: ImageSnapshot | undefined, copy: ImageSnapshot | undefined, asks = after) =>
        glanced(volume({ vr: asks, image: own }), volume({ image: copy }));

    test("moves while an image is primary on the site that is demoted, or one of them is not seen to wait", () => {
        expect(told(source.primary, source.replaying)).toBe("moves");
        expect(told(source.demoted, source.replaying)).toBe("moves");
        expect(told(source.demoted, glance(SPLIT))).toBe("moves");
    });

    test("is or was handed over where the controller says so, or the other site is primary", () => {
        expect(told(source.demoted, source.replaying, vr("secondary", "TFF", { term: 1 }))).toBe("over");
        expect(told(source.replaying, source.primary)).toBe("over");
    });

    test("needs a closer look once both images wait, or where one is not seen", () => {
        expect(told(source.demoted, glance(ARRIVED))).toBe("unclear");
        expect(told(undefined, glance(ARRIVED))).toBe("unclear");
        expect(told(source.primary, undefined)).toBe("unclear");
        expect(glanced(undefined, undefined)).toBe("unclear");
    });
});

test("the other site may be promoted on Ceph's word, and not before", () => {
    const verdict = (copy: VolumeSnapshot) => {
        const peerOutputs = outputs("cluster2", "primary", { term: 1 });
        const decision = decide(ask("primary", { own: seen(copy), peer: seen(demoted), peerOutputs }));
        return decision.kind === "plan" ? decision.operation : decision.code;
    };
    expect(verdict(received)).toBe("planned-promotion");
    expect(verdict(volume({ image: image("secondary", BOTH_DEMOTED) }))).toBe("PEER_NOT_HANDED_OVER");
});
