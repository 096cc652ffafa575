/** The sequences, over the model of two sites: whole, killed anywhere and asked again, and what each says before it begins. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decide } from "../../../dr/decide.js";
import type { Leg, Request, Sequence, World } from "../../../cli/sequence/model.js";
import { isDone, sequence } from "../../../cli/sequence/sequence.js";
import { inputOf, kill, startUp, step } from "../dr/model/stack.js";
import { newWalk, settle, wholeUp, type Walk } from "../dr/model/walk.js";
import { KEYS, SITES, write } from "../dr/model/world.js";

const SIGHT = () => ({ peerContext: true, images: true });
const index = (site: string): number => SITES.indexOf(site as (typeof SITES)[number]);

function worldOf({ w, stacks, sight }: Walk): World {
    return Object.fromEntries(
        SITES.map((name, s) => [
            name,
            {
                input: inputOf(w, stacks, s, sight),
                pinned: [],
                token: stacks[s]!.outputs !== undefined,
                waitsForHandover: false,
                deployed: true,
            },
        ]),
    );
}

/** cluster1 primary with writes, cluster2 its healthy copy, an `up` of both finished since each knows the other. */
function running(): Walk {
    const walk = newWalk("running", SIGHT());
    wholeUp(walk, 0, 12);
    wholeUp(walk, 1, 12);
    writes(walk, 0);
    settle(walk.w, 3);
    return walk;
}

function writes({ w }: Walk, s: number): void {
    for (let v = 0; v < KEYS.length; v++) for (let i = 0; i < 3; i++) write(w, s, v);
}

/** A disaster at cluster1 that cluster2 has taken over, and cluster1 back with its old application. */
function returned(): Walk {
    const walk = running();
    walk.w.sites[0]!.up = false;
    run(walk, { operation: "disaster", to: "cluster2", lost: "cluster1" });
    writes(walk, 1);
    walk.w.sites[0]!.up = true;
    settle(walk.w, 3);
    return walk;
}

function edit(walk: Walk, leg: Leg): void {
    const stack = walk.stacks[index(leg.site)]!;
    for (const { key, value } of leg.edits) {
        if (key === "replicationState") stack.state = value as typeof stack.state;
        else if (key === "lostSite") stack.lostSite = value !== undefined;
        else throw new Error(`the model knows no ${key}`);
    }
}

function planned(walk: Walk, request: Request): Sequence {
    const made = sequence(request, worldOf(walk));
    if (made.kind !== "sequence")
        throw new Error(
            made.kind === "refused" ? `${made.site}: ${made.refusal.refusals.map((r) => r.code).join()}` : made.message,
        );
    return made;
}

/** Runs one leg to its end, waiting out what passes. */
function runLeg(walk: Walk, leg: Leg): void {
    edit(walk, leg);
    const stack = walk.stacks[index(leg.site)]!;
    for (let tries = 0; tries < 8; tries++) {
        stack.ended = undefined;
        wholeUp(walk, index(leg.site), 40);
        if ((stack.ended as unknown) === "done") return;
        settle(walk.w, 3);
    }
    throw new Error(`${leg.site} ended with ${JSON.stringify(stack.ended)}`);
}

function run(walk: Walk, request: Request): Sequence {
    const made = planned(walk, request);
    for (const leg of made.legs) if (!leg.done) runLeg(walk, leg);
    settle(walk.w, 3);
    return made;
}

/** Acknowledged writes that the site does not hold, and whose loss nobody named. */
function lost({ w }: Walk, s: number): number[] {
    return KEYS.map((_, v) => w.acked[v]! & ~w.excused[v]! & ~(w.sites[s]!.images[v]?.data ?? 0));
}

function serves(walk: Walk, s: number): void {
    expect(walk.w.violations).toEqual([]);
    expect(lost(walk, s)).toEqual([0, 0]);
    expect(walk.w.sites[s]!.pods).toEqual([true, true]);
    expect(walk.w.sites[1 - s]!.pods).toEqual([false, false]);
    expect(walk.w.sites.map((site) => site.images[0]?.primary)).toEqual(s === 0 ? [true, false] : [false, true]);
}

const shape = ({ legs }: Sequence) =>
    legs.map((leg) => [
        leg.site,
        leg.done ? "done" : leg.edits.map((e) => `${e.key}=${e.value ?? ""}`).join(" "),
        leg.plan?.groups[0]!.operation,
    ]);

