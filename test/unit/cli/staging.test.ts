/** The site that hands over many volumes begins once the other one has all that it needs beside the handover. */
import { describe, expect, test } from "@jest/globals";
import { EventBus } from "../../../cli/events.js";
import { stagingOf } from "../../../cli/run/staging.js";
import { goalsOf } from "../../../cli/sequence/goals.js";
import type { Leg, SiteKnown } from "../../../cli/sequence/model.js";
import { describeStaged } from "../../../dr/describe.js";
import { ask } from "../dr/world.js";

const leg = (site: string, peer: string, more: Partial<Leg>) =>
    ({ site, asked: { intent: { peer } }, awaitsPrevious: false, afterStaging: false, ...more }) as Leg;
const source = leg("cluster1", "cluster2", { afterStaging: true });
const target = leg("cluster2", "cluster1", { awaitsPrevious: true });

function staged(legs: readonly Leg[] = [source, target]) {
    const bus = new EventBus();
    const staging = stagingOf(
        bus,
        legs,
        legs.map((_, index) => index),
    );
    let begun: boolean | undefined;
    void staging.mayBegin(0).then((begins) => (begun = begins));
    const say = (stack: string, text: string) => bus.emit({ type: "message", stack, severity: "info", text });
    const now = async () => {
        await new Promise(setImmediate);
        return begun;
    };
    return { staging, say, now };
}

describe("a leg that is to begin after the other's staging", () => {
    test("waits for the other's word, and for nobody else's", async () => {
        const { say, now, staging } = staged();
        expect(await staging.mayBegin(1)).toBe(true);
        say("cluster1", describeStaged("cluster1"));
        say("cluster2", "cluster2 is secondary");
        expect(await now()).toBeUndefined();
        say("cluster2", describeStaged("cluster1"));
        expect(await now()).toBe(true);
    });

    test("does not begin when the other failed before", async () => {
        const { now, staging } = staged();
        staging.ended(1, true);
        expect(await now()).toBe(false);
    });

    test("begins when the other ended well without a word", async () => {
        const { now, staging } = staged();
        staging.ended(1, false);
        expect(await now()).toBe(true);
    });
});

test.each([
    ["where nothing is to be staged", [{ ...source, afterStaging: false }, target]],
    ["where the other leg is done already", [source]],
])("%s, a leg begins at once", async (_, legs) => {
    expect(await staged(legs).now()).toBe(true);
});

test.each([
    [20, undefined, false],
    [21, undefined, true],
    [21, "shop", false],
])("a move of %d volumes, group %s: the site that hands over waits: %s", (count, group, waits) => {
    const volumes = Array.from({ length: count }, (_, i) => ({ name: `v${i}`, namespace: "a", size: "1Gi" }));
    const known = (site: string, peer: string): SiteKnown => ({
        input: ask("primary", { intent: { site, peer, volumes } }),
        pinned: [],
        token: true,
        deployed: true,
        waitsForHandover: true,
    });
    const world = { a: known("a", "b"), b: known("b", "a") };
    const goals = goalsOf({ operation: "failover", to: "b", group }, world);
    expect(goals.map((goal) => goal.afterStaging === true)).toEqual([waits, false]);
});
