/**
 * Every refusal leads on: each is reached in the model, then its advice is typed line by line, and what was asked for is no
 * longer refused with the same code. Lines that begin with a condition or a purpose are choices: each is typed on its own.
 */
import { expect, test } from "@jest/globals";
import { REFUSALS } from "../../../../dr/refusals.js";
import { GROUP_REFUSALS } from "../../../../dr/refusals/groups.js";
import type { Refusal } from "../../../../dr/model.js";
import { SCENARIOS, type Scenario } from "./scenarios.js";
import { isUnderstood, typeLine, typeUp, type Ended } from "./typist.js";
import type { Walk } from "./walk.js";

/**
 * What the model has no words for, reached in test/unit/dr/refusals/ alone: owners of pods, claims that are adopted, VRs that
 * are let go. Rules between groups have their own tests too, as no group can see them.
 */
const ELSEWHERE = new Set<string>([
    "ADOPT_MISSING",
    "ADOPT_UNFIT",
    "ADOPTED_VANISHED",
    "CLAIM_IN_THE_WAY",
    "PEER_CLAIM_IN_THE_WAY",
    "RELEASE_ORDER",
    "RELEASE_NOT_REPLAYING",
    "RELEASE_PEER_UNKNOWN",
    "USED_BY_OTHERS",
    "WORKLOAD_DELETES_CLAIMS",
]);

/** How a line begins that is a choice of its own, and not the next step. */
const CHOICE = /^(or |only if |otherwise|until then|to |if (?!it stays|it never))/;

/** Reaches the refusal; what was asked of which stack stays in its config. */
function reach({ code, walk: make, site, state }: Scenario): { walk: Walk; refusal: Refusal } {
    const walk = make();
    if (state !== undefined) walk.stacks[site]!.state = state;
    const refusal = typeUp(walk, site);
    expect(refusal).toMatchObject({ kind: "refusal", code });
    return { walk, refusal: refusal as Refusal };
}

/** The ways on that a refusal offers, as lines to type one after the other: what is plainly next, then each choice. */
function waysOn({ next }: Refusal): string[][] {
    const ways: string[][] = [];
    // Too long for a refusal: the documentation has it.
    for (const line of next.filter((each) => !each.includes("docs/refusals.md"))) {
        if (ways.length === 0 || CHOICE.test(line)) ways.push([line]);
        else ways.at(-1)!.push(line);
    }
    // A look around changes nothing: where choices follow, it is made before any of them.
    return ways.length > 1 && ways[0]!.every((line) => line.startsWith("look at ")) ? ways.slice(1) : ways;
}

test.each(SCENARIOS.map((s) => [s.code, s.why, s] as const))(
    "%s, %s: what it says to type leads on",
    (_, __, scenario) => {
        const count = waysOn(reach(scenario).refusal).length;
        for (let i = 0; i < count; i++) {
            const { walk, refusal } = reach(scenario);
            const log = [`refused: ${refusal.code}, ${refusal.reason}`];
            let ended: Ended | undefined;
            for (const line of waysOn(refusal)[i]!) {
                expect(isUnderstood(line) ? "" : `nobody can type: ${line}`).toBe("");
                ended = typeLine(walk, line, log) ?? ended;
            }
            const again = ended === "done" ? ended : typeUp(walk, scenario.site);
            const code = typeof again === "object" ? again.code : again;
            expect(code === refusal.code ? [...log, `still: ${code}`] : []).toEqual([]);
            expect(walk.w.violations).toEqual([]);
        }
    },
);

test("each refusal has a scenario", () => {
    const codes = new Set<string>(SCENARIOS.map(({ code }) => code));
    const here = Object.keys(REFUSALS).filter((code) => !(code in GROUP_REFUSALS) && !ELSEWHERE.has(code));
    expect(here.filter((code) => !codes.has(code))).toEqual([]);
});
