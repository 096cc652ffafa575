/** Every refusal can be reached, says what was seen and what to type; and none is missing from its documentation. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { decide } from "../../../../dr/decide.js";
import { describeRefusal } from "../../../../dr/describe.js";
import { contextOf } from "../../../../dr/facts.js";
import { guardInUse } from "../../../../dr/guards/in-use.js";
import { stillPlanned, unfinished } from "../../../../dr/outcome.js";
import { REFUSALS } from "../../../../dr/refusals.js";
import { ADOPTION_REFUSALS } from "../../../../dr/refusals/adoption.js";
import { GROUP_REFUSALS } from "../../../../dr/refusals/groups.js";
import type { Plan, Refusal } from "../../../../dr/model.js";
import * as w from "../world.js";
import { CONFIG_CASES } from "./cases/config.js";
import { DEMOTION_CASES } from "./cases/demotion.js";
import { handed, primary } from "./cases/fixtures.js";
import { PROMOTION_CASES } from "./cases/promotion.js";
import { STATE_CASES } from "./cases/state.js";

const { ask, nothing, outputs, seen, volume, vr } = w;

/** One or more for each code, in the files of the catalogue. */
const CASES = [...CONFIG_CASES, ...STATE_CASES, ...PROMOTION_CASES, ...DEMOTION_CASES];

describe("refusals", () => {
    test.each(CASES)("%s: %s", (code, _, input, ...words) => {
        const decision = decide(input);
        expect(decision).toMatchObject({ kind: "refusal", code });
        const text = describeRefusal(decision as Refusal);
        for (const word of [code, ...words]) expect(text).toContain(word);
        expectUseful(decision as Refusal);
    });

    test("VOLUME_IN_USE: a volume that is to be demoted is still mounted", () => {
        const context = contextOf(ask("secondary", { own: seen({ ...primary, pods: ["app-1"] }) }));
        const refusal = guardInUse(context, w.KEY);
        expect(refusal).toMatchObject({ code: "VOLUME_IN_USE" });
        expect(describeRefusal(refusal!)).toContain("app-1");
        expectUseful(refusal!);
        expect(guardInUse(contextOf(ask("secondary", { own: seen(primary) })), w.KEY)).toBeUndefined();
    });

    test("VR_DRIFTED: Pulumi left a VR alone that was changed by hand", () => {
        const healthy = ask("secondary", { own: seen(volume({ vr: vr("secondary", "TFF") })), peer: seen(primary) });
        const plan = decide(healthy) as Plan;
        expect(unfinished(plan, healthy)).toBeUndefined();
        const refusal = unfinished(plan, ask("secondary", { own: seen(primary), peer: seen(primary) }));
        expect(refusal).toMatchObject({ code: "VR_DRIFTED" });
        expect(describeRefusal(refusal!)).toContain("pulumi refresh -s cluster1");
        expectUseful(refusal!);
    });

    test("PLAN_CHANGED: what was planned would not be planned now", () => {
        const first = ask("primary", { peer: seen(nothing()) });
        const [planned] = (decide(first) as Plan).volumes;
        expect(stillPlanned(planned!, first)).toBeUndefined();
        const handedOver = ask("primary", {
            peer: seen(handed),
            peerOutputs: outputs("cluster2", "secondary", { handedOver: [w.KEY], term: 1 }),
        });
        const refusal = stillPlanned(planned!, handedOver);
        expect(refusal).toMatchObject({ code: "PLAN_CHANGED" });
        expect(describeRefusal(refusal!)).toContain("to be provision, now restore");
        expectUseful(refusal!);
        expect(stillPlanned(planned!, ask("primary", { peer: seen(primary) }))).toMatchObject({ code: "PEER_PRIMARY" });
    });

    test("each one in the catalogue is reached above", () => {
        const reached = new Set<string>([
            ...CASES.map(([code]) => code),
            "VOLUME_IN_USE",
            "VR_DRIFTED",
            "PLAN_CHANGED",
            // In adopted.test.ts and workloads.test.ts.
            ...Object.keys(ADOPTION_REFUSALS),
            // In groups/decide.test.ts.
            ...Object.keys(GROUP_REFUSALS),
        ]);
        expect(Object.keys(REFUSALS).filter((code) => !reached.has(code))).toEqual([]);
    });
});

describe("docs/refusals.md", () => {
    const text = readFileSync(new URL("../../../../docs/refusals.md", import.meta.url), "utf8");
    const documented = [...text.matchAll(/^### (\w+)$/gm)].map((m) => m[1]!);

    test("has each code once, and no other", () => {
        expect([...documented].sort()).toEqual(Object.keys(REFUSALS).sort());
    });

    test.each(Object.keys(REFUSALS))("%s says when and what to do", (code) => {
        const entry = text.split(`### ${code}\n`)[1]!.split(/^##/m)[0]!;
        expect(entry).toMatch(/\*\*When\*\*/);
        expect(entry).toMatch(/\*\*Do\*\*/);
    });
});

function expectUseful(refusal: Refusal): void {
    expect(refusal.seen.length).toBeGreaterThan(0);
    expect(refusal.next.length).toBeGreaterThan(0);
    for (const line of [refusal.reason, ...refusal.seen, ...refusal.next]) {
        expect(line.trim()).not.toBe("");
        expect(line).not.toMatch(/undefined|\[object|NaN/);
    }
    expect(refusal.next.join("\n")).toMatch(/pulumi |kubectl |put |add |rename |stop |bring |give |wait/);
}
