/** The commands that people, faults and time may bring, in any order. */
import { decide } from "../../../../dr/decide.js";
import * as hands from "./hands.js";
import * as stack from "./stack.js";
import { fence, rebuild, settle, wholeUp, type Walk } from "./walk.js";
import * as world from "./world.js";

const STATES = ["primary", "secondary", "resync"] as const;

/** One kind of command, its weight in the draw, and what it does to site s (and volume v). */
export interface Kind {
    readonly name: string;
    readonly weight: number;
    /** Values of the command's argument: sites times whatever else it needs. */
    readonly arity: number;
    readonly run: (walk: Walk, arg: number) => void;
    readonly text: (arg: number) => string;
}

const CSI = ["runs", "mute", "down", "runs"] as const;

const stepsOf = (arg: number): number => 2 + 2 * Math.floor((arg % 18) / 6);
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
            wholeUp(walk, site(a), 8);
        },
        text: (a) =>
            `pulumi config set replicationState ${STATES[a >> 1]} -s ${named(a)} && pulumi up -s ${named(a)} (with time passing)`,
    },
    {
        name: "crash",
        weight: 18,
        arity: 36,
        run: ({ w, stacks, sight }, a) => {
            const own = stacks[site(a)]!;
            stack.kill(own);
            own.state = STATES[(a >> 1) % 3]!;
            const slow = a >= 18;
            stack.startUp(w, stacks, site(a), sight);
            for (let i = 0; i < stepsOf(a); i++) {
                stack.step(w, stacks, site(a), sight);
                world.podTick(w, site(a));
                if (!slow) world.csiTick(w, site(a));
            }
            stack.kill(own);
        },
        text: (a) =>
            `pulumi config set replicationState ${STATES[(a >> 1) % 3]} -s ${named(a)} && pulumi up -s ${named(a)}, killed after ${stepsOf(a)} steps${a >= 18 ? ", before csi-addons has looked" : ""}`,
    },
    {
        name: "lostSite",
        weight: 3,
        arity: 4,
        run: ({ stacks }, a) => stack.declareLost(stacks[site(a)]!, a >> 1 === 1),
        text: (a) =>
            a >> 1 === 1
                ? `pulumi config set lostSite ${world.SITES[1 - site(a)]} -s ${named(a)}`
                : `pulumi config rm lostSite -s ${named(a)}`,
    },
    {
        name: "up",
        weight: 8,
        arity: 2,
        run: ({ w, stacks, sight }, a) => stack.startUp(w, stacks, site(a), sight),
        text: (a) => `pulumi up -s ${named(a)} (begins)`,
    },
    {
        name: "preview",
        weight: 1,
        arity: 2,
        run: ({ w, stacks, sight }, a) => void decide(stack.inputOf(w, stacks, site(a), sight)),
        text: (a) => `pulumi preview -s ${named(a)}`,
    },
    {
        name: "step",
        weight: 16,
        arity: 8,
        run: ({ w, stacks, sight }, a) => {
            for (let i = 0; i <= a >> 1; i++) stack.step(w, stacks, site(a), sight);
        },
        text: (a) => `  up of ${named(a)} goes on (${(a >> 1) + 1} steps)`,
    },
    {
        name: "whole",
        weight: 10,
        arity: 2,
        run: (walk, a) => wholeUp(walk, site(a), 14),
        text: (a) => `pulumi up -s ${named(a)} (with time passing)`,
    },
    {
        name: "kill",
        weight: 3,
        arity: 2,
        run: ({ stacks }, a) => stack.kill(stacks[site(a)]!),
        text: (a) => `SIGKILL to the up of ${named(a)}`,
    },
    {
        name: "refresh",
        weight: 1,
        arity: 2,
        run: ({ w, stacks }, a) => stack.refresh(w, stacks[site(a)]!),
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
        name: "csi-addons",
        weight: 6,
        arity: 8,
        run: ({ w }, a) => (w.sites[site(a)]!.csi = CSI[a >> 1]!),
        text: (a) =>
            `csi-addons of ${named(a)} ${{ runs: "runs", mute: "dies before each status from now on", down: "stops" }[CSI[a >> 1]!]}`,
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
        weight: 2,
        arity: 12,
        run: ({ w }, a) => hands.patchByHand(w, site(a), (a >> 1) & 1, STATES[a >> 2]!),
        text: (a) => `kubectl patch vr of ${world.KEYS[(a >> 1) & 1]} to ${STATES[a >> 2]} on ${named(a)}`,
    },
    {
        name: "kubectl-delete",
        weight: 1,
        arity: 4,
        run: ({ w, sight }, a) => hands.deleteByHand(w, site(a), a >> 1, sight.images),
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
        run: ({ w, stacks }, a) => {
            if (a >> 1 === 0) stack.exportState(stacks[site(a)]!);
            else stack.importState(w, stacks[site(a)]!);
        },
        text: (a) =>
            a >> 1 === 0 ? `pulumi stack export -s ${named(a)} > FILE` : `pulumi stack import -s ${named(a)} < FILE`,
    },
    {
        name: "volumes",
        weight: 2,
        arity: 4,
        run: ({ w, stacks, sight }, a) => stack.previewWithout(w, stacks, site(a), a >> 1, sight),
        text: (a) => `pulumi preview -s ${named(a)}, with ${world.KEYS[a >> 1]} taken out of its volumes`,
    },
    {
        name: "rbd",
        weight: 1,
        arity: 4,
        // Only a look at the images can notice this: the controller does not.
        run: ({ w, sight }, a) => void (sight.images && hands.rbdByHand(w, site(a), a >> 1)),
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

/** Always there: without them a walk leads nowhere. */
const CORE = new Set(["move", "whole", "write", "time"]);

/**
 * The kinds that a walk draws from. With half of them left out at random, those that are left come together far more often
 * than in walks that do a little of everything.
 *
 * @param mask a bit for each kind; -1 for all
 */
export function kindsOf(mask: number): readonly Kind[] {
    return KINDS.filter(({ name }, i) => CORE.has(name) || (mask >>> (i % 32)) & 1);
}

/** The mask of {@link kindsOf} that leaves only these, besides those that are always there. */
export function maskOf(names: readonly string[]): number {
    return KINDS.reduce((mask, { name }, i) => (names.includes(name) ? mask | (1 << (i % 32)) : mask), 0);
}

/** A place in the draw as a command: by weight, then by what is left as its argument. */
function commandAt(kinds: readonly Kind[], place: number): { readonly kind: Kind; readonly arg: number } {
    let at = place % kinds.reduce((sum, { weight }) => sum + weight, 0);
    const kind = kinds.find(({ weight }) => (at -= weight) < 0)!;
    return { kind, arg: (place >>> 8) % kind.arity };
}

/** Does the command that this is the text of. */
export function performText(walk: Walk, text: string): void {
    for (const kind of KINDS)
        for (let arg = 0; arg < kind.arity; arg++) if (kind.text(arg) === text) return kind.run(walk, arg);
    throw new Error(`There is no command "${text}".`);
}

/** A command as text. */
export function say(kinds: readonly Kind[], place: number): string {
    const { kind, arg } = commandAt(kinds, place);
    return kind.text(arg);
}

/** Does one command. */
export function perform(walk: Walk, kinds: readonly Kind[], place: number): void {
    const { kind, arg } = commandAt(kinds, place);
    kind.run(walk, arg);
}

/** Places are drawn below this. */
export const PLACES = 1 << 22;
