/** Walks through the model: commands that people, faults and time may bring, in any order. */
import {
    exportState,
    importState,
    inputOf,
    kill,
    newStack,
    previewWithout,
    refresh,
    startUp,
    step,
    type Sight,
    type Stack,
} from "./stack.js";
import * as world from "./world.js";
import { decide } from "../../../../dr/decide.js";

/** A walk's state. */
export interface Walk {
    readonly w: world.World;
    readonly stacks: [Stack, Stack];
    readonly sight: Sight;
}

const STATES = ["primary", "secondary", "resync"] as const;

/** One kind of command, its weight in the draw, and what it does to site s (and volume v). */
interface Kind {
    readonly name: string;
    readonly weight: number;
    /** Values of the command's argument: sites times whatever else it needs. */
    readonly arity: number;
    readonly run: (walk: Walk, arg: number) => void;
    readonly text: (arg: number) => string;
}

const site = (arg: number): number => arg & 1;
const named = (arg: number): string => world.SITES[site(arg)]!;

export const KINDS: readonly Kind[] = [
    {
        name: "flip",
        weight: 8,
        arity: 6,
        run: ({ stacks }, a) => (stacks[site(a)]!.state = STATES[a >> 1]!),
        text: (a) => `pulumi config set replicationState ${STATES[a >> 1]} -s ${named(a)}`,
    },
    {
        name: "move",
        weight: 24,
        arity: 6,
        run: (walk, a) => {
            walk.stacks[site(a)]!.state = STATES[a >> 1]!;
            wholeUp(walk, site(a), 6);
        },
        text: (a) =>
            `pulumi config set replicationState ${STATES[a >> 1]} -s ${named(a)} && pulumi up -s ${named(a)} (with time passing)`,
    },
    {
        name: "crash",
        weight: 18,
        arity: 36,
        run: ({ w, stacks, sight }, a) => {
            const stack = stacks[site(a)]!;
            kill(stack);
            stack.state = (a >> 1) & 1 ? "secondary" : "primary";
            startUp(w, stacks, site(a), sight);
            for (let i = 0; i < 2 + 2 * ((a >> 2) % 3); i++) {
                step(w, stacks, site(a), sight);
                world.podTick(w, site(a));
                if (a < 24) world.csiTick(w, site(a), a >= 12);
            }
            kill(stack);
        },
        text: (a) =>
            `pulumi config set replicationState ${(a >> 1) & 1 ? "secondary" : "primary"} -s ${named(a)} && pulumi up -s ${named(a)}, killed after ${2 + 2 * ((a >> 2) % 3)} steps${["", ", while csi-addons dies before each status", ", while csi-addons is down"][Math.floor(a / 12)]}`,
    },
    {
        name: "lostSite",
        weight: 3,
        arity: 4,
        run: ({ stacks }, a) => (stacks[site(a)]!.lostSite = a >> 1 === 1),
        text: (a) =>
            a >> 1 === 1
                ? `pulumi config set lostSite ${world.SITES[1 - site(a)]} -s ${named(a)}`
                : `pulumi config rm lostSite -s ${named(a)}`,
    },
    {
        name: "up",
        weight: 8,
        arity: 2,
        run: ({ w, stacks, sight }, a) => startUp(w, stacks, site(a), sight),
        text: (a) => `pulumi up -s ${named(a)} (begins)`,
    },
    {
        name: "preview",
        weight: 1,
        arity: 2,
        run: ({ w, stacks, sight }, a) => void decide(inputOf(w, stacks, site(a), sight)),
        text: (a) => `pulumi preview -s ${named(a)}`,
    },
    {
        name: "step",
        weight: 16,
        arity: 8,
        run: ({ w, stacks, sight }, a) => {
            for (let i = 0; i <= a >> 1; i++) step(w, stacks, site(a), sight);
        },
        text: (a) => `  up of ${named(a)} goes on (${(a >> 1) + 1} steps)`,
    },
    {
        name: "whole",
        weight: 10,
        arity: 2,
        run: (walk, a) => wholeUp(walk, site(a), 12),
        text: (a) => `pulumi up -s ${named(a)} (with time passing)`,
    },
    {
        name: "kill",
        weight: 3,
        arity: 2,
        run: ({ stacks }, a) => kill(stacks[site(a)]!),
        text: (a) => `SIGKILL to the up of ${named(a)}`,
    },
    {
        name: "refresh",
        weight: 1,
        arity: 2,
        run: ({ w, stacks }, a) => refresh(w, stacks[site(a)]!),
        text: (a) => `pulumi refresh -s ${named(a)}`,
    },
    {
        name: "write",
        weight: 20,
        arity: 4,
        run: ({ w }, a) => world.write(w, site(a), a >> 1),
        text: (a) => `application writes ${world.KEYS[a >> 1]} on ${named(a)}`,
    },
    {
        name: "snapshot",
        weight: 3,
        arity: 2,
        run: ({ w }, a) => world.snapshot(w, site(a)),
        text: (a) => `mirror snapshot on ${named(a)}`,
    },
    {
        name: "mirror",
        weight: 8,
        arity: 2,
        run: ({ w }, a) => world.mirrorTick(w, site(a)),
        text: (a) => `rbd-mirror of ${named(a)} looks`,
    },
    {
        name: "csi-dies",
        weight: 3,
        arity: 2,
        run: ({ w }, a) => world.csiTick(w, site(a), true),
        text: (a) => `csi-addons of ${named(a)} calls the driver, and dies before it writes the status`,
    },
    {
        name: "csi",
        weight: 8,
        arity: 2,
        run: ({ w }, a) => world.csiTick(w, site(a)),
        text: (a) => `csi-addons of ${named(a)} looks`,
    },
    {
        name: "pods",
        weight: 4,
        arity: 2,
        run: ({ w }, a) => world.podTick(w, site(a)),
        text: (a) => `pods of ${named(a)} follow`,
    },
    {
        name: "time",
        weight: 8,
        arity: 1,
        run: ({ w }) => settle(w, 2),
        text: () => `time passes`,
    },
    {
        name: "site",
        weight: 3,
        arity: 4,
        run: ({ w }, a) => {
            w.sites[site(a)]!.up = a >> 1 === 1;
            w.clock++;
        },
        text: (a) => `site ${named(a)} ${a >> 1 === 1 ? "comes back" : "stops"}`,
    },
    {
        name: "link",
        weight: 2,
        arity: 2,
        run: ({ w }, a) => (w.link = a === 1),
        text: (a) => `the link between the sites ${a === 1 ? "is back" : "breaks"}`,
    },
    {
        name: "rbd-mirror",
        weight: 6,
        arity: 4,
        run: ({ w }, a) => (w.sites[site(a)]!.mirror = a >> 1 === 1),
        text: (a) => `rbd-mirror of ${named(a)} ${a >> 1 === 1 ? "starts" : "stops"}`,
    },
    {
        name: "csi-restart",
        weight: 2,
        arity: 2,
        run: ({ w }, a) => {
            for (const vr of w.sites[site(a)]!.vr) if (vr !== undefined) vr.idle = false;
        },
        text: (a) => `csi-addons of ${named(a)} restarts`,
    },
    {
        name: "fence",
        weight: 1,
        arity: 2,
        run: ({ w }, a) => fence(w, site(a)),
        text: (a) => `kubectl scale --replicas=0 on ${named(a)}`,
    },
    {
        name: "kubectl",
        weight: 1,
        arity: 8,
        run: ({ w }, a) => world.patchByHand(w, site(a), (a >> 1) & 1, STATES[a >> 2]!),
        text: (a) => `kubectl patch vr of ${world.KEYS[(a >> 1) & 1]} to ${STATES[a >> 2]} on ${named(a)}`,
    },
    {
        name: "kubectl-delete",
        weight: 1,
        arity: 4,
        run: ({ w }, a) => world.deleteByHand(w, site(a), a >> 1),
        text: (a) => `kubectl delete vr of ${world.KEYS[a >> 1]} on ${named(a)}`,
    },
    {
        name: "stranger",
        weight: 2,
        arity: 8,
        run: ({ w }, a) => {
            const at = w.sites[site(a)]!;
            const v = (a >> 1) & 1;
            // One that comes after the gate, before the controller has looked, is nobody's to stop.
            if (at.up) at.strangers[v] = a < 4 && at.pvc[v]! && at.vr[v]?.state === "primary";
        },
        text: (a) =>
            a < 4
                ? `somebody's pod mounts ${world.KEYS[(a >> 1) & 1]} on ${named(a)}`
                : `somebody's pod of ${world.KEYS[(a >> 1) & 1]} on ${named(a)} ends`,
    },
    {
        name: "state",
        weight: 2,
        arity: 4,
        run: ({ stacks }, a) => (a >> 1 === 0 ? exportState : importState)(stacks[site(a)]!),
        text: (a) =>
            a >> 1 === 0 ? `pulumi stack export -s ${named(a)} > FILE` : `pulumi stack import -s ${named(a)} < FILE`,
    },
    {
        name: "volumes",
        weight: 2,
        arity: 4,
        run: ({ w, stacks, sight }, a) => previewWithout(w, stacks, site(a), a >> 1, sight),
        text: (a) => `pulumi preview -s ${named(a)}, with ${world.KEYS[a >> 1]} taken out of its volumes`,
    },
    {
        name: "rbd",
        weight: 1,
        arity: 4,
        // Only a look at the images can notice this: the controller does not.
        run: ({ w, sight }, a) => void (sight.images && world.rbdByHand(w, site(a), a >> 1)),
        text: (a) => `rbd mirror image promote --force/demote of ${world.KEYS[a >> 1]} on ${named(a)}`,
    },
    {
        name: "rebuild",
        weight: 1,
        arity: 2,
        run: (walk, a) => rebuild(walk, site(a)),
        text: (a) => `${named(a)} is rebuilt empty, if ${world.SITES[1 - site(a)]} has all there is`,
    },
];

