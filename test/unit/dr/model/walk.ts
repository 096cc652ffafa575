/** A walk through the model: where it begins, how time passes in it, and what of it takes more than one step. */
import { declareLost, kill, newStack, startUp, step, type Sight, type Stack } from "./stack.js";
import * as world from "./world.js";

/** A walk's state. */
export interface Walk {
    readonly w: world.World;
    readonly stacks: [Stack, Stack];
    readonly sight: Sight;
}

/** Time passes: everything that works by itself does so. */
export function settle(w: world.World, rounds: number): void {
    for (let i = 0; i < rounds; i++)
        for (const s of [0, 1]) {
            world.podTick(w, s);
            // Who comes first differs from round to round: a controller may promote before the mirror has looked.
            const first = (w.clock & 4) !== 0;
            if (first) world.csiTick(w, s);
            if ((w.clock & 8) !== 0) world.snapshot(w, s);
            world.mirrorTick(w, s);
            if (!first) world.csiTick(w, s);
        }
}

/** An `up` from start to end while time passes; it is killed when it gets nowhere. */
export function wholeUp({ w, stacks, sight }: Walk, s: number, patience: number): void {
    const stack = stacks[s]!;
    if (stack.run === undefined) startUp(w, stacks, s, sight);
    for (let i = 0; i < patience && stack.run !== undefined; i++) {
        const before: number = stack.run.at;
        for (let j = 0; j < 4; j++) step(w, stacks, s, sight);
        if (stack.run?.at === before || i % 2 === 1) settle(w, 1);
    }
    kill(stack);
}

/** `kubectl scale --replicas=0`, and whatever else uses the volumes is stopped too. */
export function fence(w: world.World, s: number): void {
    if (!w.sites[s]!.up) return;
    w.sites[s]!.replicas = false;
    w.sites[s]!.pods = [false, false];
    w.sites[s]!.strangers = [false, false];
}

/** A site is gone for good and comes back empty: only when the other one has every write that counts. */
export function rebuild({ w, stacks }: Walk, s: number): void {
    // Before the primary's first finished up there is no record anywhere: nobody could tell what the lost site held.
    if (!world.KEYS.every((key) => stacks.some((stack) => stack.outputs?.records[key] !== undefined))) return;
    const other = w.sites[1 - s]!;
    for (let v = 0; v < world.KEYS.length; v++) {
        const image = other.images[v];
        // One that is being given up is nobody's last copy.
        if (
            !image?.snap ||
            image.resync ||
            other.vr[v]?.auto ||
            (w.acked[v]! & ~w.excused[v]! & ~(image.primary ? image.data : image.snap.data)) !== 0
        )
            return;
    }
    kill(stacks[s]!);
    w.sites[s] = world.emptySite();
    stacks[s]!.checkpoint = [undefined, undefined];
}

/** Where a walk begins. */
export type Start = (typeof STARTS)[number];

/** Nothing at all; cluster1 primary and cluster2 its healthy secondary; and three states that take many commands to reach. */
export const STARTS = ["empty", "running", "handed over", "toured", "parted"] as const;

/** A walk at its beginning. */
export function newWalk(start: Start, sight: Sight): Walk {
    const walk: Walk = { w: world.newWorld(), stacks: [newStack(0), newStack(1)], sight };
    if (start === "empty") return walk;
    for (const s of [0, 1]) {
        wholeUp(walk, s, 12);
        if (walk.stacks[s]!.ended !== "done")
            walk.w.violations.push(`the first up of ${world.SITES[s]} did not end well`);
    }
    settle(walk.w, 3);
    if (start === "handed over") handOver(walk);
    if (start === "toured")
        for (const [s, state] of [
            [0, "secondary"],
            [1, "primary"],
        ] as const) {
            walk.stacks[s].state = state;
            wholeUp(walk, s, 12);
        }
    if (start === "parted") part(walk);
    return walk;
}

/** The run that demoted was killed: nothing is written down of the handover that has come since. */
function handOver(walk: Walk): void {
    const [stack] = walk.stacks;
    stack.state = "secondary";
    startUp(walk.w, walk.stacks, 0, walk.sight);
    for (let i = 0; i < 12 && stack.run?.steps[stack.run.at]?.do !== "finish"; i++) {
        step(walk.w, walk.stacks, 0, walk.sight);
        settle(walk.w, 2);
    }
    kill(stack);
}

/** cluster1 was lost and cluster2 took over; now cluster1 is back as it was. */
function part(walk: Walk): void {
    const [lost, stack] = [walk.w.sites[0], walk.stacks[1]];
    world.write(walk.w, 0, 0);
    lost.up = false;
    declareLost(stack, true);
    stack.state = "primary";
    wholeUp(walk, 1, 12);
    lost.up = true;
    settle(walk.w, 2);
}
