/** Moves of a site with groups: which config keys are edited, and what the other groups see of it. */
import { describe, expect, test } from "@jest/globals";
import { editedConfig, missingEdits, stateEdits, type Asked } from "../../../cli/sequence/config.js";
import type { Request, Sequence, World } from "../../../cli/sequence/model.js";
import { sequence } from "../../../cli/sequence/sequence.js";
import type { DecisionInput } from "../../../dr/model.js";
import { ask, both, copy, outputs, primary, replaying } from "../dr/groups/world.js";

/** cluster1 primary for both groups, cluster2 with a copy of everything. */
function world(pinned: string[] = []): World {
    const own = both(primary, primary);
    const peer = both(copy, replaying);
    const [first, second] = [
        outputs("cluster1", { default: "primary", shop: "primary" }),
        outputs("cluster2", { default: "secondary", shop: "secondary" }, { sources: {}, terms: {} }),
    ];
    const here = ask({ default: "primary", shop: "primary" }, { own, peer, ownOutputs: first, peerOutputs: second });
    const there = ask(
        { default: "secondary", shop: "secondary" },
        {
            own: peer,
            peer: own,
            ownOutputs: second,
            peerOutputs: first,
            intent: { site: "cluster2", peer: "cluster1" },
        },
    );
    const known = (input: DecisionInput) => ({ input, pinned, token: true, deployed: true, waitsForHandover: false });
    return { cluster1: known(here), cluster2: known(there) };
}

function edits(request: Request, pinned?: string[]): string[][] {
    const made = sequence(request, world(pinned)) as Sequence;
    expect(made.kind).toBe("sequence");
    return made.legs.map((leg) => leg.edits.map((e) => `${leg.site} ${e.key}=${e.value}`));
}

describe("failover", () => {
    test("of all: groups that follow the site need no edit of their own", () => {
        expect(edits({ operation: "failover", to: "cluster2" })).toEqual([
            ["cluster1 replicationState=secondary"],
            ["cluster2 replicationState=primary"],
        ]);
    });

    test("of all: a group with a state of its own is flipped too", () => {
        expect(edits({ operation: "failover", to: "cluster2" }, ["shop"])).toEqual([
            ["cluster1 replicationState=secondary", "cluster1 groups.shop.replicationState=secondary"],
            ["cluster2 replicationState=primary", "cluster2 groups.shop.replicationState=primary"],
        ]);
    });

    test("of one group: nothing else moves", () => {
        const made = sequence({ operation: "failover", to: "cluster2", group: "shop" }, world()) as Sequence;
        expect(made.legs.map((leg) => leg.plan!.groups.map((plan) => [plan.group, plan.operation]))).toEqual([
            [
                [undefined, "steady"],
                ["shop", "planned-demotion"],
            ],
            [
                [undefined, "join-as-secondary"],
                ["shop", "planned-promotion"],
            ],
        ]);
        expect(made.legs[1]!.assumes).toEqual([{ site: "cluster1", group: "shop", state: "secondary" }]);
    });

    test("of the default group: those that follow it are told to stay first", () => {
        expect(edits({ operation: "failover", to: "cluster2", group: "default" })[0]).toEqual([
            "cluster1 groups.shop.replicationState=primary",
            "cluster1 replicationState=secondary",
        ]);
    });

    test("of a group that does not exist is unclear", () => {
        expect(sequence({ operation: "failover", to: "cluster2", group: "blog" }, world())).toMatchObject({
            kind: "unclear",
            message: expect.stringContaining("Groups are: default, shop"),
        });
    });
});

describe("edits", () => {
    const { intent } = ask({ default: "primary", shop: "primary" });
    const follows: Asked = { intent, pinned: new Set() };

    test("a group follows the site's state until it has one of its own", () => {
        const flipped = editedConfig(follows, stateEdits(follows, "secondary"));
        expect(flipped.intent).toMatchObject({
            replicationState: "secondary",
            groups: [{ replicationState: "secondary" }],
        });
        const alone = editedConfig(follows, stateEdits(follows, "secondary", ["shop"]));
        expect(alone.intent).toMatchObject({
            replicationState: "primary",
            groups: [{ replicationState: "secondary" }],
        });
        expect(missingEdits(alone, stateEdits(alone, "secondary", ["shop"]))).toEqual([]);
        expect(editedConfig(alone, [{ key: "replicationState", value: "resync" }]).intent).toMatchObject({
            replicationState: "resync",
            groups: [{ replicationState: "secondary" }],
        });
    });
});
