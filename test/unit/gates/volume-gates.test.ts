/** What a claim waits for: only one that is to be made anew waits for the other site. */
import { expect, test } from "@jest/globals";
import type { SiteConfig } from "../../../config.js";
import { decide } from "../../../dr/decide.js";
import type { DecisionInput, Plan } from "../../../dr/model.js";
import { volumeGates } from "../../../gates/volume-gates.js";
import { ARRIVED, ask, DEMOTED, image, outputs, seen, volume, vr } from "../dr/world.js";

const handed = ask("primary", {
    own: seen(volume({ vr: vr("secondary", "TTT"), image: image("secondary", ARRIVED) })),
    peer: seen(volume({ vr: vr("secondary", "TTF", { term: 1 }), image: image("secondary", DEMOTED) })),
    peerOutputs: outputs("cluster2", "primary", { term: 1 }),
});

/** The gates of the one volume, and how often they looked again. */
function gatesOf(input: DecisionInput) {
    const looks = { count: 0 };
    const again = () => {
        looks.count++;
        return Promise.resolve(input);
    };
    const observation = { input, again, peerStack: {} } as unknown as Parameters<typeof volumeGates>[1];
    const config = { access: { context: "c" }, intent: input.intent, timeouts: {}, rook: {} } as unknown as SiteConfig;
    const [plan] = (decide(input) as Plan).volumes;
    const never = () => new Promise<void>(() => undefined);
    const gates = volumeGates(config, observation)({ observation, hooks: { afterStop: never }, ahead: true })(plan!);
    return { gates, looks };
}

test("a claim that is bound waits for nobody, so that all but the VR is there when the other site hands over", async () => {
    const { gates, looks } = gatesOf(handed);
    await gates.beforeClaim();
    expect(looks.count).toBe(0);
});
