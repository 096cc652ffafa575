/** A Pulumi stack of the program: config, checkpoint, outputs, and an `up` that can be killed between any two steps. */
import { decide } from "../../../../dr/decide.js";
import { contextOf } from "../../../../dr/facts.js";
import { guardInUse } from "../../../../dr/guards/in-use.js";
import type { DecisionInput, Plan, Refusal, SiteOutputs, VolumePlan } from "../../../../dr/model.js";
import { confirmedHandover, stillPlanned, unfinished } from "../../../../dr/outcome.js";
import { holds } from "../../../../dr/wait-for.js";
import { newImage } from "./ceph.js";
import { KEYS, look, lookAtVr, recordOf, SITES, type World } from "./world.js";

type VrPlan = NonNullable<VolumePlan["vr"]>;

/** What Pulumi believes of a VR: its last inputs, and whether they were ever confirmed. */
interface Checkpoint {
    inputs: string;
    dirty: boolean;
}

interface Step {
    readonly do: "down" | "pv" | "pvc" | "vr" | "await" | "up" | "finish";
    readonly volume: number;
}

export interface Stack {
    readonly site: number;
    state: "primary" | "secondary" | "resync";
    lostSite: boolean;
    outputs?: SiteOutputs;
    checkpoint: (Checkpoint | undefined)[];
    run?: {
        readonly plan: Plan;
        readonly steps: Step[];
        at: number;
        readonly config: Pick<Stack, "state" | "lostSite">;
    };
    /** How the last `up` ended. */
    ended?: Refusal | "done" | "killed";
    /** What the plan of the last `up` said to do afterwards. */
    next?: readonly string[];
}

/** How much the stacks can see of each other. */
export interface Sight {
    peerContext: boolean;
    readonly images: boolean;
}

export function newStack(site: number): Stack {
    return { site, state: site === 0 ? "primary" : "secondary", lostSite: false, checkpoint: [undefined, undefined] };
}

const VOLUMES = KEYS.map((key) => ({ name: key.slice(8), namespace: "default", size: "1Gi" }));

/** Everything a decision is made from, as it is now. */
export function inputOf(w: World, stacks: readonly Stack[], s: number, sight: Sight): DecisionInput {
    const own = stacks[s]!;
    const peer = stacks[1 - s]!;
    // A run keeps the config that it was started with.
    const config = own.run?.config ?? own;
    const peerSnapshot = !sight.peerContext
        ? ({ reach: "unknown", at: "T", why: "no context" } as const)
        : w.link
          ? look(w, 1 - s, sight.images)
          : ({ reach: "unreachable", at: "T", error: "no route" } as const);
    return {
        intent: {
            site: SITES[s]!,
            peer: SITES[1 - s]!,
            replicationState: config.state,
            volumes: VOLUMES,
            lostSite: config.lostSite ? SITES[1 - s] : undefined,
            teardown: false,
            schedulingInterval: "5m",
        },
        own: look(w, s, sight.images),
        peer: peerSnapshot,
        ownOutputs: own.outputs ? { found: "outputs", outputs: own.outputs } : { found: "none" },
        peerOutputs: peer.outputs ? { found: "outputs", outputs: peer.outputs } : { found: "none" },
        now: "2026-03-01T12:00:00Z",
    };
}

/** Starts an `up`; a refusal ends it before anything is touched. */
export function startUp(w: World, stacks: readonly Stack[], s: number, sight: Sight): void {
    const stack = stacks[s]!;
    if (stack.run !== undefined) return;
    const decision = decide(inputOf(w, stacks, s, sight));
    if (decision.kind === "refusal") {
        stack.ended = decision;
        return;
    }
    stack.next = decision.next;
    const steps: Step[] = [];
    if (decision.workload === "down") steps.push({ do: "down", volume: 0 });
    decision.volumes.forEach((plan, volume) => {
        if (plan.vr === undefined) return;
        if (plan.source === "restore") steps.push({ do: "pv", volume });
        steps.push({ do: "pvc", volume }, { do: "vr", volume }, { do: "await", volume });
    });
    if (decision.workload === "up") steps.push({ do: "up", volume: 0 });
    steps.push({ do: "finish", volume: 0 });
    stack.run = { plan: decision, steps, at: 0, config: { state: stack.state, lostSite: stack.lostSite } };
}

export function kill(stack: Stack): void {
    if (stack.run === undefined) return;
    stack.run = undefined;
    stack.ended = "killed";
}

/** `pulumi refresh`: the checkpoint becomes what the cluster has. */
export function refresh(w: World, stack: Stack): void {
    const site = w.sites[stack.site]!;
    if (stack.run !== undefined || !site.up) return;
    for (let v = 0; v < KEYS.length; v++) {
        const vr = site.vr[v];
        stack.checkpoint[v] = vr && { inputs: `${vr.state} ${vr.auto} ${vr.term} ${vr.waitFor}`, dirty: false };
    }
}

