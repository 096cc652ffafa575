/** Both stacks' `up` started together: the promotion is planned ahead, and waits for the handover. */
import { beforeEach, describe, expect, jest, test } from "@jest/globals";
import { decide } from "../../../dr/decide.js";
import { decideAhead } from "../../../dr/groups/ahead.js";
import { decideSite } from "../../../dr/groups/decide.js";
import type { DecisionInput, Plan, SitePlan } from "../../../dr/model.js";
import { stillPlanned } from "../../../dr/outcome.js";
import { waitHandover } from "../../../gates/peer-handover.js";
import { ask, image, KEY, outputs, seen, volume, vr, BOTH_DEMOTED, SPLIT, UNREACHABLE } from "../dr/world.js";

beforeEach(() => void jest.spyOn(console, "log").mockImplementation(() => undefined));

const peerOutputs = outputs("cluster2", "primary", { term: 1 });
const from = (peer: DecisionInput["peer"], own?: DecisionInput["own"]) =>
    ask("primary", { peer, peerOutputs, ...(own === undefined ? {} : { own }) });
const primaryPeer = seen(volume({ vr: vr("primary", "TFF", { term: 1 }), image: image("primary") }));
const stillPrimary = from(primaryPeer);
const demoting = from(seen(volume({ vr: vr("secondary", "TTF", { term: 1 }), image: image("secondary") })));
const handedOver = from(
    seen(
        volume({
            vr: vr("secondary", "TFF", { term: 1 }),
            image: image("secondary", BOTH_DEMOTED),
        }),
    ),
);
const gone = from(UNREACHABLE);
const split = from(primaryPeer, seen(volume({ image: image("secondary", SPLIT) })));
const verdict = (input: DecisionInput) => {
    const decision = decide(input);
    return decision.kind === "refusal" ? decision.code : decision.operation;
};

test("the looks are what they are called", () => {
    expect([stillPrimary, demoting, handedOver, gone].map(verdict)).toEqual([
        "PEER_PRIMARY",
        "PEER_NOT_HANDED_OVER",
        "planned-promotion",
        "PEER_UNREACHABLE",
    ]);
});

describe("a plan made ahead", () => {
    test.each([
        ["the peer is primary", stillPrimary],
        ["the peer is being demoted", demoting],
    ])("while %s, it is the plan that there will be", (_, input) => {
        const ahead = decideAhead(input);
        expect([...ahead.pending]).toEqual(["default"]);
        expect(ahead.decision).toEqual(decideSite(handedOver));
    });

    test("until then it may change no VR, and then it may", () => {
        const [{ volumes }] = (decideAhead(stillPrimary).decision as SitePlan).groups as [Plan];
        expect(stillPlanned(volumes[0]!, stillPrimary)).toMatchObject({ code: "PEER_PRIMARY" });
        expect(stillPlanned(volumes[0]!, demoting)).toMatchObject({ code: "PEER_NOT_HANDED_OVER" });
        expect(stillPlanned(volumes[0]!, handedOver)).toBeUndefined();
    });

    test("where the handover is there already, nothing is assumed", () => {
        expect(decideAhead(handedOver)).toEqual({ decision: decideSite(handedOver), pending: new Set() });
    });

    test.each([
        ["the peer cannot be looked at", gone],
        ["this copy is in split brain", split],
    ])("where %s, the refusal is the one that there is now", (_, input) => {
        expect(decideAhead(input)).toEqual({ decision: decideSite(input), pending: new Set() });
        expect(decide(input).kind).toBe("refusal");
    });

    test("what was seen is left as it was", () => {
        const before = structuredClone(stillPrimary);
        decideAhead(stillPrimary);
        expect(stillPrimary).toEqual(before);
    });
});

describe("the wait for the handover", () => {
    /** Looks that come one after the other; the last one stays. */
    async function waited(inputs: DecisionInput[], seconds = 60, whole = true) {
        let taken = 0;
        const look = async () => ({ now: inputs[Math.min(taken++, inputs.length - 1)]!, whole });
        return { last: await waitHandover("cluster2", { volumes: [KEY], look, decide, seconds }), taken };
    }

    test("lasts through the peer's demotion, and ends with the handover", async () => {
        expect(await waited([demoting, demoting, handedOver])).toEqual({ last: handedOver, taken: 3 });
    });

    test("ends at once when something else is missing: the last look before the VR says what", async () => {
        expect(await waited([demoting, gone, handedOver])).toEqual({ last: gone, taken: 2 });
    });

    test("a look that has not seen everything is not given on", async () => {
        expect(await waited([handedOver], 60, false)).toEqual({ last: undefined, taken: 1 });
    });

    test("when time is up, the error is the refusal", async () => {
        await expect(waited([demoting], 1)).rejects.toThrow(/PEER_NOT_HANDED_OVER/);
    });
});
