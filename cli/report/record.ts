/**
 * The record of a drill, `rbd-dr-drill/1`: what `report.json` holds. The HTML page is made from it and from nothing else, so
 * that a program reads exactly what a person sees. Times are RFC 3339 in UTC, durations are seconds.
 */
import { z } from "zod";
import { KINDS } from "./kinds.js";

/** Name and version of the record's format. */
export const RECORD_SCHEMA = "rbd-dr-drill/1";

const time = z.iso.datetime();
const seconds = z.number().nonnegative();
const count = z.number().int().nonnegative();

const versionSchema = z.object({
    /** What it is, for example `Ceph`. */
    component: z.string(),
    /** Absent where it is not a site's. */
    site: z.string().optional(),
    version: z.string(),
});

const stepSchema = z.object({
    site: z.string(),
    kind: z.enum(KINDS),
    /** In a person's words; the kind's own label by default. */
    label: z.string().optional(),
    /** `namespace/name` where the step is one volume's. */
    volume: z.string().optional(),
    startedAt: time,
    endedAt: time,
});

const ackSchema = z.object({ volume: z.string(), seq: count, site: z.string(), at: time });

const partSchema = z.object({
    kind: z.enum(KINDS),
    /** Site on which the time went by; absent where it was both or neither. */
    site: z.string().optional(),
    seconds,
});

const outageSchema = z.object({
    /** The first of the volumes' last writes before the move. */
    lastAck: ackSchema,
    /** The last of the volumes' first writes after it. */
    firstAck: ackSchema,
    /** From the one to the other: the measured RTO. */
    seconds,
    /** Where it went, in order; they add up to `seconds`. */
    parts: z.array(partSchema),
    volumes: z.array(z.object({ volume: z.string(), lastAck: ackSchema, firstAck: ackSchema, seconds })),
});

const checkSchema = z.object({
    volume: z.string(),
    /** Site whose copy was read. */
    site: z.string(),
    at: time,
    /** Writes that the application had been told are safe; without those that were missing before the drill began. */
    acknowledged: count,
    found: count,
    /** Those that this move cost: missing now, and not missing at the check before. */
    newlyLost: count,
    /** Sites on which those were acknowledged. */
    lostOn: z.array(z.string()),
    firstLost: ackSchema.optional(),
    lastLost: ackSchema.optional(),
    /** Seconds from the first of those to the last; 0 when none is lost. The measured RPO. */
    lossSeconds: seconds,
});

const declaredSchema = z.object({
    volume: z.string(),
    /** Only what was written on this site. */
    site: z.string(),
    /** Writes since then may be lost, said the program; absent where it could not know. */
    since: time.optional(),
    /** Upper bound, as of the declaration. */
    seconds: seconds.optional(),
});

const moveSchema = z
    .object({
        name: z.enum(["failover", "resync", "failback"]),
        title: z.string(),
        kind: z.enum(["planned", "disaster", "resync"]),
        from: z.string(),
        to: z.string(),
        startedAt: time,
        endedAt: time,
        steps: z.array(stepSchema),
        /** Absent where the application did not move. */
        outage: outageSchema.optional(),
        checks: z.array(checkSchema),
        /** What the program said beforehand that the move may cost; empty where it promised no loss. */
        declared: z.array(declaredSchema),
    })
    .refine(({ outage }) => outage === undefined || addsUp(outage), {
        message: "the outage's parts do not add up to it",
        path: ["outage", "parts"],
    });

const lagSchema = z.object({
    at: time,
    volume: z.string(),
    /** Site whose copy was behind. */
    site: z.string(),
    /** Age of the newest snapshot that is complete there. */
    seconds,
});

const bucketSchema = z.object({ at: time, site: z.string(), acknowledged: count, lost: count });

const earlierSchema = z.object({
    id: z.string(),
    startedAt: time,
    operation: z.enum(["planned", "disaster"]),
    outcome: z.enum(["passed", "declared-loss", "failed", "unfinished"]),
    moves: z.array(
        z.object({
            name: z.string(),
            kind: z.enum(["planned", "disaster", "resync"]),
            rtoSeconds: seconds.optional(),
            lost: count,
            lossSeconds: seconds,
        }),
    ),
});

/** Schema of the whole record. */
export const recordSchema = z.object({
    schema: z.literal(RECORD_SCHEMA),
    /** Names the drill's folder. */
    id: z.string(),
    operation: z.enum(["planned", "disaster"]),
    outcome: z.enum(["passed", "declared-loss", "failed", "unfinished"]),
    /** The drill in a sentence, with its numbers. */
    verdict: z.string(),
    startedAt: time,
    endedAt: time,
    /** Starts of the command: more than one when it was stopped half way and went on. */
    runs: z.array(z.object({ startedAt: time, endedAt: time.optional() })).min(1),
    /** `home` had the application before, and has it again. */
    sites: z.object({ home: z.string(), other: z.string() }),
    application: z.string(),
    volumes: z.array(z.string()),
    /** Seconds between mirror snapshots: the bound of what a disaster may cost. */
    intervalSeconds: seconds,
    versions: z.array(versionSchema),
    fault: z
        .object({
            what: z.string(),
            site: z.string(),
            /** Argument vector of the command that did it; absent where a person did. */
            command: z.array(z.string()).optional(),
            at: time,
            restoredAt: time.optional(),
        })
        .optional(),
    moves: z.array(moveSchema),
    lag: z.array(lagSchema),
    writes: z.object({
        acknowledged: count,
        found: count,
        /** By moves; of a disaster, what had not arrived. */
        lost: count,
        /** On a site that came back and was written by its old application, until its copy was given up. */
        discarded: count,
        bucketSeconds: z.number().positive(),
        buckets: z.array(bucketSchema),
    }),
    warnings: z.array(z.object({ at: time, site: z.string(), text: z.string() })),
    refusals: z.array(
        z.object({ at: time, site: z.string(), code: z.string(), reason: z.string(), next: z.array(z.string()) }),
    ),
    /** The plain commands that do the same by hand, in order. */
    commands: z.array(z.object({ move: z.string(), command: z.string() })),
    /** Earlier drills in the same folder, oldest first. */
    earlier: z.array(earlierSchema),
});

/** Everything that is known of a drill. */
export type DrillRecord = z.infer<typeof recordSchema>;
/** One move of it. */
export type Move = DrillRecord["moves"][number];
/** One step of a move. */
export type Step = Move["steps"][number];
/** How long the application was down, and why. */
export type Outage = NonNullable<Move["outage"]>;
/** One part of an outage. */
export type Part = Outage["parts"][number];
/** One acknowledged write. */
export type AckedWrite = z.infer<typeof ackSchema>;
/** What one copy was found to hold. */
export type Check = Move["checks"][number];
/** What a program said that a move may cost. */
export type DeclaredLoss = Move["declared"][number];
/** An earlier drill, as far as it is compared. */
export type EarlierDrill = DrillRecord["earlier"][number];
/** How a drill ended. */
export type Outcome = DrillRecord["outcome"];

/** To a millisecond: that is what times are given to. */
function addsUp(outage: { seconds: number; parts: readonly { seconds: number }[] }): boolean {
    const sum = outage.parts.reduce((total, part) => total + part.seconds, 0);
    return Math.abs(sum - outage.seconds) < 0.001;
}
