/** Who waits for many volumes' handover glances at them, and opens images only when that may tell something. */
import { describe, expect, test } from "@jest/globals";
import { keyOf } from "../../../dr/facts.js";
import type { DecisionInput, VolumeSnapshot } from "../../../dr/model.js";
import { handoverLook } from "../../../gates/handover-look.js";
import { ask, BOTH_DEMOTED, image, outputs, seen, volume, vr } from "../dr/world.js";

const MANY = 30;
const copy = { primary: { image: image("secondary") }, demoted: { image: image("secondary", BOTH_DEMOTED) } };
const source = {
    primary: { vr: vr("primary", "TFF", { term: 1 }), image: image("primary") },
    demoted: { vr: vr("secondary", "TTF", { term: 1 }), image: image("secondary", BOTH_DEMOTED) },
};

/** The other site has demoted so many of the volumes. */
function demoted(count: number, of = MANY): DecisionInput {
    const volumes = Array.from({ length: of }, (_, i) => ({ name: `data-${i}`, namespace: "shop", size: "1Gi" }));
    const side = (parts: typeof copy | typeof source): VolumeSnapshot[] =>
        volumes.map(({ name }, i) => volume({ ...parts[i < count ? "demoted" : "primary"], key: `shop/${name}` }));
    return ask("primary", {
        intent: { volumes },
        own: seen(...side(copy)),
        peer: seen(...side(source)),
        peerOutputs: outputs("cluster2", "primary", { term: 1 }),
    });
}

/** Looks a few times while the other site demotes as given; says which of the looks have seen everything. */
async function looks(
    states: readonly DecisionInput[],
    from: "own" | "peer" = "peer",
    waiting = states[0]!.intent.volumes.map(keyOf),
): Promise<boolean[]> {
    let at = 0;
    const now = () => Promise.resolve(states[at]!);
    const look = handoverLook({ input: states[0]!, again: now, glance: now }, from);
    const whole: boolean[] = [];
    for (; at < states.length; at++) whole.push((await look(waiting)).whole);
    return whole;
}

const mirrored = ({ own, peer, ...rest }: DecisionInput): DecisionInput => ({ ...rest, own: peer, peer: own });

describe("with many volumes", () => {
    test("images are opened once all are demoted", async () => {
        expect(await looks([0, 10, 29, 30].map((count) => demoted(count)))).toEqual([false, false, false, true]);
    });

    test("and where nothing has moved since the glance before, to see what is missing", async () => {
        expect(await looks([3, 3, 4, 4].map((count) => demoted(count)))).toEqual([false, true, false, true]);
    });

    test("of the other site, only those that are waited for count", async () => {
        const states = [10, 11, 12].map((count) => demoted(count));
        expect(await looks(states, "peer", ["shop/data-0"])).toEqual([true, true, true]);
        expect(await looks(states, "peer", ["shop/data-29"])).toEqual([false, true, true]);
    });

    test("the same for the site that is demoted itself; one that the other site has promoted is not opened", async () => {
        const promoted = demoted(30);
        const after = seen(
            ...promoted.intent.volumes.map(({ name }) => volume({ ...source.primary, key: `shop/${name}` })),
        );
        const states = [0, 10, 30].map((count) => mirrored(demoted(count)));
        expect(await looks([...states, { ...states[1]!, peer: after }], "own")).toEqual([false, false, true, false]);
    });

    test("the site that is demoted itself opens no images for a few, while others still are to be demoted", async () => {
        const states = [10, 11, 12, 30].map((count) => mirrored(demoted(count)));
        expect(await looks(states, "own", ["shop/data-0"])).toEqual([false, false, false, true]);
    });

    test("a site that does not answer is looked at whole", async () => {
        const gone = { reach: "unreachable", at: "2026-03-01T12:00:00.000Z", error: "no answer" } as const;
        expect(await looks([{ ...demoted(0), peer: gone }])).toEqual([true]);
    });
});

test("few volumes are looked at whole each time", async () => {
    expect(await looks([0, 1, 2].map((count) => demoted(count, 2)))).toEqual([true, true, true]);
});
