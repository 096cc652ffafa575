/** The last look before a change bears an API server that is busy, and not one that is gone. */
import { expect, test } from "@jest/globals";
import { decide } from "../../../dr/decide.js";
import type { DecisionInput } from "../../../dr/model.js";
import { answeredLook } from "../../../gates/answered-look.js";
import { ARRIVED, ask, DEMOTED, image, outputs, seen, UNREACHABLE, volume, vr } from "../dr/world.js";

const handed = ask("primary", {
    own: seen(volume({ vr: vr("secondary", "TTT"), image: image("secondary", ARRIVED) })),
    peer: seen(volume({ vr: vr("secondary", "TTF", { term: 1 }), image: image("secondary", DEMOTED) })),
    peerOutputs: outputs("cluster2", "primary", { term: 1 }),
});
const busy = { ...handed, own: UNREACHABLE };
const busyPeer = { ...handed, peer: UNREACHABLE };
const lost = { ...busyPeer, intent: { ...handed.intent, lostSite: "cluster2" } };
const primary = { ...handed, peer: seen(volume({ vr: vr("primary", "TFF", { term: 2 }), image: image("primary") })) };

/** Looks at one state after the other, and at the last one for ever; tells how often it looked, and what it took. */
async function looked(...inputs: DecisionInput[]) {
    let count = 0;
    const again = () => Promise.resolve(inputs[Math.min(count++, inputs.length - 1)]!);
    const taken = await answeredLook(again, (now) => decide(now).kind === "plan", 1);
    return { count, taken };
}

test.each<[string, DecisionInput[], number, DecisionInput]>([
    ["both sites answer", [handed], 1, handed],
    ["this site answers the next time", [busy, handed], 2, handed],
    ["the peer answers the next time", [busyPeer, busyPeer, handed], 3, handed],
    ["nobody answers: a few looks, and then it is so", [busy], 4, busy],
    ["the peer does not answer, and is declared lost", [lost, handed], 1, lost],
    ["what stands in the way is something else", [primary, handed], 1, primary],
])("%s", async (_, inputs, count, taken) => {
    expect(await looked(...inputs)).toEqual({ count, taken });
});
