/** A site of several groups: each moves on its own, a refusal of any keeps all where they are, and what lies between them. */
import { describe, expect, test } from "@jest/globals";
import { describeSite, describeSitePlan, describeSiteRefusal, linesOf } from "../../../../dr/describe.js";
import { decideSite } from "../../../../dr/groups/decide.js";
import type { DecisionInput, Plan, SitePlan, SiteRefusal, VolumeSnapshot } from "../../../../dr/model.js";
import * as w from "../world.js";
import { ask, both, copy, handed, ofShop, outputs, primary, replaying, SHOP } from "./world.js";

const plan = (input: DecisionInput): SitePlan => {
    const decision = decideSite(input);
    if (decision.kind === "refusal") throw new Error(describeSiteRefusal(decision));
    return decision;
};
const refusal = (input: DecisionInput): SiteRefusal => {
    const decision = decideSite(input);
    if (decision.kind === "plan") throw new Error(describeSitePlan(decision));
    return decision;
};
const group = (decision: SitePlan, name?: string): Plan => decision.groups.find((g) => g.group === name)!;
const used = (volume: VolumeSnapshot): VolumeSnapshot => ({ ...volume, pods: [`${volume.key}-pod`.replace("/", "-")] });

const steady = {
    own: both(primary, primary),
    peer: both(copy, copy),
    ownOutputs: outputs("cluster1", { default: "primary", shop: "primary" }),
    peerOutputs: outputs("cluster2", { default: "secondary", shop: "secondary" }, { terms: {}, records: {} }),
};

describe("one group moves", () => {
    const away = plan(ask({ default: "primary", shop: "secondary" }, steady));

    test("it is demoted, and the other has nothing to do", () => {
        expect(group(away, "shop")).toMatchObject({
            operation: "planned-demotion",
            workload: "down",
            handedOver: [SHOP],
        });
        expect(group(away)).toMatchObject({ operation: "steady", workload: "up", handedOver: [] });
        expect(group(away).volumes.map((v) => v.key)).toEqual([w.KEY]);
    });

    test("the plan of the other is the same as without the move", () => {
        const before = plan(ask({ default: "primary", shop: "primary" }, steady));
        expect(group(away)).toEqual(group(before));
    });

    test("the texts name the group and its key", () => {
        expect(describeSitePlan(away)).toContain("group shop: secondary: planned demotion");
        expect(describeSitePlan(away)).toContain("group default: primary: nothing to move");
        expect(describeSite("cluster1", away)).toBe("cluster1 is primary for default and secondary for shop");
        const next = linesOf(away, (p) => p.next);
        expect(next).toContain(
            "group shop: take over on the other site: pulumi config set --path groups.shop.replicationState primary -s cluster2 && pulumi up -s cluster2",
        );
    });

    test("the other site takes it over, by its own record when this one cannot be seen", () => {
        const there = (more: Partial<DecisionInput>) =>
            ask(
                { default: "secondary", shop: "primary" },
                {
                    own: both(copy, w.nothing({ image: w.image("secondary", w.BOTH_DEMOTED) })),
                    ownOutputs: outputs(
                        "cluster1",
                        { default: "secondary", shop: "secondary" },
                        { terms: {}, records: {} },
                    ),
                    peerOutputs: outputs("cluster2", { default: "primary", shop: "secondary" }, { handedOver: [SHOP] }),
                    ...more,
                },
            );
        for (const peer of [both(primary, handed), w.UNREACHABLE]) {
            const taken = plan(there({ peer }));
            expect(group(taken, "shop")).toMatchObject({ operation: "planned-promotion", workload: "up" });
            expect(group(taken)).toMatchObject({ operation: "join-as-secondary", workload: "down" });
        }
    });

    test("a handover is withdrawn for the group alone", () => {
        const back = plan(
            ask(
                { default: "primary", shop: "primary" },
                {
                    ...steady,
                    own: both(primary, handed),
                    ownOutputs: outputs("cluster1", { default: "primary", shop: "secondary" }, { handedOver: [SHOP] }),
                },
            ),
        );
        expect(group(back, "shop")).toMatchObject({ operation: "withdraw-handover", replicationState: "secondary" });
        expect(group(back).operation).toBe("steady");
    });
});

