/** A Pulumi stack of the program: config, checkpoint, outputs, and an `up` that can be killed between any two steps. */
import { decide } from "../../../../dr/decide.js";
import { contextOf } from "../../../../dr/facts.js";
import { guardInUse } from "../../../../dr/guards/in-use.js";
import { decideAhead, endsWithHandover } from "../../../../dr/groups/ahead.js";
import type {
    Decision,
    DecisionInput,
    Plan,
    Refusal,
    SiteDecision,
    SiteIntent,
    SiteOutputs,
    StackOutputs,
    VolumePlan,
} from "../../../../dr/model.js";
import { handoverIsOver } from "../../../../dr/handover.js";
import { confirmedHandover, stillPlanned, unfinished } from "../../../../dr/outcome.js";
import { asks, fulfils } from "../../../../dr/wait-for.js";
import { newImage } from "./ceph.js";
import { judgeChange, judgePrimaryPlan, judgeRecord, judgeRefusal, judgeResync, judgeStart } from "./judge.js";
import { clockAt, look, lookAtVr, recordOf, timeOf } from "./look.js";
import { KEYS, promoted, SITES, type World } from "./world.js";

type VrPlan = NonNullable<VolumePlan["vr"]>;

interface Step {
    readonly do: "down" | "pv" | "pvc" | "vr" | "await" | "handover" | "up" | "finish";
    readonly volume: number;
}

export interface Stack {
    readonly site: number;
    state: "primary" | "secondary" | "resync";
    lostSite: boolean;
    /** That consent was used: a promotion that rested on it was finished since it was given. */
    lostSiteUsed: boolean;
    /** Volumes that config names. */
    names: boolean[];
    /** Whatever else config says that is out of the ordinary. */
    config: { -readonly [K in keyof SiteIntent]?: SiteIntent[K] };
    /** Another program's, or another site's name, where its outputs are not what they should be. */
    outputsOf: { readonly foreign?: boolean; readonly site?: string };
    outputs?: SiteOutputs;
    /** What Pulumi believes of each VR: its last inputs. */
    checkpoint: (string | undefined)[];
    /** What `pulumi stack export` wrote at some time. */
    exported?: Pick<Stack, "outputs" | "checkpoint">;
    run?: {
        readonly plan: Plan;
        /** The plan was made ahead: its VRs wait for the peer's handover. */
        readonly pending: boolean;
        readonly steps: Step[];
        at: number;
        /** What the gate says that the run stands at; how the run ends when its patience does. */
        waiting?: Refusal;
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
    images: boolean;
}

export function newStack(site: number): Stack {
    return {
        site,
        state: site === 0 ? "primary" : "secondary",
        lostSite: false,
        lostSiteUsed: false,
        names: [true, true],
        config: {},
        outputsOf: {},
        checkpoint: [undefined, undefined],
    };
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
            volumes: VOLUMES.filter((_, v) => own.names[v]),
            lostSite: config.lostSite ? SITES[1 - s] : undefined,
            teardown: false,
            schedulingInterval: "5m",
            ...own.config,
        },
        own: look(w, s, sight.images),
        peer: peerSnapshot,
        ownOutputs: outputsOf(own),
        peerOutputs: outputsOf(peer),
        now: timeOf(w.clock),
    };
}

function outputsOf({ outputs, outputsOf: { foreign, site } }: Stack): StackOutputs {
    if (foreign) return { found: "foreign", keys: ["url"] };
    return outputs ? { found: "outputs", outputs: site ? { ...outputs, site } : outputs } : { found: "none" };
}

