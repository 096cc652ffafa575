/** What was acknowledged against what is there: pure. A loss that was known already is not counted again. */
import type { AckedWrite, Check, DrillRecord } from "../report/record.js";
import type { Verified } from "./app.js";

/** Numbers of lost writes, by volume. */
export type Lost = Readonly<Record<string, readonly number[]>>;

/** One copy, held against the acknowledgements. */
export interface Account {
    readonly check: Check;
    /** Numbers of the writes that are missing and were not missing before. */
    readonly newlyLost: readonly number[];
}

/**
 * Takes account of one copy.
 *
 * @param acks acknowledged writes of all volumes
 * @param before numbers that were missing before the drill began: they are not the drill's, and are not counted at all
 * @param known numbers that were found missing earlier in the drill
 */
export function accountOf(verified: Verified, acks: readonly AckedWrite[], before: Lost, known: Lost): Account {
    const { volume, site, at } = verified;
    const old = new Set(before[volume] ?? []);
    const seen = new Set(known[volume] ?? []);
    const lost = new Set(verified.lost.filter((seq) => !old.has(seq)));
    const own = acks.filter((ack) => ack.volume === volume && !old.has(ack.seq));
    const fresh = own.filter((ack) => lost.has(ack.seq) && !seen.has(ack.seq)).sort(byTime);
    const [first, last] = [fresh[0], fresh.at(-1)];
    const acknowledged = verified.acknowledged - old.size;
    return {
        check: {
            volume,
            site,
            at,
            acknowledged,
            found: acknowledged - lost.size,
            newlyLost: [...lost].filter((seq) => !seen.has(seq)).length,
            lostOn: [...new Set(fresh.map((ack) => ack.site))].sort(),
            ...(first && last ? { firstLost: first, lastLost: last } : {}),
            lossSeconds: first && last ? (Date.parse(last.at) - Date.parse(first.at)) / 1000 : 0,
        },
        newlyLost: [...lost].filter((seq) => !seen.has(seq)),
    };
}

/** Several collections of lost writes as one. */
export function joinLost(all: readonly Lost[]): Record<string, number[]> {
    const volumes = [...new Set(all.flatMap((lost) => Object.keys(lost)))];
    return Object.fromEntries(volumes.map((v) => [v, [...new Set(all.flatMap((lost) => lost[v] ?? []))]]));
}

/** Seconds of a bar that a reader can count with. */
const WIDTHS = [1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600];

/** Bars that a plot has room for. */
const BARS = 120;

/** Acknowledged and lost writes over the time of a drill, in equal pieces of time. */
export function bucketsOf(
    acks: readonly AckedWrite[],
    lost: Lost,
    span: { from: string; to: string },
): Pick<DrillRecord["writes"], "bucketSeconds" | "buckets"> {
    const seconds = (Date.parse(span.to) - Date.parse(span.from)) / 1000;
    const width = WIDTHS.find((w) => seconds / w <= BARS) ?? Math.ceil(seconds / BARS / 3600) * 3600;
    const missing = new Map(Object.entries(lost).map(([volume, seqs]) => [volume, new Set(seqs)]));
    const rows = new Map<string, { at: string; site: string; acknowledged: number; lost: number }>();
    for (const ack of acks) {
        const time = Date.parse(ack.at);
        if (time < Date.parse(span.from) || time > Date.parse(span.to)) continue;
        const begin = Math.floor(time / (width * 1000)) * width * 1000;
        const key = `${begin} ${ack.site}`;
        const row = rows.get(key) ?? { at: new Date(begin).toISOString(), site: ack.site, acknowledged: 0, lost: 0 };
        row.acknowledged += 1;
        row.lost += missing.get(ack.volume)?.has(ack.seq) === true ? 1 : 0;
        rows.set(key, row);
    }
    const buckets = [...rows.values()].sort((a, b) => a.at.localeCompare(b.at) || a.site.localeCompare(b.site));
    return { bucketSeconds: width, buckets };
}

function byTime(a: AckedWrite, b: AckedWrite): number {
    return Date.parse(a.at) - Date.parse(b.at);
}