describe("planned moves", () => {
    test("failover and failback: two legs each, no write lost", () => {
        const walk = running();
        expect(shape(run(walk, { operation: "failover", to: "cluster2" }))).toEqual([
            ["cluster1", "replicationState=secondary", "planned-demotion"],
            ["cluster2", "replicationState=primary", "planned-promotion"],
        ]);
        serves(walk, 1);
        writes(walk, 1);
        const back = run(walk, { operation: "failback", to: "cluster1" });
        expect(shape(back).slice(-2)).toEqual([
            ["cluster2", "replicationState=secondary", "planned-demotion"],
            ["cluster1", "replicationState=primary", "planned-promotion"],
        ]);
        serves(walk, 0);
    });

    test("asked again when it is done, nothing is left to do; no second move", () => {
        const walk = running();
        run(walk, { operation: "failover", to: "cluster2" });
        for (let i = 0; i < 2; i++) expect(isDone(planned(walk, { operation: "failover", to: "cluster2" }))).toBe(true);
        serves(walk, 1);
    });

    test("a move to where things are already is nothing to do", () => {
        expect(isDone(planned(running(), { operation: "failback", to: "cluster1" }))).toBe(true);
        expect(isDone(planned(running(), { operation: "failover", to: "cluster1" }))).toBe(true);
    });

    test("between the legs it can be turned round: the handover is withdrawn, then the first site promotes again", () => {
        const walk = running();
        const made = planned(walk, { operation: "failover", to: "cluster2" });
        runLeg(walk, made.legs[0]!);
        const back = run(walk, { operation: "failover", to: "cluster1" });
        expect(shape(back)).toEqual([
            ["cluster2", "done", expect.anything()],
            ["cluster1", "replicationState=primary", "withdraw-handover"],
            ["cluster1", "", "planned-promotion"],
        ]);
        serves(walk, 0);
    });

    test("a first site that dies right after its leg: the recorded handover is enough to go on", () => {
        const walk = running();
        const made = planned(walk, { operation: "failover", to: "cluster2" });
        runLeg(walk, made.legs[0]!);
        walk.w.sites[0]!.up = false;
        const rest = run(walk, { operation: "failover", to: "cluster2" });
        expect(shape(rest)[0]![1]).toBe("done");
        expect(lost(walk, 1)).toEqual([0, 0]);
        expect(walk.w.violations).toEqual([]);
    });
});

describe("a site whose program waits for the handover", () => {
    const waiting = (walk: Walk): World =>
        Object.fromEntries(
            Object.entries(worldOf(walk)).map(([name, known]) => [name, { ...known, waitsForHandover: true }]),
        );
    const legs = (walk: Walk) => {
        const made = sequence({ operation: "failover", to: "cluster2" }, waiting(walk));
        if (made.kind !== "sequence") throw new Error(made.kind);
        return made.legs.map(({ site, done, parallel, awaitsPrevious }) => ({ site, done, parallel, awaitsPrevious }));
    };

    test("begins with the other one, and is decided on the assumption that it hands over", () => {
        expect(legs(running())).toEqual([
            { site: "cluster1", done: false, parallel: [1], awaitsPrevious: false },
            { site: "cluster2", done: false, parallel: [0], awaitsPrevious: true },
        ]);
    });

    test("goes alone when the handover is done already", () => {
        const walk = running();
        runLeg(walk, planned(walk, { operation: "failover", to: "cluster2" }).legs[0]!);
        settle(walk.w, 3);
        expect(legs(walk)).toEqual([
            { site: "cluster1", done: true, parallel: [], awaitsPrevious: false },
            { site: "cluster2", done: false, parallel: [], awaitsPrevious: false },
        ]);
    });
});