describe("all at once", () => {
    test("every group moves when all are asked", () => {
        const all = plan(ask({ default: "secondary", shop: "secondary" }, steady));
        expect(all.groups.map((g) => g.operation)).toEqual(["planned-demotion", "planned-demotion"]);
        expect(describeSite("cluster1", all)).toBe("cluster1 is secondary");
    });
});

describe("a refusal of any group", () => {
    const input = ask(
        { default: "primary", shop: "primary" },
        { ...steady, own: both(primary, copy), peer: both(copy, used(primary)) },
    );

    test("stops the run, and names the group and its keys", () => {
        const { refusals } = refusal(input);
        expect(refusals.map((r) => [r.group, r.code])).toEqual([["shop", "PEER_PRIMARY"]]);
        const text = describeSiteRefusal(refusal(input));
        expect(text).toContain("Refused (PEER_PRIMARY) for group shop:");
        expect(text).toContain("pulumi config set --path groups.shop.replicationState secondary -s cluster2");
        expect(text).not.toContain("config set replicationState");
    });

    test("is told for every group that refuses", () => {
        const both2 = refusal({ ...input, own: both(copy, copy), peer: both(used(primary), used(primary)) });
        expect(both2.refusals.map((r) => r.group)).toEqual([undefined, "shop"]);
        expect(describeSiteRefusal(both2)).toContain("pulumi config set replicationState secondary -s cluster2");
    });

    test("is told once where it is about the site", () => {
        const { refusals } = refusal({ ...input, own: w.UNREACHABLE });
        expect(refusals).toMatchObject([{ code: "OWN_UNREACHABLE" }]);
    });
});

describe("a lost site", () => {
    const lost = { lostSite: "cluster2" };
    const here = {
        own: both(copy, copy),
        ownOutputs: outputs("cluster1", { default: "secondary", shop: "secondary" }, { terms: {}, records: {} }),
        peerOutputs: outputs("cluster2", { default: "primary", shop: "primary" }),
        peer: w.UNREACHABLE,
    };

    test("is left group by group: the first that goes leaves the others their consent", () => {
        const first = plan(ask({ default: "secondary", shop: "primary" }, { ...here, intent: lost }));
        expect(group(first, "shop")).toMatchObject({ operation: "forced-promotion", lostSite: "cluster2" });
        expect(group(first)).toMatchObject({ workload: "down" });
        expect(group(first).lostSite).toBeUndefined();
        const second = plan(
            ask(
                { default: "primary", shop: "primary" },
                {
                    ...here,
                    own: both(copy, primary),
                    ownOutputs: afterFirst(),
                    intent: lost,
                },
            ),
        );
        expect(group(second)).toMatchObject({ operation: "forced-promotion", lostSite: "cluster2" });
        expect(group(second, "shop").operation).toBe("steady");
    });

    test("that serves any group is not lost for the others", () => {
        const peer = both(used(primary), primary);
        const input = ask({ default: "secondary", shop: "primary" }, { ...here, peer, intent: lost });
        expect(refusal(input).refusals).toMatchObject([{ code: "LOST_SITE_ALIVE", group: "shop" }]);
        expect(describeSiteRefusal(refusal(input))).toContain(`${w.KEY} of another group is in use there`);
    });

    test("that was seen to serve again uses the consent of the groups that stayed up", () => {
        const peer = both(used(primary), replaying);
        const later = plan(
            ask(
                { default: "secondary", shop: "primary" },
                {
                    ...here,
                    own: both(copy, primary),
                    peer,
                    ownOutputs: afterFirst(),
                    intent: lost,
                },
            ),
        );
        expect(group(later).lostSite).toBe("cluster2");
    });

    function afterFirst() {
        return outputs(
            "cluster1",
            { default: "secondary", shop: "primary" },
            {
                lostSite: "cluster2",
                terms: { [SHOP]: 3 },
                groups: {
                    default: { replicationState: "secondary", volumes: [w.KEY] },
                    shop: { replicationState: "primary", volumes: [SHOP], lostSite: "cluster2" },
                },
            },
        );
    }
});

