/** The words of a sequence: what is asked, what is known, and the legs that lead there. */
import type { AssumedStep } from "../../dr/assume.js";
import { keyOf } from "../../dr/facts.js";
import type { DecisionInput, SitePlan, SiteRefusal, VolumeKey } from "../../dr/model.js";
import type { Asked } from "./config.js";

/** What a person asks for. */
export type Request =
    | { readonly operation: "up" }
    /** A planned move; of all groups, or of one. */
    | { readonly operation: "failover"; readonly to: string; readonly group?: string }
    /** A forced promotion; `lost` is declared lost by name. */
    | { readonly operation: "disaster"; readonly to: string; readonly lost: string; readonly group?: string }
    /** A move back; after a disaster the returned site's copy is given up first. */
    | { readonly operation: "failback"; readonly to: string; readonly group?: string }
    /** A site's copies are given up for fresh ones, and it ends as a healthy secondary. */
    | { readonly operation: "resync"; readonly site: string; readonly group?: string }
    | { readonly operation: "destroy" };

/** Name of an operation. */
export type Operation = Request["operation"];

/** What is known of one site. */
export interface SiteKnown {
    /** What its program would decide from; `intent` is its config as it is. */
    readonly input: DecisionInput;
    /** Groups with a state of their own in config; the others follow the site's. */
    readonly pinned: readonly string[];
    /** Whether its outputs have a token for the other site to mirror with. */
    readonly token: boolean;
    /** Whether its cluster is there; false where its `up` is to make it. */
    readonly deployed: boolean;
    /** Whether its program waits for the other site's handover (`handoverWait`): then a move's two runs begin together. */
    readonly waitsForHandover: boolean;
}

/** Both sites, by name. */
export type World = Readonly<Record<string, SiteKnown>>;

/** A config edit; without a value the key is removed. */
export interface Edit {
    /** `replicationState`, `groups.NAME.replicationState`, `lostSite` or `teardown`. */
    readonly key: string;
    readonly value?: string;
}

/** One run of pulumi on one stack, with the edits before it. */
export interface Leg {
    readonly site: string;
    readonly action: "up" | "destroy";
    /** Edits that config still lacks, in order. */
    readonly edits: readonly Edit[];
    /** All edits since config as it is now, those of earlier legs of this stack included. */
    readonly allEdits: readonly Edit[];
    /** The stack's config with those edits made. */
    readonly asked: Asked;
    /** The groups that it moves; undefined for all of the site. */
    readonly groups?: readonly string[];
    /** What it is for, in one line. */
    readonly why: string;
    /** Indexes of the legs that run at the same time. */
    readonly parallel: readonly number[];
    /** Whether its program waits for what the leg before it does, which runs beside it: if that one fails, so has this one. */
    readonly awaitsPrevious: boolean;
    /**
     * Whether it begins once the leg behind it, which waits for it, has all that it needs beside the handover: with many volumes that takes its
     * time, in which the workload can still run.
     */
    readonly afterStaging: boolean;
    /** Whether it is found done: config says so already, nothing is left to move, and an `up` has been finished since. */
    readonly done: boolean;
    /** What the program will decide, on the assumption that the legs before it have succeeded; undefined for a `destroy`. */
    readonly plan?: SitePlan;
    /** The steps that this plan assumes. */
    readonly assumes: readonly AssumedStep[];
}

/** The volumes that a leg's run has to do with: those of its plan, or of config where nothing is planned. */
export function volumesOf({ plan, asked }: Pick<Leg, "plan" | "asked">): VolumeKey[] {
    return plan?.groups.flatMap((group) => group.volumes.map(({ key }) => key)) ?? asked.intent.volumes.map(keyOf);
}

/** The way to what was asked. */
export interface Sequence {
    readonly kind: "sequence";
    readonly request: Request;
    readonly legs: readonly Leg[];
    /** What to weigh before it begins. */
    readonly warnings: readonly string[];
}

/** The program refuses a leg. */
export interface Refused {
    readonly kind: "refused";
    readonly refusal: SiteRefusal;
    /** The site whose leg it is. */
    readonly site: string;
    /** The steps on whose assumption it would be refused; none where it is refused as things are. */
    readonly assumes: readonly AssumedStep[];
    /** What `rbd-dr` can do instead, where it knows. */
    readonly hint?: string;
}

/** What is asked cannot be understood, or makes no sense here. */
export interface Unclear {
    readonly kind: "unclear";
    /** What is wrong, and what to give. */
    readonly message: string;
}
