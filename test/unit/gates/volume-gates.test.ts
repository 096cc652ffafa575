/** What a claim waits for: only one that is to be made anew waits for the other site. */
import { expect, jest, test } from "@jest/globals";
import type { SiteConfig } from "../../../config.js";
import { decide } from "../../../dr/decide.js";
import { describeStaged } from "../../../dr/describe.js";
import type { DecisionInput, Plan } from "../../../dr/model.js";
import { volumeGates } from "../../../gates/volume-gates.js";
import { ARRIVED, ask, DEMOTED, image, outputs, seen, volume, vr } from "../dr/world.js";

const handed = ask("primary", {
    own: seen(volume({ vr: vr("secondary", "TTT"), image: image("secondary", ARRIVED) })),
    peer: seen(volume({ vr: vr("secondary", "TTF", { term: 1 }), image: image("secondary", DEMOTED) })),
    peerOutputs: outputs("cluster2", "primary", { term: 1 }),
});

/** What makes the gates of volumes whose promotion is planned ahead. */
function gatesFor(input: DecisionInput, again = () => Promise.resolve(input)) {
    const observation = { input, again, peerStack: {} } as unknown as Parameters<typeof volumeGates>[1];
    const config = { access: { context: "c" }, intent: input.intent, timeouts: {}, rook: {} } as unknown as SiteConfig;
    const never = () => new Promise<void>(() => undefined);
    return volumeGates(config, observation)({ observation, hooks: { afterStop: never }, ahead: true });
}

/** The gates of the one volume, and how often they looked again. */
function gatesOf(input: DecisionInput) {
    const looks = { count: 0 };
    const again = () => {
        looks.count++;
        return Promise.resolve(input);
    };
    const [plan] = (decide(input) as Plan).volumes;
    return { gates: gatesFor(input, again)(plan!), looks };
}

test("a claim that is bound waits for nobody, so that all but the VR is there when the other site hands over", async () => {
    const { gates, looks } = gatesOf(handed);
    await gates.beforeClaim();
    expect(looks.count).toBe(0);
});

test("a site that has all that it needs beside the handover says so, once all of its volumes have", async () => {
    const said = jest.spyOn(console, "log").mockImplementation(() => undefined);
    const [plan] = (decide(handed) as Plan).volumes;
    const keys = ["shop/a", "shop/b"];
    const make = gatesFor({ ...handed, own: seen(...keys.map((key) => volume({ key }))) });
    const [first, second] = keys.map((key) => make({ ...plan!, key }));
    const reach = async (gates: typeof first) => {
        // What comes next needs a cluster.
        void gates!.beforeReplication().catch(() => undefined);
        await new Promise(setImmediate);
        return said.mock.calls.flat().filter((line) => String(line).includes(describeStaged("cluster2"))).length;
    };
    expect(await reach(first)).toBe(0);
    expect(await reach(second)).toBe(1);
});
