/** What a step leaves behind, and what may be assumed of it; the whole chains are tested in test/unit/cli over the model. */
import { describe, expect, test } from "@jest/globals";
import { assume, formatAssumption, parseAssumption } from "../../../dr/assume.js";
import { decide } from "../../../dr/decide.js";
import { withAssumption } from "../../../observe/assumption.js";
import { ask, image, nothing, outputs, seen, UNREACHABLE, volume, vr } from "./world.js";

/** cluster1 asks to be primary while cluster2 still is. */
const early = ask("primary", {
    own: seen(volume({ image: image("secondary") })),
    peer: seen(volume({ vr: vr("primary", "TFF", { term: 3 }), image: image("primary"), pods: ["app"] })),
    ownOutputs: outputs("cluster1", "secondary", { term: 2 }),
    peerOutputs: outputs("cluster2", "primary", { term: 3, sources: { "default/rbd-pvc": "provision" } }),
});

describe("text", () => {
    test("there and back", () => {
        const steps = parseAssumption("cluster1/shop=secondary, cluster2=primary");
        expect(steps).toEqual([
            { site: "cluster1", group: "shop", state: "secondary" },
            { site: "cluster2", state: "primary" },
        ]);
        expect(parseAssumption(formatAssumption(steps))).toEqual(steps);
    });

    test.each([
        "",
        "cluster1",
        "cluster1=",
        "cluster1=gone",
        "=primary",
        "a=primary=b",
        "a=primary,",
        "a/=primary",
        "a/b/c=primary",
    ])("%j is refused, with what can be given", (text) =>
        expect(() => parseAssumption(text)).toThrow(/SITE=STATE or SITE\/GROUP=STATE.*primary, secondary, resync/),
    );
});

test("a promotion that is refused now is planned on the assumption that the peer has handed over", () => {
    expect(decide(early)).toMatchObject({ code: "PEER_PRIMARY" });
    const assumed = assume(early, [{ site: "cluster2", state: "secondary" }]);
    if (assumed.kind !== "assumed") throw new Error("unassumable");
    expect(decide(assumed.input)).toMatchObject({
        operation: "planned-promotion",
        volumes: [{ vr: { replicationState: "primary", term: 4 } }],
    });
    expect(assumed.input.intent).toEqual(early.intent);
});

test("a step that would be refused itself cannot be assumed", () => {
    const split = {
        ...early,
        own: seen(volume({ image: image("secondary", { state: "up+error", description: "split-brain" }) })),
    };
    expect(assume(split, [{ site: "cluster2", state: "secondary" }])).toMatchObject({
        kind: "unassumable",
        step: { site: "cluster2" },
        refusal: { refusals: [{ code: "PEER_SPLIT_BRAIN" }] },
    });
    expect(assume({ ...early, peer: UNREACHABLE }, [{ site: "cluster2", state: "secondary" }])).toMatchObject({
        refusal: { refusals: [{ code: "OWN_UNREACHABLE" }] },
    });
});

test("a step of a third site is a mistake", () => {
    expect(() => assume(early, [{ site: "cluster3", state: "primary" }])).toThrow(/neither cluster1 nor cluster2/);
});

test("after a destroy nothing is left but what Ceph has", () => {
    const down = assume(ask("primary", { ...early, own: seen(nothing()) }), [{ site: "cluster2", state: "destroyed" }]);
    if (down.kind !== "assumed") throw new Error("unassumable");
    expect(down.input.peerOutputs).toEqual({ found: "none" });
    expect(down.input.peer).toMatchObject({ volumes: { "default/rbd-pvc": { pods: [], image: { primary: true } } } });
});

describe("in the program", () => {
    test("a preview rests on it", () => {
        expect(decide(withAssumption(early, true, "cluster2=secondary")).kind).toBe("plan");
        expect(withAssumption(early, true, undefined)).toBe(early);
        expect(withAssumption(early, false, "")).toBe(early);
    });

    test("anything but a preview is refused", () => {
        expect(() => withAssumption(early, false, "cluster2=secondary")).toThrow(
            /for previews only.*unset RBD_DR_ASSUME/,
        );
    });

    test("what cannot be read is named, and a step that would be refused is shown with its refusal", () => {
        expect(() => withAssumption(early, true, "cluster2")).toThrow(/RBD_DR_ASSUME is set to cluster2/);
        const apart = { ...early, peer: UNREACHABLE };
        expect(() => withAssumption(apart, true, "cluster2=secondary")).toThrow(/OWN_UNREACHABLE/);
    });
});