describe("a volume that changes its group", () => {
    const oneGroup = w.outputs("cluster1", "primary", {
        records: { [w.KEY]: w.recordOf(), [SHOP]: w.recordOf(SHOP) },
        terms: { [w.KEY]: 1, [SHOP]: 1 },
        sources: { [w.KEY]: "provision", [SHOP]: "provision" },
    });

    test("changes nothing where the roles are the same, from outputs of a version without groups too", () => {
        const moved = plan(ask({ default: "primary", shop: "primary" }, { ...steady, ownOutputs: oneGroup }));
        expect(moved.groups.map((g) => g.operation)).toEqual(["steady", "steady"]);
        expect(group(moved, "shop").volumes).toMatchObject([{ key: SHOP, source: "provision", vr: { term: 1 } }]);
    });

    test("is refused where the role would change with it", () => {
        const input = ask({ default: "primary", shop: "secondary" }, { ...steady, ownOutputs: oneGroup });
        expect(refusal(input).refusals).toMatchObject([{ code: "VOLUME_CHANGES_GROUP", group: "shop" }]);
        expectUseful(refusal(input), "groups.shop.volumes");
    });

    test("is looked at as it is, not as its group was left: a VR that was flipped meanwhile counts", () => {
        const input = ask(
            { default: "primary", shop: "secondary" },
            { ...steady, own: both(primary, replaying), peer: both(copy, primary), ownOutputs: oneGroup },
        );
        expect(group(plan(input), "shop").operation).toBe("steady");
    });
});

describe("what the two sites call a group", () => {
    test("a group that the peer does not know is not moved", () => {
        const peerOutputs = w.outputs("cluster2", "secondary", { records: {}, terms: {} });
        const input = ask({ default: "primary", shop: "secondary" }, { ...steady, peerOutputs });
        expect(refusal(input).refusals).toMatchObject([{ code: "GROUPS_DIFFER", group: "shop" }]);
        expectUseful(refusal(input), "pulumi config get --path groups.shop.volumes -s cluster2");
        expect(describeSiteRefusal(refusal(input))).toContain(`cluster2 had ${SHOP} in no group in its last up`);
        const stays = plan(ask({ default: "primary", shop: "primary" }, { ...steady, peerOutputs }));
        expect(group(stays, "shop").warnings.join()).toContain(SHOP);
        const other = plan(ask({ default: "secondary", shop: "primary" }, { ...steady, peerOutputs }));
        expect(group(other).operation).toBe("planned-demotion");
    });

    test("a volume that is in another group there is said, also where it looks like a peer that is primary", () => {
        const there = {
            default: { replicationState: "primary", volumes: [w.KEY, SHOP] },
            shop: { replicationState: "secondary", volumes: [] },
        } as const;
        const input = ask(
            { default: "secondary", shop: "primary" },
            {
                own: both(copy, copy),
                peer: both(primary, primary),
                ownOutputs: outputs(
                    "cluster1",
                    { default: "secondary", shop: "secondary" },
                    { terms: {}, records: {} },
                ),
                peerOutputs: outputs("cluster2", { default: "primary", shop: "secondary" }, { groups: there }),
            },
        );
        expect(refusal(input).refusals).toMatchObject([{ code: "GROUPS_DIFFER" }]);
        expect(describeSiteRefusal(refusal(input))).toContain("in its group default");
    });

    test("a lost peer is not asked", () => {
        const input = ask(
            { default: "primary", shop: "primary" },
            {
                own: both(copy, copy),
                peer: w.UNREACHABLE,
                peerOutputs: w.outputs("cluster2", "primary", {
                    records: { [w.KEY]: w.recordOf(), [SHOP]: w.recordOf(SHOP) },
                    terms: { [w.KEY]: 1, [SHOP]: 1 },
                }),
                intent: { lostSite: "cluster2" },
            },
        );
        expect(plan(input).groups.map((g) => g.operation)).toEqual(["forced-promotion", "forced-promotion"]);
    });

    test("a group that only the peer has is warned of, and keeps nothing here from moving", () => {
        const peerOutputs = outputs("cluster2", { default: "secondary", shop: "secondary" });
        const groups = [{ name: "blog", replicationState: "primary" as const }];
        const volumes = [{ name: "rbd-pvc", namespace: "default", size: "1Gi", group: "blog" }];
        const input = ask(
            { default: "primary", shop: "primary" },
            { peerOutputs, own: w.seen(primary), intent: { groups, volumes } },
        );
        const found = plan(input);
        expect(found.groups.map((g) => g.group)).toEqual(["blog"]);
        expect(found.groups[0]!.warnings.join()).toContain(`cluster2 has ${SHOP} in its group shop`);
    });

    test("a group that was taken out of config while it is replicated here is refused", () => {
        const input = ask(
            { default: "primary", shop: "primary" },
            { ...steady, intent: { groups: [], volumes: steadyDefault } },
        );
        expect(refusal(input).refusals).toMatchObject([{ code: "VOLUME_REMOVED" }]);
        const others = [{ name: "blog", replicationState: "primary" as const }];
        const withOthers = ask(
            { default: "primary", shop: "primary" },
            {
                ...steady,
                intent: {
                    groups: others,
                    volumes: [...steadyDefault, { ...steadyDefault[0]!, name: "x", group: "blog" }],
                },
            },
        );
        expect(refusal(withOthers).refusals).toMatchObject([{ code: "VOLUME_REMOVED", group: "shop" }]);
    });
});
const steadyDefault = [{ name: "rbd-pvc", namespace: "default", size: "1Gi" }];

