/** From what a drill has written down to its record: pure. */
import { formatSeconds } from "../../dr/time.js";
import { quote } from "../../host/shell.js";
import type { CliEvent } from "../events.js";
import { outageOf } from "../report/outage.js";
import { RECORD_SCHEMA, type AckedWrite, type DrillRecord, type Move, type Step } from "../report/record.js";
import { outcomeOf, verdictOf } from "../report/verdict.js";
import { bucketsOf, joinLost } from "./account.js";
import type { DrillState, MoveState, Sample } from "./journal.js";
import { stepsOf } from "./steps.js";

/** All that is known of a drill. */
export interface Known {
    readonly state: DrillState;
    readonly events: readonly CliEvent[];
    readonly samples: readonly Sample[];
    readonly acks: readonly AckedWrite[];
    readonly earlier: DrillRecord["earlier"];
    /** RFC 3339: the end of what has not ended. */
    readonly now: string;
}

/** Makes the record. */
export function assemble(known: Known): DrillRecord {
    const { state, earlier, now } = known;
    const endedAt = state.endedAt ?? now;
    const finished = state.endedAt !== undefined;
    const moves = state.moves.map((move) => moveOf(known, move));
    const sites = { home: state.home, other: state.other };
    const writes = writesOf(known, moves, endedAt);
    const judged = { operation: state.operation, sites, moves, writes, finished };
    const { fault } = state;
    return {
        schema: RECORD_SCHEMA,
        id: state.id,
        operation: state.operation,
        outcome: outcomeOf(judged),
        verdict: verdictOf(judged),
        startedAt: state.startedAt,
        endedAt,
        runs: state.runs,
        sites,
        application: state.application,
        volumes: state.volumes,
        intervalSeconds: state.intervalSeconds,
        versions: state.versions,
        ...(fault?.at && {
            fault: {
                what: fault.what,
                site: state.home,
                command: fault.command,
                at: fault.at,
                restoredAt: fault.restoredAt,
            },
        }),
        moves,
        lag: known.samples.flatMap(({ at, lag }) => lag.map((row) => ({ at, ...row }))),
        writes,
        ...noticesOf(known.events),
        commands: state.moves.flatMap((move) =>
            during(known, move).flatMap((event) =>
                event.type === "command" ? [{ move: move.name, command: event.argv.map(quote).join(" ") }] : [],
            ),
        ),
        earlier,
    };
}

function moveOf(known: Known, move: MoveState): Move {
    const { state, samples, acks, now } = known;
    const spans = state.spans.filter((span) => span.move === move.name);
    const endedAt = move.endedAt ?? now;
    const own = acks.filter((ack) => Date.parse(ack.at) <= Date.parse(endedAt) && isOfDrill(state, ack));
    const engine = stepsOf(during(known, move), samples);
    const began = move.kind === "disaster" ? (state.fault?.startedAt ?? move.startedAt) : move.startedAt;
    const steps: Step[] = [
        ...spans.map(({ site, kind, startedAt, endedAt: end }) => ({ site, kind, startedAt, endedAt: end })),
        ...engine,
    ];
    const outage = (parts: readonly Step[]) =>
        move.kind === "resync"
            ? undefined
            : outageOf(own, { from: move.from, to: move.to, since: began, steps: parts });
    const first = outage(steps)?.firstAck;
    const started = first && steps.findLast((step) => step.kind === "workload-up" && step.site === move.to);
    if (first && started && Date.parse(first.at) > Date.parse(started.endedAt))
        steps.push({ site: move.to, kind: "application-start", startedAt: started.endedAt, endedAt: first.at });
    steps.sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
    return {
        name: move.name,
        title: titleOf(state, move),
        kind: move.kind,
        from: move.from,
        to: move.to,
        startedAt: move.startedAt,
        endedAt,
        steps,
        outage: outage(steps),
        checks: move.checks,
        declared: move.declared,
    };
}

/** Writes of the time before the drill are read back, too; outages and bars are of the drill alone. */
function isOfDrill(state: DrillState, ack: AckedWrite): boolean {
    return Date.parse(ack.at) >= Date.parse(state.startedAt) - 60_000;
}

function titleOf(state: DrillState, move: MoveState): string {
    if (move.kind === "disaster") return `Failover after the loss of ${move.from}`;
    if (move.kind === "resync") return `${move.to} comes back and is copied afresh`;
    return `${state.operation === "planned" ? "Planned " : ""}${move.name}`.replace(/^./, (c) => c.toUpperCase());
}

function during({ events, now }: Known, move: MoveState): CliEvent[] {
    const [from, to] = [Date.parse(move.startedAt), Date.parse(move.endedAt ?? now)];
    return events.filter((event) => Date.parse(event.at) >= from && Date.parse(event.at) <= to);
}

function writesOf({ state, acks }: Known, moves: readonly Move[], endedAt: string): DrillRecord["writes"] {
    const lostBy = (kinds: readonly Move["kind"][]) =>
        moves
            .filter((move) => kinds.includes(move.kind))
            .flatMap((move) => move.checks)
            .reduce((sum, check) => sum + check.newlyLost, 0);
    // Of each volume the last look counts.
    const last = state.volumes.flatMap(
        (volume) => moves.flatMap((move) => move.checks).findLast((check) => check.volume === volume) ?? [],
    );
    const sum = (count: (check: (typeof last)[number]) => number) =>
        last.reduce((total, check) => total + count(check), 0);
    return {
        acknowledged: sum((check) => check.acknowledged),
        found: sum((check) => check.found),
        lost: lostBy(["planned", "disaster"]),
        discarded: lostBy(["resync"]),
        ...bucketsOf(acks, joinLost(state.moves.map((move) => move.lost)), { from: state.startedAt, to: endedAt }),
    };
}

/** How the program refuses (dr/describe.ts). */
const REFUSED = /Refused \(([A-Z_]+)\): ([^\n]*)(?:[\s\S]*?What to do:\n([\s\S]*?)\nMore on this)?/;

function noticesOf(events: readonly CliEvent[]): Pick<DrillRecord, "warnings" | "refusals"> {
    const warnings = new Map<string, DrillRecord["warnings"][number]>();
    const refusals: DrillRecord["refusals"] = [];
    for (const event of events) {
        if (event.type !== "message" || event.severity === "info") continue;
        const refused = REFUSED.exec(event.text);
        const site = event.stack ?? "rbd-dr";
        if (refused) {
            const next = (refused[3] ?? "").split("\n").map((line) => line.trim());
            refusals.push({
                at: event.at,
                site,
                code: refused[1]!,
                reason: refused[2]!,
                next: next.filter((line) => line !== ""),
            });
        } else if (!warnings.has(`${site} ${event.text}`)) {
            warnings.set(`${site} ${event.text}`, { at: event.at, site, text: event.text });
        }
    }
    return { warnings: [...warnings.values()], refusals };
}

/** The drill in a few lines, for a terminal. */
export function summaryOf(record: DrillRecord): string {
    const moves = record.moves.map((move) => {
        const lost = move.checks.reduce((sum, check) => sum + check.newlyLost, 0);
        const outage = move.outage === undefined ? "" : `, application down ${move.outage.seconds.toFixed(1)} s`;
        const took = formatSeconds((Date.parse(move.endedAt) - Date.parse(move.startedAt)) / 1000);
        return `  ${move.title}: ${took}${outage}, ${lost} lost`;
    });
    return [record.verdict, ...moves].join("\n");
}