/** Carries out the next step of a running `up`, if it can go on. */
export function step(w: World, stacks: readonly Stack[], s: number, sight: Sight): void {
    const stack = stacks[s]!;
    const run = stack.run;
    if (run === undefined) return;
    const site = w.sites[s]!;
    // A cluster that is gone fails the run.
    if (!site.up) return kill(stack);
    const { do: what, volume: v } = run.steps[run.at]!;
    const plan = run.plan.volumes[v]!;
    switch (what) {
        case "down":
            site.replicas = false;
            break;
        case "pv":
            site.pv[v] = true;
            break;
        case "pvc":
            if (plan.source === "provision" && !site.pvc[v]) {
                // A claim that is provisioned makes an image: the same last look as before a VR.
                const wrong = stillPlanned(plan, inputOf(w, stacks, s, sight));
                if (wrong !== undefined) return end(stack, wrong);
                provision(w, s, v);
            }
            site.pvc[v] = true;
            break;
        case "vr":
            if (!changeVr(w, stacks, s, sight, plan, v)) return;
            break;
        case "await":
            if (stack.checkpoint[v]!.dirty) {
                const vr = site.vr[v];
                if (vr === undefined || !holds(lookAtVr(vr, v), plan.vr!.waitFor)) return;
                stack.checkpoint[v]!.dirty = false;
            }
            break;
        case "up": {
            const wrong = unfinished(run.plan, inputOf(w, stacks, s, sight));
            if (wrong !== undefined) return end(stack, wrong);
            site.replicas = true;
            break;
        }
        case "finish":
            return finish(w, stacks, s, sight);
    }
    run.at++;
}

function end(stack: Stack, how: Refusal | "done"): void {
    stack.run = undefined;
    stack.ended = how;
}

function provision(w: World, s: number, v: number): void {
    const site = w.sites[s]!;
    if (site.images[v] !== undefined || w.sites[1 - s]!.images[v] !== undefined)
        w.violations.push(`${SITES[s]} provisioned ${KEYS[v]} though an image of it exists`);
    site.pv[v] = true;
    site.images[v] ??= newImage(false, false);
}

/** The gate and the change, in one: nothing can come between them but the API server's own latency. */
function changeVr(w: World, stacks: readonly Stack[], s: number, sight: Sight, plan: VolumePlan, v: number): boolean {
    const stack = stacks[s]!;
    const wanted = plan.vr!;
    const now = inputOf(w, stacks, s, sight);
    if (wanted.replicationState !== "primary" && guardInUse(contextOf(now), plan.key)) return false;
    const wrong = stillPlanned(plan, now);
    if (wrong !== undefined) {
        end(stack, wrong);
        return false;
    }
    apply(w, stack, plan, wanted, v);
    return true;
}

function apply(w: World, stack: Stack, plan: VolumePlan, wanted: VrPlan, v: number): void {
    const site = w.sites[stack.site]!;
    const waitFor = JSON.stringify(wanted.waitFor);
    const inputs = `${wanted.replicationState} ${wanted.autoResync} ${wanted.term} ${waitFor}`;
    const known = stack.checkpoint[v];
    if (known !== undefined && known.inputs === inputs && !known.dirty) return;
    stack.checkpoint[v] = { inputs, dirty: true };
    const live = site.vr[v];
    if (live !== undefined && live.state === wanted.replicationState && live.auto === wanted.autoResync) {
        Object.assign(live, { term: wanted.term, waitFor });
        return;
    }
    const other = w.sites[1 - stack.site]!.images[v];
    // The site given up by name may still carry out what it was asked before: that is part of what was named.
    const abandoned = plan.lossWindow === undefined ? undefined : w.sites[1 - stack.site]!.vr[v];
    if (abandoned !== undefined) abandoned.forced = true;
    if (wanted.autoResync && !other?.primary && !w.touched[v])
        w.violations.push(
            `${SITES[stack.site]} asked for a resync of ${KEYS[v]} while ${SITES[1 - stack.site]} is not primary`,
        );
    site.vr[v] = {
        face: "",
        observed: 0,
        ...live,
        state: wanted.replicationState,
        auto: wanted.autoResync,
        generation: (live?.generation ?? 0) + 1,
        term: wanted.term,
        waitFor,
        idle: false,
        byHand: false,
        forced: plan.lossWindow !== undefined,
    };
}

function finish(w: World, stacks: readonly Stack[], s: number, sight: Sight): void {
    const stack = stacks[s]!;
    const { plan } = stack.run!;
    const after = inputOf(w, stacks, s, sight);
    const wrong = unfinished(plan, after);
    if (wrong !== undefined) return end(stack, wrong);
    const held = plan.volumes.filter((v) => v.vr !== undefined);
    const index = (key: string): number => KEYS.indexOf(key as (typeof KEYS)[number]);
    stack.outputs = {
        schema: "rbd-dr/1",
        site: SITES[s]!,
        replicationState: plan.replicationState,
        at: "T",
        records: {
            ...plan.carried,
            ...Object.fromEntries(held.map((v) => [v.key, recordOf(index(v.key))])),
        },
        sources: Object.fromEntries(held.map((v) => [v.key, v.source === "restore" ? "restore" : "provision"])),
        handedOver: confirmedHandover(plan, after),
        lastSync: {},
        terms: Object.fromEntries(held.map((v) => [v.key, v.vr!.term])),
        lostSite: plan.lostSite,
        teardown: false,
    };
    end(stack, "done");
}
