/** Every trial of the matrix, in the order in which they run. */
import * as conditions from "./conditions/catalogue.js";
import { asFault, type Side } from "./conditions/condition.js";
import { killed } from "./kill/fault.js";
import type { Column, Fault, Sequence, Step, Trial } from "./model.js";
import { disaster, freezeLoss, planned, platformSetUp, powerLoss, setUp, teardown } from "./sequences.js";

/** Trials that run side by side; one alone where a fault befalls a whole site. */
export type Round = readonly Trial[];

/** On the way there it befalls the site that is changed, on the way back the other one: both are met at each operation. */
const ON_THE_WAY_BACK: readonly Column[] = ["planned failback", "hand-back"];
const sideOf = (step: Step): Side => (ON_THE_WAY_BACK.includes(step.column) ? "peer" : "own");

const kill = killed(false);
const killOrphans = killed(true);
const apiSlow = asFault(conditions.apiSlow, sideOf);
const apiCut = asFault(conditions.apiCut, sideOf);
/** Faults that leave other lanes alone. */
const lanes = [kill, killOrphans, apiSlow, apiCut];
/** Faults of a whole site. */
const site = [
    conditions.mirrorHung,
    conditions.stopped,
    conditions.full,
    conditions.frozen,
    conditions.wrongToken,
    conditions.mirrorKilled,
].map((condition) => asFault(condition, sideOf));

/** The same fault at each step. */
function trial(fault: Fault, sequence: Sequence, more: Partial<Trial> = {}): Trial {
    return { id: `${fault.name}/${sequence.name}`, sequence, at: () => fault, ...more };
}

/**
 * Passes with another fault at each step: the first pass meets as many faults as there are steps, and all passes together
 * each fault at each step.
 */
function passes(faults: readonly Fault[], sequence: Sequence): Round[] {
    const steps = sequence.items.filter((item): item is Step => item.kind === "step");
    return shifts(faults.length, steps.length).map((shift, pass): Round => {
        const at = (step: Step) => faults[(steps.indexOf(step) + shift) % faults.length];
        return [{ id: `site-${pass + 1}/${sequence.name}`, sequence, at }];
    });
}

/** Each of 0 to `count - 1` once, in strides of `stride` as far as that goes. */
export function shifts(count: number, stride: number): number[] {
    const all: number[] = [];
    for (let next = 0; all.length < count; next = (next + stride) % count) {
        while (all.includes(next)) next = (next + 1) % count;
        all.push(next);
    }
    return all;
}

const byPower = disaster(powerLoss);
const byFreezing = disaster(freezeLoss);

/** In the order in which one would like to know. */
export const ROUNDS: readonly Round[] = [
    [trial(kill, setUp)],
    lanes.map((each) => trial(each, planned)),
    // Being lost is a fault of its own: on one lane nothing else is made to go wrong.
    [trial(kill, byFreezing), { id: `thawed/${byFreezing.name}`, sequence: byFreezing, at: () => undefined }],
    lanes.map((each) => trial(each, byPower)),
    ...passes(site, planned),
    ...passes(site, byPower),
    [trial(kill, teardown)],
];

/** Each of them makes both clusters anew. */
export const PLATFORM: readonly Trial[] = [
    trial(kill, platformSetUp, { platform: true }),
    {
        id: `wrong-token/${platformSetUp.name}`,
        sequence: platformSetUp,
        at: (step) => (step.title === "cluster1 again" ? asFault(conditions.wrongToken, () => "peer") : undefined),
        platform: true,
    },
];

/** All trials. */
export function allTrials(): Trial[] {
    return [...ROUNDS.flat(), ...PLATFORM];
}