test("a pod that uses volumes of two groups keeps them from parting, and only from that", () => {
    const pod = { pods: ["web-0"] };
    const inOneNamespace = { name: "db", namespace: "default", size: "1Gi", group: "shop" };
    const db = { ...ofShop(primary), key: "default/db", ...pod };
    const input = (shop: "primary" | "secondary") =>
        ask(
            { default: "primary", shop },
            { own: w.seen({ ...primary, ...pod }, db), intent: { volumes: [...steadyDefault, inOneNamespace] } },
        );
    expect(refusal(input("secondary")).refusals).toMatchObject([{ code: "POD_IN_TWO_GROUPS", group: "shop" }]);
    expect(describeSiteRefusal(refusal(input("secondary")))).toContain("pod default/web-0");
    expectUseful(refusal(input("secondary")), "groups.shop.volumes");
    expect(plan(input("primary")).groups).toHaveLength(2);
});

describe("taking down", () => {
    test("goes group by group like a site, and lifts the protection of all", () => {
        const down = plan(
            ask(
                { default: "secondary", shop: "secondary" },
                {
                    ...steady,
                    own: both(replaying, replaying),
                    peer: both(primary, primary),
                    intent: { teardown: true },
                },
            ),
        );
        expect(down.groups.map((g) => [g.operation, g.protect])).toEqual([
            ["teardown", false],
            ["teardown", false],
        ]);
    });

    test("groups that are primary on different sites have to be brought together first", () => {
        const input = ask(
            { default: "primary", shop: "secondary" },
            { ...steady, own: both(primary, replaying), peer: both(replaying, primary), intent: { teardown: true } },
        );
        expect(refusal(input).refusals).toMatchObject([{ code: "TEARDOWN_MIXED_ROLES" }]);
        expectUseful(refusal(input), "pulumi config set replicationState secondary -s cluster1");
    });
});

function expectUseful({ refusals }: SiteRefusal, command: string): void {
    for (const { reason, seen, next } of refusals) {
        expect(seen.length).toBeGreaterThan(0);
        for (const line of [reason, ...seen, ...next]) expect(line).not.toMatch(/undefined|\[object|NaN/);
        expect(next.join("\n")).toContain(command);
    }
}