describe("disasters", () => {
    test("one leg on the site that is left; then four back, consent removed", () => {
        const walk = running();
        walk.w.sites[0]!.up = false;
        const made = run(walk, { operation: "disaster", to: "cluster2", lost: "cluster1" });
        expect(shape(made)).toEqual([["cluster2", "lostSite=cluster1 replicationState=primary", "forced-promotion"]]);
        expect(made.warnings.join()).toMatch(/lost/);
        expect(isDone(planned(walk, { operation: "disaster", to: "cluster2", lost: "cluster1" }))).toBe(true);
        writes(walk, 1);

        walk.w.sites[0]!.up = true;
        settle(walk.w, 3);
        const back = run(walk, { operation: "failback", to: "cluster1" });
        expect(shape(back)).toEqual([
            ["cluster1", "replicationState=resync", "resync"],
            ["cluster1", "replicationState=secondary", expect.anything()],
            ["cluster2", "lostSite= replicationState=secondary", "planned-demotion"],
            ["cluster1", "replicationState=primary", "planned-promotion"],
        ]);
        serves(walk, 0);
        expect(walk.stacks.map((stack) => stack.lostSite)).toEqual([false, false]);
    });

    test("resync alone: the returned site ends as a healthy secondary, and nobody is lost any more", () => {
        const walk = returned();
        const made = run(walk, { operation: "resync", site: "cluster1" });
        expect(shape(made)).toEqual([
            ["cluster1", "replicationState=resync", "resync"],
            ["cluster1", "replicationState=secondary", expect.anything()],
            ["cluster2", "lostSite=", "steady"],
        ]);
        serves(walk, 1);
        expect(walk.stacks[1]!.outputs?.lostSite).toBeUndefined();
        expect(isDone(planned(walk, { operation: "resync", site: "cluster1" }))).toBe(true);
    });

    test("a planned failover away from a site that does not answer is refused, with the way to declare it lost", () => {
        const walk = running();
        walk.w.sites[0]!.up = false;
        expect(sequence({ operation: "failover", to: "cluster2" }, worldOf(walk))).toMatchObject({
            kind: "refused",
            refusal: { refusals: [{ code: "PEER_UNREACHABLE" }] },
            hint: expect.stringContaining("--disaster --lost cluster1"),
        });
    });

    test("a lost site that works is refused before anything", () => {
        expect(sequence({ operation: "disaster", to: "cluster2", lost: "cluster1" }, worldOf(running()))).toMatchObject(
            {
                kind: "refused",
                refusal: { refusals: [{ code: "LOST_SITE_ALIVE" }] },
            },
        );
    });

    test("failback while the lost site is still away is refused", () => {
        const walk = returned();
        walk.w.sites[0]!.up = false;
        expect(sequence({ operation: "failback", to: "cluster1" }, worldOf(walk)).kind).toBe("refused");
    });
});

describe("set-up", () => {
    test("from nothing: both at once, then each takes the other's token", () => {
        const walk = newWalk("empty", SIGHT());
        const made = planned(walk, { operation: "up" });
        expect(made.legs.map((leg) => [leg.site, leg.parallel])).toEqual([
            ["cluster1", [1]],
            ["cluster2", [0]],
            ["cluster1", [3]],
            ["cluster2", [2]],
        ]);
    });

    test("where a cluster is still to be made, one after the other, the primary first and once more", () => {
        const world = worldOf(newWalk("empty", SIGHT()));
        const made = sequence(
            { operation: "up" },
            { ...world, cluster2: { ...world["cluster2"]!, deployed: false } },
        ) as Sequence;
        expect(made.legs.map((leg) => [leg.site, leg.parallel])).toEqual([
            ["cluster1", []],
            ["cluster2", []],
            ["cluster1", []],
        ]);
    });

    test("both known to each other: once each, at the same time", () => {
        const made = planned(running(), { operation: "up" });
        expect(made.legs.map((leg) => [leg.site, leg.parallel, leg.done])).toEqual([
            ["cluster1", [1], false],
            ["cluster2", [0], false],
        ]);
    });

    test("config that was flipped by hand is carried out in the order that the guards allow", () => {
        const walk = running();
        walk.stacks[0].state = "secondary";
        walk.stacks[1].state = "primary";
        const made = planned(walk, { operation: "up" });
        expect(made.legs.map((leg) => [leg.site, leg.plan?.groups[0]!.operation, leg.parallel])).toEqual([
            ["cluster1", "planned-demotion", []],
            ["cluster2", "planned-promotion", []],
        ]);
    });

    test("two primaries in config are refused", () => {
        const walk = running();
        walk.stacks[1].state = "primary";
        expect(sequence({ operation: "up" }, worldOf(walk))).toMatchObject({
            refusal: { refusals: [{ code: "PEER_PRIMARY" }] },
        });
    });
});

