/** Where a run is to be cut, so that in the end there was a cut at each boundary between two steps. Pure. */
import type { StepEvent } from "../../../lab/program/event-log.js";

/** Steps that leave everything as it is. */
const QUIET = new Set(["same", "read", "refresh"]);

const ROOT = "pulumi:pulumi:Stack";

/** What the cuts have come to. */
export interface CoverageReport {
    /** Runs that were cut. */
    readonly kills: number;
    /** Steps that did something, over all runs. */
    readonly steps: number;
    /** Of them, those that were under way at a cut. */
    readonly underWay: number;
    /** Of them, those that were done at a cut. */
    readonly done: number;
    /** Whether a run was cut after its last step, when the stack's outputs were written. */
    readonly outputs: boolean;
}

/**
 * Decides, event by event, whether to cut the run: where a step begins that was never cut, so that the one before it is done;
 * and in the end when the outputs are written. Every cut run is followed by another, which begins with what the one before
 * left; so each boundary is met on top of a state that kills have made.
 */
export class Coverage {
    private readonly steps = new Set<string>();
    private readonly cutUnderWay = new Set<string>();
    private readonly cutDone = new Set<string>();
    private outputs = false;
    private kills = 0;
    private inFlight = new Set<string>();
    private done = new Set<string>();

    /**
     * @param burst how many steps that were never cut must be under way at once before the run is cut; 1 cuts at each
     */
    constructor(private readonly burst = 1) {}

    /** A new run begins. */
    begin(): void {
        this.inFlight = new Set();
        this.done = new Set();
    }

    /** @returns whether to cut the run now, in words that say where; undefined to let it go on */
    see(event: StepEvent): string | undefined {
        if (event.type === ROOT && event.phase === "done") return this.outputs ? undefined : "after the outputs";
        if (!event.custom || QUIET.has(event.op) || event.type.startsWith("pulumi:providers:")) return undefined;
        const step = `${event.op} ${event.urn}`;
        this.steps.add(step);
        if (event.phase === "pre") {
            this.inFlight.add(step);
            const fresh = [...this.inFlight].filter((s) => !this.cutUnderWay.has(s));
            return fresh.length >= this.burst && fresh.includes(step) ? `during ${nameOf(step)}` : undefined;
        }
        this.inFlight.delete(step);
        if (event.phase === "failed") return undefined;
        this.done.add(step);
        return undefined;
    }

    /** The run was cut where `see` said so. */
    cut(where: string): void {
        this.kills += 1;
        if (where === "after the outputs") this.outputs = true;
        for (const step of this.inFlight) this.cutUnderWay.add(step);
        for (const step of this.done) this.cutDone.add(step);
    }

    report(): CoverageReport {
        const { kills, outputs } = this;
        const [steps, underWay, done] = [this.steps.size, this.cutUnderWay.size, this.cutDone.size];
        return { kills, steps, underWay, done, outputs };
    }
}

/** `create Namespace NAME` of a step. */
function nameOf(step: string): string {
    const [op, urn] = [step.slice(0, step.indexOf(" ")), step.slice(step.indexOf(" ") + 1)];
    const [type, name] = urn.split("::").slice(-2) as [string, string];
    return `${op} ${type.split(":").at(-1)} ${name}`;
}