/** Starts an `up`, which may wait for the peer's handover; a refusal ends it before anything is touched. */
export function startUp(w: World, stacks: readonly Stack[], s: number, sight: Sight, waits = false): void {
    const stack = stacks[s]!;
    if (stack.run !== undefined) return;
    const input = inputOf(w, stacks, s, sight);
    const ahead = waits ? decideAhead(input) : undefined;
    const decision = ahead === undefined ? decide(input) : onlyGroup(ahead.decision);
    const pending = (ahead?.pending.size ?? 0) > 0;
    if (decision.kind === "refusal") {
        stack.ended = decision;
        if (!sight.images) judgeRefusal(w, s, decision);
        return;
    }
    if (decision.replicationState === "primary" && !pending) judgePrimaryPlan(w, s, input);
    stack.next = decision.next;
    stack.run = {
        plan: decision,
        pending,
        steps: stepsOf(decision, (w.clock & 3) === 0),
        at: 0,
        config: { state: stack.state, lostSite: stack.lostSite },
    };
}

/** The steps of a plan. Pulumi works on the volumes side by side, so that all may have changed before the first is done. */
function stepsOf(plan: Plan, oneByOne: boolean): Step[] {
    const steps: Step[] = [];
    const awaits: Step[] = [];
    if (plan.workload === "down") steps.push({ do: "down", volume: 0 });
    for (const { key, vr, source } of plan.volumes) {
        if (vr === undefined) continue;
        const volume = indexOf(key);
        if (source === "restore") steps.push({ do: "pv", volume });
        steps.push({ do: "pvc", volume }, { do: "vr", volume });
        (oneByOne ? steps : awaits).push({ do: "await", volume });
        if (vr.awaitsHandover) awaits.push({ do: "handover", volume });
    }
    steps.push(...awaits);
    if (plan.workload === "up") steps.push({ do: "up", volume: 0 });
    steps.push({ do: "finish", volume: 0 });
    return steps;
}

/**
 * A preview with a volume taken out of config. Pulumi deletes what a program no longer registers; protection would stop it,
 * but no plan may ask for it. Nor may a plan promote here and leave a volume behind on the other site.
 */
export function previewWithout(w: World, stacks: readonly Stack[], s: number, v: number, sight: Sight): void {
    const stack = stacks[s]!;
    if (stack.run !== undefined) return;
    stack.names[v] = false;
    const decision = decide(inputOf(w, stacks, s, sight));
    stack.names[v] = true;
    if (decision.kind === "refusal") return;
    // Of a volume that no finished run has recorded nobody knows: there is protection alone.
    const recorded = stacks.some(({ outputs }) => outputs?.records[KEYS[v]!] !== undefined);
    if (w.sites[s]!.vr[v] !== undefined && stack.checkpoint[v] !== undefined && recorded)
        w.violations.push(`the plan of ${SITES[s]} leaves out the VR of ${KEYS[v]}, which is there`);
    const records = stacks[1 - s]!.outputs?.records ?? {};
    const heldThere = (key: string): boolean =>
        records[key] !== undefined && w.sites[s]!.vr[indexOf(key)]?.state !== "primary";
    const promotes = decision.volumes.some((p) => p.vr?.replicationState === "primary" && heldThere(p.key));
    if (promotes && heldThere(KEYS[v]!) && !w.beyondTexts)
        w.violations.push(`the plan of ${SITES[s]} leaves ${KEYS[v]} behind`);
}

function indexOf(key: string): number {
    return KEYS.indexOf(key as (typeof KEYS)[number]);
}

/** The model has one group. */
function onlyGroup(decision: SiteDecision): Decision {
    return decision.kind === "plan" ? decision.groups[0]! : decision.refusals[0]!;
}

export function kill(stack: Stack): void {
    if (stack.run === undefined) return;
    stack.ended = stack.run.waiting ?? "killed";
    stack.run = undefined;
}

