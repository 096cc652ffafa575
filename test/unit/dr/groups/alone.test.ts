/** What makes groups safe: each is decided exactly as if it were alone in its pair of stacks, whatever the others are and do. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decide } from "../../../../dr/decide.js";
import { decideSite } from "../../../../dr/groups/decide.js";
import { inputOfGroup, splitByGroup } from "../../../../dr/groups/split.js";
import type {
    Decision,
    DecisionInput,
    GroupOutputs,
    ReplicationState,
    SiteOutputs,
    SiteSnapshot,
    StackOutputs,
    VolumeKey,
    VolumeRecord,
    VolumeSnapshot,
} from "../../../../dr/model.js";
import * as w from "../world.js";

const NAMES = ["default", "shop", "blog"] as const;
type Name = (typeof NAMES)[number];

/** What one volume may be on a cluster. */
const FORMS: readonly VolumeSnapshot[] = [
    w.nothing(),
    w.nothing({ image: w.image("secondary") }),
    w.volume({ vr: w.vr("primary", "TFF", { term: 1 }), image: w.image("primary") }),
    w.volume({ vr: w.vr("primary", "TFF", { term: 3 }), image: w.image("primary"), pods: ["app"] }),
    w.volume({ vr: w.vr("primary", "none", { term: 1 }) }),
    w.volume({ vr: w.vr("secondary", "TTT", { term: 1 }), image: w.image("secondary") }),
    w.volume({ vr: w.vr("secondary", "TTF", { term: 1 }) }),
    w.volume({ vr: w.vr("secondary", "TFF", { term: 1 }), image: w.image("secondary", w.BOTH_DEMOTED) }),
    w.volume({ vr: w.vr("secondary", "TTT", { autoResync: true }), image: w.image("secondary") }),
    w.volume({ vr: w.vr("secondary", "TTF"), image: w.image("secondary", w.SPLIT) }),
    w.volume({ vr: w.vr("primary", "TFF", { deleting: true }) }),
    w.volume(),
];
const STATES: readonly ReplicationState[] = ["primary", "secondary", "resync"];

/** One group as drawn: up to two volumes, what is asked of it, and what the stacks recorded. */
const group = fc.record({
    asked: fc.constantFrom(...STATES),
    volumes: fc.array(
        fc.record({
            own: fc.nat(FORMS.length - 1),
            peer: fc.nat(FORMS.length - 1),
            ownRecord: fc.boolean(),
            peerRecord: fc.boolean(),
            handedOver: fc.boolean(),
            term: fc.nat(3),
        }),
        { minLength: 1, maxLength: 2 },
    ),
    ownState: fc.constantFrom(...STATES),
    peerState: fc.constantFrom(...STATES),
    consent: fc.boolean(),
});
type Group = typeof group extends fc.Arbitrary<infer T> ? T : never;

const site = fc.record({
    groups: fc.tuple(group, group, group),
    peer: fc.constantFrom("observed", "unreachable", "unknown"),
    outputs: fc.constantFrom("both", "own", "peer", "none"),
    lostSite: fc.boolean(),
});
type Site = typeof site extends fc.Arbitrary<infer T> ? T : never;

const keyOf = (name: Name, i: number): VolumeKey => `${name}/v${i}`;

function snapshot(form: VolumeSnapshot, name: Name, i: number): VolumeSnapshot {
    return {
        ...form,
        key: keyOf(name, i),
        vr: form.vr && { ...form.vr, name: `v${i}`, spec: { ...form.vr.spec, claim: `v${i}` } },
        // A pod of its own: one that two groups share is what the rules between groups are for.
        pods: form.pods.map((pod) => `${pod}-${name}-${i}`),
    };
}

/** A site that has these groups and no other; `named` false puts the only one at the top, as a stack without groups. */
function inputOf(s: Site, names: readonly Name[], named: boolean): DecisionInput {
    const groups = names.map((name) => ({ name, ...s.groups[NAMES.indexOf(name)]! }));
    const top = groups.find((g) => !named || g.name === "default");
    const volumes = (side: "own" | "peer"): VolumeSnapshot[] =>
        groups.flatMap((g) => g.volumes.map((v, i) => snapshot(FORMS[v[side]]!, g.name, i)));
    const peer: SiteSnapshot =
        s.peer === "observed" ? w.seen(...volumes("peer")) : s.peer === "unknown" ? w.UNKNOWN : w.UNREACHABLE;
    return w.ask(top?.asked ?? "secondary", {
        own: w.seen(...volumes("own")),
        peer,
        ownOutputs: s.outputs === "both" || s.outputs === "own" ? recorded(s, groups, named, "own") : w.NONE,
        peerOutputs: s.outputs === "both" || s.outputs === "peer" ? recorded(s, groups, named, "peer") : w.NONE,
        intent: {
            volumes: groups.flatMap((g) =>
                g.volumes.map((_, i) => ({
                    name: `v${i}`,
                    namespace: g.name,
                    size: "1Gi",
                    ...(named && g.name !== "default" ? { group: g.name } : {}),
                })),
            ),
            ...(named
                ? {
                      groups: groups
                          .filter((g) => g.name !== "default")
                          .map((g) => ({ name: g.name, replicationState: g.asked })),
                  }
                : {}),
            ...(s.lostSite ? { lostSite: "cluster2" } : {}),
        },
    });
}