describe("what is asked", () => {
    test.each<[Request, RegExp]>([
        [{ operation: "failover", to: "cluster3" }, /neither of the sites/],
        [{ operation: "disaster", to: "cluster2", lost: "cluster2" }, /must be the two sites/],
        [{ operation: "resync", site: "x" }, /neither/],
    ])("%j is unclear", (request, words) => {
        expect(sequence(request, worldOf(running()))).toMatchObject({
            kind: "unclear",
            message: expect.stringMatching(words),
        });
    });

    test("a site that is being taken down takes no part in a move", () => {
        const world = worldOf(running());
        const { input } = world["cluster2"]!;
        const doomed = { ...world["cluster2"]!, input: { ...input, intent: { ...input.intent, teardown: true } } };
        expect(sequence({ operation: "failover", to: "cluster2" }, { ...world, cluster2: doomed })).toMatchObject({
            kind: "unclear",
            message: expect.stringContaining("pulumi config set teardown false -s cluster2"),
        });
    });

    test("destroy: the secondary first, each made ready and then taken down", () => {
        const made = planned(running(), { operation: "destroy" });
        expect(made.legs.map((leg) => [leg.site, leg.action])).toEqual([
            ["cluster2", "up"],
            ["cluster2", "destroy"],
            ["cluster1", "up"],
            ["cluster1", "destroy"],
        ]);
    });
});

/** An `up` that is killed after some steps, or runs to its end if it has fewer. */
function killedUp(walk: Walk, s: number, steps: number): boolean {
    const { w, stacks, sight } = walk;
    stacks[s]!.ended = undefined;
    startUp(w, stacks, s, sight);
    for (let i = 0; i < steps && stacks[s]!.run !== undefined; i++) {
        step(w, stacks, s, sight);
        settle(w, 1);
    }
    const killed = stacks[s]!.run !== undefined;
    kill(stacks[s]!);
    return killed;
}

const kills = fc.array(fc.record({ leg: fc.nat(3), steps: fc.nat(24), edits: fc.nat(2) }), { maxLength: 6 });

/** Runs an operation that is killed again and again, each time asked for anew; then once to its end. */
function killedAnywhere(
    walk: Walk,
    request: Request,
    at: readonly { leg: number; steps: number; edits: number }[],
): void {
    for (const point of at) {
        const made = planned(walk, request);
        const legs = made.legs.filter((leg) => !leg.done);
        for (const leg of legs.slice(0, point.leg)) runLeg(walk, leg);
        const leg = legs[point.leg];
        if (leg === undefined) continue;
        // Between two edits, too.
        edit(walk, { ...leg, edits: leg.edits.slice(0, Math.max(1, point.edits)) });
        if (point.edits < leg.edits.length - 1) continue;
        edit(walk, leg);
        killedUp(walk, index(leg.site), point.steps);
        settle(walk.w, 2);
    }
    run(walk, request);
    expect(isDone(planned(walk, request))).toBe(true);
}

test("killed anywhere, as often as one likes, the same command completes a planned move without loss", () => {
    fc.assert(
        fc.property(kills, fc.boolean(), (at, back) => {
            const walk = running();
            if (back) run(walk, { operation: "failover", to: "cluster2" });
            writes(walk, back ? 1 : 0);
            killedAnywhere(
                walk,
                back ? { operation: "failback", to: "cluster1" } : { operation: "failover", to: "cluster2" },
                at,
            );
            serves(walk, back ? 0 : 1);
        }),
        { numRuns: 100, seed: 20_260_301 },
    );
});

test("killed anywhere, a failback after a disaster completes, and loses nothing but what the resync named", () => {
    fc.assert(
        fc.property(kills, (at) => {
            const walk = returned();
            killedAnywhere(walk, { operation: "failback", to: "cluster1" }, at);
            serves(walk, 0);
        }),
        { numRuns: 100, seed: 20_260_302 },
    );
});

test("what a leg is said to do beforehand is what its program decides when its turn comes", () => {
    const moves: [() => Walk, Request][] = [
        [running, { operation: "failover", to: "cluster2" }],
        [returned, { operation: "failback", to: "cluster1" }],
        [returned, { operation: "resync", site: "cluster1" }],
    ];
    for (const [start, request] of moves) {
        const walk = start();
        for (const leg of planned(walk, request).legs) {
            edit(walk, leg);
            const decision = decide(inputOf(walk.w, walk.stacks, index(leg.site), walk.sight));
            if (decision.kind !== "plan") throw new Error(decision.code);
            expect(decision.operation).toBe(leg.plan!.groups[0]!.operation);
            expect(decision.volumes.map((v) => [v.key, v.source, v.vr?.replicationState, v.vr?.term])).toEqual(
                leg.plan!.groups[0]!.volumes.map((v) => [v.key, v.source, v.vr?.replicationState, v.vr?.term]),
            );
            runLeg(walk, leg);
            settle(walk.w, 4);
        }
    }
});
