/** How long the application was down in a move, and where that time went. */
import { KINDS, type StepKind } from "./kinds.js";
import type { AckedWrite, Outage, Part, Step } from "./record.js";

/**
 * The outage of a move: for each volume from its last write on `from` to its first one on `to`; in all from the first of the
 * former to the last of the latter.
 *
 * @param acks acknowledged writes, in any order
 * @param since when the move began: writes on `to` before it are of an earlier stay there
 * @returns undefined as long as a volume has no write on one of the two sites
 */
export function outageOf(
    acks: readonly AckedWrite[],
    { from, to, since, steps }: { from: string; to: string; since: string; steps: readonly Step[] },
): Outage | undefined {
    const volumes = [...new Set(acks.map((ack) => ack.volume))].sort().map((volume) => {
        const own = acks.filter((ack) => ack.volume === volume).sort(byTime);
        const firstAck = own.find((ack) => ack.site === to && Date.parse(ack.at) >= Date.parse(since));
        const lastAck = firstAck && own.findLast((ack) => ack.site === from && byTime(ack, firstAck) <= 0);
        return lastAck && { volume, lastAck, firstAck, seconds: between(lastAck.at, firstAck.at) };
    });
    const known = volumes.filter((v) => v !== undefined);
    if (known.length === 0 || known.length < volumes.length) return undefined;
    const lastAck = known.map((v) => v.lastAck).sort(byTime)[0]!;
    const firstAck = known.map((v) => v.firstAck).sort((a, b) => byTime(b, a))[0]!;
    const parts = splitOutage(lastAck.at, firstAck.at, steps);
    return { lastAck, firstAck, seconds: between(lastAck.at, firstAck.at), parts, volumes: known };
}

/**
 * Divides the time from `start` to `end` among the steps that ran in it. Every millisecond goes to exactly one part: to the
 * most particular step that was running, to `other` where none was. So the parts add up, whatever the steps overlap.
 */
export function splitOutage(start: string, end: string, steps: readonly Step[]): Part[] {
    const from = Date.parse(start);
    const to = Date.parse(end);
    const spans = steps.map((step) => ({
        kind: step.kind,
        site: step.site,
        from: Math.max(from, Date.parse(step.startedAt)),
        to: Math.min(to, Date.parse(step.endedAt)),
    }));
    const cuts = [...new Set([from, to, ...spans.filter((s) => s.from < s.to).flatMap((s) => [s.from, s.to])])].sort(
        (a, b) => a - b,
    );
    const parts: { kind: StepKind; site?: string; ms: number }[] = [];
    for (const [i, cut] of cuts.slice(0, -1).entries()) {
        const next = cuts[i + 1]!;
        const running = spans.filter((s) => s.from <= cut && s.to >= next);
        const kind = KINDS.find((k) => running.some((s) => s.kind === k)) ?? "other";
        const sites = new Set(running.filter((s) => s.kind === kind).map((s) => s.site));
        const site = sites.size === 1 ? [...sites][0] : undefined;
        const same = parts.find((part) => part.kind === kind && part.site === site);
        if (same) same.ms += next - cut;
        else parts.push({ kind, ...(site === undefined ? {} : { site }), ms: next - cut });
    }
    return parts.map(({ ms, ...part }) => ({ ...part, seconds: ms / 1000 }));
}

function byTime(a: { at: string }, b: { at: string }): number {
    return Date.parse(a.at) - Date.parse(b.at);
}

/** Seconds between two times. */
function between(from: string, to: string): number {
    return (Date.parse(to) - Date.parse(from)) / 1000;
}