function recorded(
    s: Site,
    groups: readonly (Group & { name: Name })[],
    named: boolean,
    side: "own" | "peer",
): StackOutputs {
    const stateOf = (g: Group) => (side === "own" ? g.ownState : g.peerState);
    const lostSite = (g: Group) => (side === "own" && g.consent ? { lostSite: "cluster2" } : {});
    const volumes = groups.flatMap((g) =>
        g.volumes.map((v, i) => ({ ...v, key: keyOf(g.name, i), state: stateOf(g) })),
    );
    const held = volumes.filter((v) => (side === "own" ? v.ownRecord : v.peerRecord));
    const top = groups.find((g) => !named || g.name === "default");
    const outputs: SiteOutputs = {
        schema: "rbd-dr/1",
        site: side === "own" ? "cluster1" : "cluster2",
        replicationState: top === undefined ? "secondary" : stateOf(top),
        at: w.AT,
        records: Object.fromEntries(held.map((v): [string, VolumeRecord] => [v.key, w.recordOf(v.key)])),
        sources: Object.fromEntries(held.map((v) => [v.key, "provision"])),
        handedOver: held.filter((v) => v.state === "secondary" && v.handedOver).map((v) => v.key),
        lastSync: {},
        terms: Object.fromEntries(held.map((v) => [v.key, v.term])),
        ...(top === undefined ? {} : lostSite(top)),
        ...(named
            ? {
                  groups: Object.fromEntries(
                      groups.map((g): [string, GroupOutputs] => [
                          g.name,
                          {
                              replicationState: stateOf(g),
                              volumes: g.volumes.map((_, i) => keyOf(g.name, i)),
                              ...lostSite(g),
                          },
                      ]),
                  ),
              }
            : {}),
        teardown: false,
    };
    return { found: "outputs", outputs };
}

/** A decision without the group's name and keys in it. */
function nameless(decision: Decision, name: Name): unknown {
    return JSON.parse(
        JSON.stringify({ ...decision, group: undefined })
            .replaceAll(`--path groups.${name}.`, "")
            .replaceAll(`groups.${name}.`, "")
            .replaceAll(`"group":"${name}",`, "")
            .replaceAll(`,"group":"${name}"`, ""),
    );
}

const each = (s: Site): [Name, Decision][] =>
    NAMES.map((name) => [name, decide(inputOfGroup(inputOf(s, NAMES, true), name))]);

describe("a group", () => {
    test("is decided as if it were alone, with a stack of its own at either site", () => {
        fc.assert(
            fc.property(site, (drawn) => {
                // What else a lost site serves is the one thing that groups are to know of each other.
                const s = { ...drawn, lostSite: drawn.lostSite && drawn.peer !== "observed" };
                for (const [name, decision] of each(s))
                    expect(nameless(decision, name)).toEqual(nameless(decide(inputOf(s, [name], false)), name));
            }),
            { numRuns: 400 },
        );
    });

    test("is not told apart from before by what the others are asked for", () => {
        fc.assert(
            fc.property(site, fc.constantFrom(0, 1, 2), fc.constantFrom(...STATES), (s, flipped, state) => {
                const groups = s.groups.map((g, i) => (i === flipped ? { ...g, asked: state } : g));
                const after = each({ ...s, groups: groups as unknown as Site["groups"] });
                each(s).forEach(([name, decision], i) => {
                    if (i !== flipped) expect([name, decision]).toEqual(after[i]);
                });
            }),
            { numRuns: 400 },
        );
    });
});

describe("a site of groups", () => {
    test("does what each group is to do, or nothing at all where any refuses", () => {
        let planned = 0;
        fc.assert(
            fc.property(site, (s) => {
                const input = inputOf(s, NAMES, true);
                const decided = decideSite(input);
                const alone = each(s);
                const refusing = alone.filter(([, d]) => d.kind === "refusal").map(([name]) => name);
                if (decided.kind === "refusal") {
                    const named = new Set(decided.refusals.map((r) => r.group ?? "default"));
                    // Further ones may come from the rules between groups, which only ever stop a run.
                    for (const name of refusing) expect(named.has(name)).toBe(true);
                    return;
                }
                planned++;
                expect(refusing).toEqual([]);
                decided.groups.forEach((plan, i) => {
                    expect({ ...plan, lostSite: undefined }).toEqual({ ...alone[i]![1], lostSite: undefined });
                });
            }),
            { numRuns: 1500 },
        );
        expect(planned).toBeGreaterThan(20);
    });

    test("of one group is decided as ever", () => {
        fc.assert(
            fc.property(site, (s) => {
                const input = inputOf(s, ["default"], false);
                const decided = decideSite(input);
                const [alone] = decided.kind === "plan" ? decided.groups : decided.refusals;
                expect(JSON.parse(JSON.stringify(alone))).toEqual(JSON.parse(JSON.stringify(decide(input))));
            }),
            { numRuns: 400 },
        );
    });

    test("has each of its volumes in one group's input", () => {
        fc.assert(
            fc.property(site, (s) => {
                const input = inputOf(s, NAMES, true);
                const keys = splitByGroup(input).flatMap((g) =>
                    Object.keys((g.input.own as { volumes: object }).volumes),
                );
                expect(keys.sort()).toEqual(Object.keys((input.own as { volumes: object }).volumes).sort());
            }),
            { numRuns: 100 },
        );
    });
});