/** `pulumi refresh`: the checkpoint becomes what the cluster has. */
export function refresh(w: World, stack: Stack): void {
    const site = w.sites[stack.site]!;
    if (stack.run !== undefined || !site.up) return;
    for (let v = 0; v < KEYS.length; v++) {
        const vr = site.vr[v];
        stack.checkpoint[v] = vr && `${vr.state} ${vr.auto} ${vr.term}`;
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
    const plan = run.plan.volumes.find((p) => p.key === KEYS[v])!;
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
        case "await": {
            const live = site.vr[v] && lookAtVr(site.vr[v], v);
            const gate = plan.vr!.waitFor;
            // One that somebody has changed or deleted is waited for no more.
            if (gate !== undefined && live !== undefined && asks(live, plan.vr!) && !fulfils(live, gate)) return;
            break;
        }
        case "handover": {
            const now = inputOf(w, stacks, s, sight);
            if (site.vr[v]?.state !== plan.vr!.replicationState) {
                const wrong = unfinished(run.plan, now);
                if (wrong !== undefined) return end(stack, wrong);
            }
            if (handoverIsOver(now, plan.key, plan.vr!.term)) break;
            const decision = decide(now);
            run.waiting = decision.kind === "refusal" ? decision : undefined;
            return;
        }
        case "up": {
            const wrong = unfinished(run.plan, inputOf(w, stacks, s, sight));
            if (wrong !== undefined) return end(stack, wrong);
            judgeStart(w, s, run.plan.volumes);
            site.replicas = true;
            break;
        }
        case "finish":
            return finish(w, stacks, s, sight);
    }
    run.at++;
    run.waiting = undefined;
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
    const early = stack.run!.pending ? decide(now) : undefined;
    if (early !== undefined && endsWithHandover(early)) {
        stack.run!.waiting = early;
        return false;
    }
    const inUse = wanted.replicationState === "primary" ? undefined : guardInUse(contextOf(now), plan.key);
    if (inUse !== undefined) {
        stack.run!.waiting = inUse;
        return false;
    }
    const wrong = stillPlanned(plan, now);
    if (wrong !== undefined) {
        end(stack, wrong);
        return false;
    }
    if (stack.run!.pending) judgePrimaryPlan(w, s, now);
    apply(w, stack, plan, wanted, v, sight);
    return true;
}

function apply(w: World, stack: Stack, plan: VolumePlan, wanted: VrPlan, v: number, sight: Sight): void {
    const site = w.sites[stack.site]!;
    const inputs = `${wanted.replicationState} ${wanted.autoResync} ${wanted.term}`;
    if (stack.checkpoint[v] === inputs) return;
    stack.checkpoint[v] = inputs;
    const live = site.vr[v];
    if (live !== undefined && live.state === wanted.replicationState && live.auto === wanted.autoResync) {
        live.term = wanted.term;
        return;
    }
    judgeChange(w, stack.site, v, plan, {
        peer: w.link && sight.peerContext && w.sites[1 - stack.site]!.up,
        images: sight.images,
    });
    if (sight.images && wanted.autoResync) judgeResync(w, stack.site, v);
    // The term is used up by the request, whether or not the controller lives to carry it out.
    if (wanted.replicationState === "primary") promoted(w, stack.site, v);
    const forced = consented(w, stack, plan);
    // The site given up by name may still carry out what it was asked before: that is part of what was named.
    const abandoned = w.sites[1 - stack.site]!.vr[v];
    if (forced !== undefined && abandoned !== undefined) abandoned.forced = { since: -Infinity };
    site.vr[v] = {
        face: "",
        observed: 0,
        ...live,
        state: wanted.replicationState,
        auto: wanted.autoResync,
        generation: (live?.generation ?? 0) + 1,
        term: wanted.term,
        idle: false,
        byHand: false,
        forced,
        deleting: false,
    };
}

/**
 * What a forced promotion may lose by config: consent that is fresh, or that was used for a disaster which is not over, and
 * no more than the window that the plan names.
 */
