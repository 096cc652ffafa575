/**
 * Runs an operation from wherever things are to its end: clears what a dead run left, looks, plans, asks, and goes leg by
 * leg. Interrupted anywhere, the same operation goes on from what is live.
 */
import type { Project } from "../engine/project.js";
import { clearTheWay } from "../engine/recover.js";
import { removeRunFile, writeRunFile } from "../engine/run-file.js";
import { siteOf } from "../engine/project.js";
import { CliError } from "../errors.js";
import type { EventBus } from "../events.js";
import type { Look } from "../look.js";
import type { Leg, Request, Sequence } from "../sequence/model.js";
import { isDone } from "../sequence/sequence.js";
import { runLeg } from "./leg.js";
import { plan } from "./plan.js";
import { stagingOf } from "./staging.js";

/** How an operation is run. */
export interface OperationOptions {
    readonly project: Project;
    readonly bus: EventBus;
    /** Aborted by Ctrl-C. */
    readonly signal: AbortSignal;
    /** Id of this run, see run-file.ts. */
    readonly runId: string;
    /** What was typed, for whoever finds the run file. */
    readonly line: string;
    /**
     * Asked with the plan before anything is changed, unless nothing is to be done.
     *
     * @returns false to end without having touched anything
     */
    readonly confirm: (sequence: Sequence, look: Look) => Promise<boolean>;
}

/** What an operation came to. */
export interface OperationResult {
    /** False when it was not confirmed. */
    readonly confirmed: boolean;
    readonly sequence: Sequence;
}

/**
 * Runs an operation.
 *
 * @throws CliError: `locked` where another run is at work, `refused` by a guard, `interrupted`, `unfinished`
 */
export async function runOperation(request: Request, options: OperationOptions): Promise<OperationResult> {
    const { project, bus } = options;
    await clearTheWay(project, bus);
    writeRunFile(project.dir, { id: options.runId, line: options.line });
    try {
        return await planAndRun(request, options);
    } finally {
        removeRunFile(project.dir, options.runId);
    }
}

async function planAndRun(request: Request, options: OperationOptions): Promise<OperationResult> {
    const { project, bus } = options;
    const [missing] = await Promise.all([project.missing(), ...project.sites.map((site) => site.prepare())]);
    if (missing.length > 0) refuseWithoutStacks(request, missing);
    const { sequence, look } = await plan(project, request);
    emitPlan(bus, sequence);
    if (isDone(sequence)) {
        tellDone(bus, sequence);
        return { confirmed: true, sequence };
    }
    if (!(await options.confirm(sequence, look))) return { confirmed: false, sequence };
    for (const name of missing) await siteOf(project, name).create();
    tellDone(bus, sequence);
    const pending = new Set<string>();
    let begun = false;
    for (const group of groupsOf(sequence)) {
        for (const site of await runTogether(options, sequence, group, begun)) pending.add(site);
        begun = true;
    }
    for (const name of pending) await adoptPending(project, name);
    return { confirmed: true, sequence };
}

/**
 * Runs a group of legs, and ends the one that waits for another when that one has failed. One that is to begin after that one's staging does
 * not begin where that failed.
 *
 * @returns names of the stacks that still call creates of a killed run pending
 * @throws CliError of the first leg that failed
 */
async function runTogether(
    options: OperationOptions,
    { legs }: Sequence,
    group: readonly number[],
    waits: boolean,
): Promise<string[]> {
    const failure = new AbortController();
    const errors: unknown[] = [];
    const staging = stagingOf(options.bus, legs, group);
    const outcomes = await Promise.all(
        group.map(async (index) => {
            const leg = legs[index]!;
            const signal = leg.awaitsPrevious ? AbortSignal.any([options.signal, failure.signal]) : options.signal;
            try {
                if (!(await staging.mayBegin(index))) return [];
                const { pendingCreates } = await runLeg({ ...options, signal }, leg, index, waits);
                staging.ended(index, false);
                return pendingCreates ? [leg.site] : [];
            } catch (error) {
                errors.push(error);
                failure.abort();
                staging.ended(index, true);
                return [];
            }
        }),
    );
    staging.close();
    if (errors.length > 0) throw errors[0];
    return outcomes.flat();
}

/** The legs that are to run, in groups that run at the same time. */
function groupsOf({ legs }: Sequence): number[][] {
    const groups: number[][] = [];
    legs.forEach((leg, i) => {
        if (leg.done) return;
        const last = groups.at(-1);
        if (last !== undefined && leg.parallel.some((other) => last.includes(other))) last.push(i);
        else groups.push([i]);
    });
    return groups;
}

/** Only a set-up may begin with stacks that the backend does not know yet; it makes them once it is confirmed. */
function refuseWithoutStacks({ operation }: Request, missing: readonly string[]): void {
    if (operation === "up") return;
    const names = missing.join(" and ");
    throw new CliError("usage", `The backend has no stack ${names}. Set both sites up first: rbd-dr up`);
}

/**
 * Creates that a killed run had begun stay in the checkpoint as pending, though the `up` since has adopted the objects
 * (the provider upserts). Only a refresh takes them out; it looks at those resources alone.
 */
async function adoptPending(project: Project, name: string): Promise<void> {
    const stack = siteOf(project, name);
    const urns = await stack.pendingCreates();
    if (urns.length > 0) await stack.clearPendingCreates(urns);
}

function emitPlan(bus: EventBus, { request, legs, warnings }: Sequence): void {
    bus.emit({
        type: "plan",
        operation: request.operation === "disaster" ? "failover" : request.operation,
        legs: legs.map(({ site, action, edits, why, parallel, done }: Leg) => ({
            stack: site,
            action,
            edits: [...edits],
            why,
            parallel: [...parallel],
            done,
        })),
        warnings: [...warnings],
    });
}

function tellDone(bus: EventBus, { legs }: Sequence): void {
    legs.forEach((leg, i) => {
        if (leg.done) bus.emit({ type: "leg", leg: i, stack: leg.site, status: "already-done", summary: leg.why });
    });
}
