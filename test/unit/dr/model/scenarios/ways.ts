/** Ways to where a refusal waits: what has happened before somebody asks for something. */
import { newImage } from "../ceph.js";
import { startUp, step, type Sight, type Stack } from "../stack.js";
import { fence, newWalk, settle, wholeUp, type Walk } from "../walk.js";
import { deleteByHand, dropFinalizer, patchByHand } from "../hands.js";
import { csiTick, emptySite, KEYS, mirrorTick, write, type Quirk, type SiteState } from "../world.js";

/** The sites: cluster1 serves to begin with, cluster2 follows. */
export const [C1, C2] = [0, 1];
const SIGHT: Sight = { peerContext: true, images: true };

/** cluster1 serves, cluster2 follows and has never held a VR. */
export function running(sight: Partial<Sight> = {}): Walk {
    return newWalk("running", { ...SIGHT, ...sight });
}

/** Nothing has been set up. */
export function empty(sight: Partial<Sight> = {}): Walk {
    return newWalk("empty", { ...SIGHT, ...sight });
}

/** cluster1 serves, cluster2 follows, and both have VRs: the volumes have been there and back. */
export function toured(sight: Partial<Sight> = {}): Walk {
    const walk = running(sight);
    for (const [s, state] of [
        [C1, "secondary"],
        [C2, "primary"],
        [C2, "secondary"],
        [C1, "primary"],
    ] as const)
        flip(walk, s, state);
    return walk;
}

/** cluster1 has handed over. */
export function handedOver(sight: Partial<Sight> = {}): Walk {
    return flip(toured(sight), C1, "secondary");
}

/** cluster1 was cut off and given up; cluster2 serves. cluster1 is back, its VRs still ask primary, and both have written. */
export function parted(sight: Partial<Sight> = {}): Walk {
    const walk = toured(sight);
    walk.w.link = false;
    fence(walk.w, C1);
    for (const v of KEYS.keys()) write(walk.w, C1, v);
    walk.stacks[C2]!.lostSite = true;
    flip(walk, C2, "primary");
    for (const v of KEYS.keys()) write(walk.w, C2, v);
    walk.stacks[C2]!.lostSite = false;
    flip(walk, C2, "primary");
    walk.w.link = true;
    settle(walk.w, 3);
    return walk;
}

/** Asks a site for a state, and has its `up` run to the end. */
export function flip(walk: Walk, s: number, state: Stack["state"]): Walk {
    walk.stacks[s]!.state = state;
    wholeUp(walk, s, 30);
    settle(walk.w, 3);
    return walk;
}

/** Does something to a walk, and hands it on. */
export function after(walk: Walk, act: (walk: Walk) => void): Walk {
    act(walk);
    return walk;
}

/** What a site is like now. */
export function site(walk: Walk, s: number): SiteState {
    return walk.w.sites[s]!;
}

/** Something of a site's first volume that the model itself never makes. */
export function quirk(walk: Walk, s: number, what: Quirk): Walk {
    return after(walk, () => (site(walk, s).quirks[0] = what));
}

/** Sets keys of a site's config. */
export function config(walk: Walk, s: number, what: Stack["config"]): Walk {
    return after(walk, () => Object.assign(walk.stacks[s]!.config, what));
}

/** Somebody changes the VRs of all volumes of a site with kubectl, and the controller follows. */
export function patchAll(walk: Walk, s: number, state: Stack["state"], rounds = 3): void {
    for (const v of KEYS.keys()) patchByHand(walk.w, s, v, state);
    settle(walk.w, rounds);
}

/** An `up` that is killed before its nth step. */
export function killed(walk: Walk, s: number, state: Stack["state"], steps: number): Walk {
    const stack = walk.stacks[s]!;
    stack.state = state;
    startUp(walk.w, walk.stacks, s, walk.sight);
    for (let i = 0; i < steps; i++) step(walk.w, walk.stacks, s, walk.sight);
    stack.run = undefined;
    return walk;
}

/** A site falls silent. */
export const down = (s: number) => (walk: Walk) => void (site(walk, s).up = false);
/** A site's rbd-mirror dies. */
export const noMirror = (s: number) => (walk: Walk) => void (site(walk, s).mirror = false);
/** A site's config declares the other one lost. */
export const lost = (s: number) => (walk: Walk) => void (walk.stacks[s]!.lostSite = true);
/** The key `volumes`, by name and size. */
export const volumes = (...list: [string, string][]) => ({
    volumes: list.map(([name, size]) => ({ name, namespace: "default", size })),
});

/** Both sites have set up one volume; cluster2's config names a second one now. */
export function withoutB(state: Stack["state"]): Walk {
    const walk = empty();
    for (const stack of walk.stacks) stack.names[1] = false;
    flip(walk, C1, "primary");
    flip(walk, C2, "secondary");
    flip(walk, C1, state);
    walk.stacks[C2]!.names[1] = true;
    return walk;
}

/**
 * Somebody deletes a site's VRs with kubectl while its application runs: the controller ends mirroring and lets them go.
 *
 * @param forced the finalizer is taken off as well, so that the images stay as they are
 */
export function unprotect(walk: Walk, s: number, forced = false): Walk {
    site(walk, s).replicas = true;
    for (const v of KEYS.keys()) {
        deleteByHand(walk.w, s, v);
        if (forced) dropFinalizer(walk.w, s, v);
    }
    settle(walk.w, 3);
    return walk;
}

/** A site is new and empty, its rbd-mirror not up yet. */
export function rebuilt(s: number): Walk {
    const walk = toured();
    walk.w.sites[s] = emptySite();
    walk.stacks[s]!.checkpoint.fill(undefined);
    noMirror(s)(walk);
    return walk;
}

/** The first copy is under way when the other site dies. */
export function incomplete(): Walk {
    const walk = rebuilt(C2);
    for (const v of KEYS.keys()) site(walk, C2).images[v] = newImage(false, true);
    down(C1)(walk);
    lost(C2)(walk);
    return walk;
}

/** cluster2 took over by force once, all went back to cluster1, and now that one dies. */
export function leftover(): Walk {
    const walk = parted();
    lost(C2)(walk);
    flip(walk, C1, "resync");
    flip(walk, C1, "secondary");
    flip(walk, C2, "secondary");
    flip(walk, C1, "primary");
    down(C1)(walk);
    return walk;
}

/** cluster2's planned promotion is under way when somebody deletes the VRs that show the handover. */
export function changedUnderTheUp(): Walk {
    const walk = handedOver();
    lost(C2)(walk);
    walk.stacks[C2]!.state = "primary";
    startUp(walk.w, walk.stacks, C2, walk.sight);
    for (const v of KEYS.keys()) {
        deleteByHand(walk.w, C1, v);
        dropFinalizer(walk.w, C1, v);
    }
    return walk;
}

/** Kubernetes on a site has never held a volume. */
export function forget(walk: Walk, s: number, v: number): void {
    const at = site(walk, s);
    at.vr[v] = undefined;
    at.pv[v] = at.pvc[v] = false;
    walk.stacks[s]!.checkpoint[v] = undefined;
    csiTick(walk.w, s);
    mirrorTick(walk.w, s);
}