/** Every command, once per argument and weight: a walk is a list of places in this table. */
export const TABLE: readonly { readonly kind: Kind; readonly arg: number }[] = KINDS.flatMap((kind) =>
    Array.from({ length: kind.weight * 8 }, (_, i) => ({ kind, arg: i % kind.arity })),
);

/** A command as text. */
export function say(place: number): string {
    const { kind, arg } = TABLE[place % TABLE.length]!;
    return kind.text(arg);
}

/** Does one command. */
export function perform(walk: Walk, place: number): void {
    const { kind, arg } = TABLE[place % TABLE.length]!;
    kind.run(walk, arg);
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

export function fence(w: world.World, s: number): void {
    if (!w.sites[s]!.up) return;
    w.sites[s]!.replicas = false;
    w.sites[s]!.pods = [false, false];
    w.sites[s]!.strangers = [false, false];
}

/** A site is gone for good and comes back empty: only when the other one has every write that counts. */
function rebuild({ w, stacks }: Walk, s: number): void {
    // Before the primary's first finished up there is no record anywhere: nobody could tell what the lost site held.
    if (!world.KEYS.every((key) => stacks.some((stack) => stack.outputs?.records[key] !== undefined))) return;
    const other = w.sites[1 - s]!;
    for (let v = 0; v < world.KEYS.length; v++) {
        const image = other.images[v];
        if (!image?.snap || (w.acked[v]! & ~w.excused[v]! & ~(image.primary ? image.data : image.snap.data)) !== 0)
            return;
    }
    kill(stacks[s]!);
    w.sites[s] = world.emptySite();
    stacks[s]!.checkpoint = [undefined, undefined];
}

/** Where every walk begins: nothing at all, or cluster1 primary and cluster2 its healthy secondary. */
export function newWalk(start: "empty" | "running" | "handed over", sight: Sight): Walk {
    const walk: Walk = { w: world.newWorld(), stacks: [newStack(0), newStack(1)], sight };
    if (start === "empty") return walk;
    for (const s of [0, 1]) {
        wholeUp(walk, s, 12);
        if (walk.stacks[s]!.ended !== "done")
            walk.w.violations.push(`the first up of ${world.SITES[s]} did not end well`);
    }
    settle(walk.w, 3);
    if (start === "running") return walk;
    // The run that demoted was killed: nothing is written down of the handover that has come since.
    walk.stacks[0].state = "secondary";
    startUp(walk.w, walk.stacks, 0, sight);
    for (let i = 0; i < 12 && walk.stacks[0].run?.steps[walk.stacks[0].run.at]?.do !== "finish"; i++) {
        step(walk.w, walk.stacks, 0, sight);
        settle(walk.w, 2);
    }
    kill(walk.stacks[0]);
    return walk;
}
