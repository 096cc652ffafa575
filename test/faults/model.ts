/** What the fault matrix is made of. */
import type { PulumiCli, PulumiResult, RunOptions } from "../../lab/program/pulumi-cli.js";
import type { SiteName } from "../../lab/paths.js";
import type { CoverageReport } from "./kill/coverage.js";
import type { Lane } from "./lane.js";

/** The matrix's columns: what an operator does, in the order in which it is done. */
export const COLUMNS = [
    "set-up",
    "planned failover",
    "planned failback",
    "disaster failover",
    "resync",
    "secondary after resync",
    "hand-back",
    "teardown",
] as const;
export type Column = (typeof COLUMNS)[number];

/** One command of a sequence, with the flips before it and what must hold after it. */
export interface Step {
    readonly kind: "step";
    readonly column: Column;
    /** What the step does, for example `demote cluster1`. */
    readonly title: string;
    /** The stack that it is done on. */
    readonly site: SiteName;
    /** Sets the stack's config, and looks at what the preview says. */
    readonly before?: (lane: Lane) => Promise<void>;
    readonly command: "up" | "destroy";
    /** Checks; each breach of an invariant is a line of the result. */
    readonly after: (lane: Lane) => Promise<readonly string[]>;
}

/** Something that befalls a whole site between two steps, and every lane with it. */
export interface SiteEvent {
    readonly kind: "event";
    readonly title: string;
    readonly run: (lab: string) => Promise<void>;
    /** What each lane waits for afterwards. */
    readonly after?: (lane: Lane) => Promise<void>;
}

/** Steps and events in order. */
export interface Sequence {
    readonly name: string;
    readonly items: readonly (Step | SiteEvent)[];
    /** What a lane has to be: `new`: nothing of it is there; `healthy`: cluster1 is primary, cluster2 receives. */
    readonly startsFrom: "new" | "healthy";
    readonly endsAs: "healthy" | "gone";
}

/** A step's command, ready to be run once more. */
export type Command = (options?: RunOptions) => Promise<PulumiResult>;

/** What a fault is told of the step that it befalls. */
export interface Scene {
    readonly lab: string;
    readonly lane: Lane;
    readonly step: Step;
    readonly cli: PulumiCli;
    readonly command: Command;
    readonly onProgress: (line: string) => void;
}

/** How a step went under a fault. */
export interface StepAccount {
    /** How the run under the fault ended, in words for a table. */
    readonly outcome: string;
    /** Whether the step was completed in the end. */
    readonly completed: boolean;
    /** Commands that had to be typed besides the step's own. */
    readonly typed: readonly string[];
    /** How often the step's command was typed. */
    readonly runs: number;
    /** Of a step that was killed. */
    readonly coverage?: CoverageReport;
}

/** A row of the matrix. */
export interface Fault {
    readonly name: string;
    readonly title: string;
    /** Whether it befalls the whole site, and so every lane on it. */
    readonly siteWide: boolean;
    /** Runs the step's command under the fault, mends the fault, and sees to it that the step is completed. */
    readonly around: (scene: Scene) => Promise<StepAccount>;
}

/** One pass of a sequence, with faults at its steps. */
export interface Trial {
    /** By it results are kept and chosen: `kill/planned`. */
    readonly id: string;
    readonly sequence: Sequence;
    /** The fault that happens at a step; undefined for none. */
    readonly at: (step: Step) => Fault | undefined;
    /** Brings both clusters up from nothing, with Rook, pool and mirroring, instead of a volume on those that are there. */
    readonly platform?: boolean;
}

/** One step's line in the results. */
export interface StepResult extends StepAccount {
    readonly column: Column;
    readonly step: string;
    /** Name and title of the fault; absent for a step in which nothing was made to go wrong. */
    readonly fault?: string;
    readonly title?: string;
    readonly seconds: number;
    /** Invariants that did not hold. */
    readonly violations: readonly string[];
}

/** What became of a lane's writes. */
export interface Writes {
    readonly acknowledged: number;
    readonly found: number;
    /** Lost in a disaster that was declared, newer than the time that the preview named. */
    readonly inWindow: number;
    /** Written by a returned site before its copy was given up, as the resync's preview said. */
    readonly discarded: number;
}

export const NO_WRITES: Writes = { acknowledged: 0, found: 0, inWindow: 0, discarded: 0 };

/** What a trial came to. */
export interface TrialResult {
    readonly id: string;
    readonly ok: boolean;
    readonly at: string;
    readonly seconds: number;
    readonly steps: readonly StepResult[];
    readonly writes: Writes;
    /** Looks at both images during the trial, and how many of them saw one primary or none. */
    readonly looks: { readonly taken: number; readonly unanswered: number };
    /** What went wrong outside any step. */
    readonly error?: string;
}
