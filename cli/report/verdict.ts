/** A drill's outcome, and the one sentence that a reader takes away. */
import { count, counted, duration } from "./units.js";
import type { DrillRecord, Move, Outcome } from "./record.js";

/** What a verdict is made from. */
export type Judged = Pick<DrillRecord, "operation" | "sites" | "moves" | "writes"> & { readonly finished: boolean };

/** What one move cost, in all volumes together. */
export interface MoveLoss {
    /** Acknowledged writes that are gone. */
    readonly lost: number;
    /** The longest measured loss of a volume, in seconds. */
    readonly seconds: number;
    /** True when nothing is gone but what was declared beforehand. */
    readonly kept: boolean;
}

/** What a move cost, held against what was declared. */
export function lossOf(move: Pick<Move, "checks" | "declared">): MoveLoss {
    const lost = move.checks.reduce((sum, check) => sum + check.newlyLost, 0);
    const seconds = Math.max(0, ...move.checks.map((check) => check.lossSeconds));
    const kept = move.checks.every((check) => {
        if (check.newlyLost === 0) return true;
        const declared = move.declared.find((d) => d.volume === check.volume);
        if (declared === undefined || check.lostOn.some((site) => site !== declared.site)) return false;
        // Of a volume whose last sync is not known, everything was declared.
        if (declared.since === undefined) return true;
        return check.firstLost !== undefined && Date.parse(check.firstLost.at) >= Date.parse(declared.since);
    });
    return { lost, seconds, kept };
}

/** How a drill ended: a loss that was declared beforehand is a disaster's price, any other one is a failure. */
export function outcomeOf(drill: Judged): Outcome {
    if (drill.moves.some((move) => !lossOf(move).kept)) return "failed";
    if (!drill.finished) return "unfinished";
    return drill.writes.lost > 0 ? "declared-loss" : "passed";
}

/** The drill in a sentence or two. */
export function verdictOf(drill: Judged): string {
    return `${lossSentence(drill)} ${outageSentence(drill)}`.trim();
}

function lossSentence(drill: Judged): string {
    const { acknowledged, lost, discarded } = drill.writes;
    const of = counted(acknowledged, "acknowledged write");
    const outcome = outcomeOf(drill);
    if (drill.moves.every((move) => move.checks.length === 0)) return "The drill has not read any write back yet.";
    if (outcome === "failed")
        return `${count(lost + discarded)} of ${of} are missing, and not as it was declared beforehand: the drill failed.`;
    const strays =
        discarded === 0 ? "" : ` ${counted(discarded, "write")} of the returned site's old application were discarded.`;
    if (lost === 0) return `Zero lost: all ${of} were read back.${strays}`;
    const seconds = duration(secondsLost(drill.moves));
    const window = Math.max(0, ...drill.moves.flatMap((move) => move.declared.map((d) => d.seconds ?? 0)));
    return `The disaster cost ${count(lost)} of ${of}, ${seconds} of writing, all inside the ${duration(window)} declared beforehand.${strays}`;
}

/** The longest loss of a move, in seconds; what a returned site's old application wrote is not a loss of the move. */
export function secondsLost(moves: DrillRecord["moves"]): number {
    return Math.max(0, ...moves.filter((move) => move.kind !== "resync").map((move) => lossOf(move).seconds));
}

function outageSentence(drill: Judged): string {
    const outages = drill.moves.flatMap(({ name, outage, to }) =>
        outage ? [{ name, to, seconds: outage.seconds }] : [],
    );
    if (outages.length === 0) return "";
    const each = outages.map(({ name, to, seconds }) => `${duration(seconds)} in the ${name} to ${to}`);
    const end = drill.finished ? "" : " The drill did not reach its end.";
    return `The application was down ${each.join(" and ")}.${end}`;
}