function consented(w: World, stack: Stack, { lossWindow }: VolumePlan): { since: number } | undefined {
    if (lossWindow === undefined || !stack.run!.config.lostSite) return undefined;
    const { vr, images } = w.sites[stack.site]!;
    const serves = vr.some((each) => each?.state === "primary") || images.some((image) => image?.primary);
    if (stack.lostSiteUsed && !serves) return undefined;
    return { since: lossWindow.lastSync === undefined ? -Infinity : clockAt(lossWindow.lastSync) };
}

function finish(w: World, stacks: readonly Stack[], s: number, sight: Sight): void {
    const stack = stacks[s]!;
    const { plan } = stack.run!;
    const after = inputOf(w, stacks, s, sight);
    const wrong = unfinished(plan, after);
    if (wrong !== undefined) return end(stack, wrong);
    const held = plan.volumes.filter((v) => v.vr !== undefined);
    stack.outputs = {
        schema: "rbd-dr/1",
        site: SITES[s]!,
        replicationState: plan.replicationState,
        at: "T",
        records: {
            ...plan.carried,
            ...Object.fromEntries(held.map((v) => [v.key, recordOf(indexOf(v.key))])),
        },
        sources: Object.fromEntries(held.map((v) => [v.key, v.source === "restore" ? "restore" : "provision"])),
        handedOver: confirmedHandover(plan, after),
        lastSync: lastSyncs(stack, after, plan),
        terms: Object.fromEntries(held.map((v) => [v.key, v.vr!.term])),
        lostSite: plan.lostSite,
        teardown: stack.config.teardown ?? false,
    };
    w.given.forEach((to, v) => to === 1 - s && (w.given[v] = undefined));
    for (const key of stack.outputs.handedOver) judgeRecord(w, s, key);
    stack.lostSiteUsed ||= stack.lostSite && w.sites[s]!.vr.some((vr) => vr?.state === "primary" && vr.forced);
    end(stack, "done");
}

/** As the program's own outputs have them. */
function lastSyncs(stack: Stack, { own }: DecisionInput, plan: Plan): SiteOutputs["lastSync"] {
    const live = own.reach === "observed" ? own.volumes : {};
    return Object.fromEntries(
        plan.volumes.flatMap(({ key, lossWindow }) => {
            const seen = live[key]?.vr?.status.lastSyncTime ?? stack.outputs?.lastSync[key];
            const at = lossWindow?.lastSync ?? seen;
            return at === undefined ? [] : [[key, at]];
        }),
    );
}

/** `pulumi config set` and `rm lostSite`: what is given anew may be used anew. */
export function declareLost(stack: Stack, lost: boolean): void {
    stack.lostSite = lost;
    if (!lost) stack.lostSiteUsed = false;
}

/** `pulumi stack export > FILE`. */
export function exportState(stack: Stack): void {
    stack.exported = { outputs: stack.outputs, checkpoint: [...stack.checkpoint] };
}

/** `pulumi stack import < FILE`: outputs and checkpoint are those of an earlier time. */
export function importState(w: World, stack: Stack): void {
    if (stack.run !== undefined || stack.exported === undefined) return;
    w.given.fill(undefined);
    // What such outputs say of a site that cannot be seen is believed (docs/adr/0002).
    if (stack.exported.outputs !== stack.outputs) w.touched.fill(true);
    stack.outputs = stack.exported.outputs;
    stack.checkpoint = [...stack.exported.checkpoint];
}

/**
 * `pulumi destroy` of a stack that is being taken down: its VRs and claims go; what stays behind a finalizer stays.
 *
 * @param wait lets time pass
 */
export function destroy(w: World, stack: Stack, wait: () => void): void {
    const site = w.sites[stack.site]!;
    if (!site.up || stack.config.teardown !== true) return;
    site.replicas = false;
    for (const vr of site.vr) if (vr !== undefined) Object.assign(vr, { deleting: true, idle: false });
    wait();
    if (site.vr.some((vr) => vr !== undefined)) return;
    site.pvc.fill(false);
    site.pv.fill(false);
    stack.outputs = undefined;
    stack.checkpoint.fill(undefined);
}
