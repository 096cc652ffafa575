/** A site that was demoted waits for its handover, and says what it waits for. */
import { beforeEach, describe, expect, jest, test } from "@jest/globals";
import { decide } from "../../../dr/decide.js";
import type { VolumePlan, VolumeSnapshot } from "../../../dr/model.js";
import { ownHandovers } from "../../../gates/own-handover.js";
import {
    ARRIVED,
    ask,
    BOTH_DEMOTED,
    DEMOTED,
    image,
    KEY,
    outputs,
    seen,
    UNREACHABLE,
    volume,
    vr,
} from "../dr/world.js";

beforeEach(() => void jest.spyOn(console, "log").mockImplementation(() => undefined));

const demoted = volume({ vr: vr("secondary", "TTF", { term: 1 }), image: image("secondary", DEMOTED) });
const received = volume({ image: image("secondary", ARRIVED) });
const unsaid = volume({ image: image("secondary", BOTH_DEMOTED) });
const primary = volume({ vr: vr("primary", "TFF", { term: 1 }), image: image("primary") });
const handedOver = volume({ vr: vr("secondary", "TFF", { term: 1 }), image: image("secondary", BOTH_DEMOTED) });
const replaying = volume({ vr: vr("secondary", "TTT", { term: 1 }), image: image("secondary") });

describe("the wait for a handover", () => {
    const plan: VolumePlan = {
        key: KEY,
        spec: { name: "rbd-pvc", namespace: "default", size: "1Gi" },
        source: "provision",
        vr: {
            replicationState: "secondary",
            autoResync: false,
            waitFor: "demoted",
            term: 1,
            awaitsHandover: true,
        },
        summary: "demoted",
    };
    type Look = [VolumeSnapshot | undefined, VolumeSnapshot | undefined];

    /** Looks at one state after the other, and at the last one for ever; tells how often it looked. */
    async function waited(looks: Look[], seconds = 5) {
        let count = 0;
        const inputs = looks.map(([own, peer]) =>
            ask("secondary", {
                own: own === undefined ? UNREACHABLE : seen(own),
                peer: peer === undefined ? UNREACHABLE : seen(peer),
                ownOutputs: outputs("cluster1", "primary", { term: 1 }),
            }),
        );
        const look = () => Promise.resolve({ now: inputs[Math.min(count++, inputs.length - 1)]!, whole: true });
        await ownHandovers("cluster2", { seconds, interval: 0.001, look, decide })(plan);
        return count;
    }

    test("ends when Ceph shows that the demotion has arrived, whether or not the controller has looked again", async () => {
        expect(
            await waited([
                [demoted, replaying],
                [undefined, received],
                [demoted, received],
            ]),
        ).toBe(3);
    });

    test("ends when the controller says so, where Ceph does not show it", async () => {
        expect(
            await waited([
                [demoted, unsaid],
                [demoted, volume()],
                [handedOver, unsaid],
            ]),
        ).toBe(3);
    });

    test.each<[string, Look]>([
        ["the other site has been promoted on it, whatever the VR says by then", [demoted, primary]],
        [
            "the copy replays from a later term of the other site",
            [replaying, volume({ vr: vr("primary", "none", { term: 2 }) })],
        ],
    ])("is over where %s", async (_, after) => {
        expect(await waited([[demoted, unsaid], after])).toBe(2);
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
