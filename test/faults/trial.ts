/** Runs trials: one sequence on one or more lanes at once, each with its own fault. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { RunOptions } from "../../lab/program/pulumi-cli.js";
import { complete } from "./conditions/condition.js";
import type { Lane } from "./lane.js";
import {
    NO_WRITES,
    type Scene,
    type SiteEvent,
    type Step,
    type StepAccount,
    type StepResult,
    type Trial,
    type TrialResult,
    type Writes,
} from "./model.js";
import { readOutcome } from "./operator.js";
import { Sampler } from "./sampler.js";

/** Called with a line of progress. */
export type Progress = (line: string) => void;

/** A trial with the lane on which it runs. */
export interface Placed {
    readonly trial: Trial;
    readonly lane: Lane;
}

/**
 * Runs trials of one sequence side by side. Steps of a lane follow each other; what befalls a whole site happens when every
 * lane has come to it.
 */
export async function runTrials(placed: readonly Placed[], lab: string, progress: Progress): Promise<TrialResult[]> {
    const runs = placed.map((each) => new TrialRun(each, lab, progress));
    const items = placed[0]!.trial.sequence.items;
    for (const section of sections(items)) {
        if (section.event !== undefined) {
            progress(section.event.title);
            await befall(section.event, lab, runs);
        }
        await Promise.all(runs.map((run) => run.steps(section.steps)));
    }
    return Promise.all(runs.map((run) => run.finish()));
}

interface Section {
    readonly event?: SiteEvent;
    readonly steps: Step[];
}

/** Cuts a sequence at its events. */
export function sections(items: readonly (Step | SiteEvent)[]): Section[] {
    const all: Section[] = [{ steps: [] }];
    for (const item of items) {
        if (item.kind === "event") all.push({ event: item, steps: [] });
        else all.at(-1)!.steps.push(item);
    }
    return all.filter(({ event, steps }) => event !== undefined || steps.length > 0);
}

async function befall(event: SiteEvent, lab: string, runs: readonly TrialRun[]): Promise<void> {
    try {
        await event.run(lab);
    } catch (error) {
        for (const run of runs) run.fail(error);
    }
    await Promise.all(runs.map((run) => run.afterwards(event)));
}

/** One trial under way. */
class TrialRun {
    private readonly results: StepResult[] = [];
    private readonly began = Date.now();
    private readonly sampler: Sampler;
    private readonly before: Writes;
    private error?: string;

    constructor(
        private readonly placed: Placed,
        private readonly lab: string,
        private readonly progress: Progress,
    ) {
        this.sampler = new Sampler(placed.lane);
        this.before = placed.lane.writes;
    }

    /** Runs steps until one of them cannot be completed. */
    async steps(steps: readonly Step[]): Promise<void> {
        for (const step of steps) {
            if (this.failed()) return;
            try {
                await this.step(step);
            } catch (error) {
                this.fail(`${step.title}: ${error instanceof Error ? error.message : String(error)}`);
            }
        }
    }

    async afterwards(event: SiteEvent): Promise<void> {
        if (this.failed()) return;
        await event.after?.(this.placed.lane).catch((error: unknown) => this.fail(error));
    }

    fail(error: unknown): void {
        this.error ??= error instanceof Error ? error.message : String(error);
        this.say(`FAILED: ${this.error}`);
    }

    async finish(): Promise<TrialResult> {
        const { trial, lane } = this.placed;
        const looks = await this.sampler.stop();
        if (looks.breaches.length > 0) this.fail(`${looks.breaches.length} times ${looks.breaches[0]}`);
        return {
            id: trial.id,
            ok: !this.failed(),
            at: new Date(this.began).toISOString(),
            seconds: Math.round((Date.now() - this.began) / 1000),
            steps: this.results,
            writes: since(this.before, lane.writes),
            looks: { taken: looks.taken, unanswered: looks.unanswered },
            ...(this.error === undefined ? {} : { error: this.error }),
        };
    }

    private failed(): boolean {
        return this.error !== undefined || this.results.some((r) => !r.completed || r.violations.length > 0);
    }

    private async step(step: Step): Promise<void> {
        const { trial, lane } = this.placed;
        await step.before?.(lane);
        const began = Date.now();
        const command = async (options: RunOptions = {}) => {
            const result = await lane.cli[step.command](step.site, options);
            const head = `=== ${new Date().toISOString()} ${trial.id}, ${step.title}: exit ${result.exitCode}\n`;
            appendFileSync(join(lane.cli.dir, "runs.log"), `${head}${result.text}\n`, { mode: 0o600 });
            return result;
        };
        const onProgress = (line: string) => this.say(`${step.title}: ${line}`);
        const scene: Scene = { lab: this.lab, lane, step, cli: lane.cli, command, onProgress };
        const fault = trial.at(step);
        const account: StepAccount = fault
            ? await fault.around(scene)
            : await complete(scene, readOutcome(await command({ mayFail: true })));
        const seconds = Math.round((Date.now() - began) / 1000);
        const violations = account.completed ? await step.after(lane) : [`not completed: ${account.outcome}`];
        const hit = fault && { fault: fault.name, title: fault.title };
        const result = { ...account, column: step.column, step: step.title, ...hit, seconds, violations };
        this.say(`${step.title}: ${account.outcome} (${seconds} s)${violations.map((v) => `; BREACH: ${v}`).join("")}`);
        if (fault !== undefined || violations.length > 0) this.results.push(result);
    }

    private say(line: string): void {
        this.progress(`${this.placed.trial.id} [${this.placed.lane.name}] ${line}`);
    }
}

/** The result of a trial that could not begin, or whose lab broke down under it. */
export function notRun(trial: Trial, error: unknown): TrialResult {
    return {
        id: trial.id,
        ok: false,
        at: new Date().toISOString(),
        seconds: 0,
        steps: [],
        writes: NO_WRITES,
        looks: { taken: 0, unanswered: 0 },
        error: error instanceof Error ? error.message : String(error),
    };
}

/** A lane has seen other trials before. */
function since(before: Writes, now: Writes): Writes {
    return {
        acknowledged: now.acknowledged - before.acknowledged,
        found: now.found - before.found,
        inWindow: now.inWindow - before.inWindow,
        discarded: now.discarded - before.discarded,
    };
}
