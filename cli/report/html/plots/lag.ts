/** How far the copies were behind, over the time of the drill. */
import * as Plot from "@observablehq/plot";
import { formatSeconds } from "../../../../dr/time.js";
import type { DrillRecord } from "../../record.js";
import type { Markup } from "../html.js";
import { paint } from "../palette.js";
import { clockTick, cut, draw, HALO, timeAxis, WIDTHS, type Size } from "./draw.js";

/** A copy that spans more than so many times its least lag is drawn on a logarithmic axis. */
const LOG_FROM = 200;

/** A pause in the samples after which a line is not drawn through: nobody looked, or there was no copy. */
const GAP_SECONDS = 30;

type Sample = DrillRecord["lag"][number];

/** Draws the lag: a row a site, a line a volume, with a dot where it was looked at; marks of one and two intervals. */
export function lagPlot(record: Pick<DrillRecord, "lag" | "sites" | "intervalSeconds">, size: Size): Markup {
    const wide = size === "wide";
    const sites = [record.sites.home, record.sites.other].filter((site) => record.lag.some((s) => s.site === site));
    const seconds = record.lag.map((sample) => Math.max(1, sample.seconds));
    const top = Math.max(...seconds, record.intervalSeconds) * 1.08;
    const logarithmic = top / Math.min(...seconds) > LOG_FROM;
    const interval = sites.map((site) => ({ site, seconds: record.intervalSeconds }));
    return draw(size, {
        height: 60 + 110 * sites.length,
        marginLeft: 44,
        marginRight: 14,
        marginTop: 26,
        marginBottom: 40,
        x: { type: "utc", label: "time of day (UTC)" },
        y: {
            type: logarithmic ? "log" : "linear",
            domain: [logarithmic ? 1 : 0, top],
            label: null,
        },
        fy: { domain: sites, axis: null, padding: 0.3 },
        marks: [
            Plot.gridY({ stroke: paint("rule"), strokeOpacity: 1, ticks: 4 }),
            Plot.axisY({ ticks: 4, tickSize: 0, tickFormat: (value: number) => `${value} s` }),
            timeAxis(wide ? 8 : 3, clockTick(size)),
            Plot.text(sites, {
                fy: (site: string) => site,
                frameAnchor: "top-left",
                dy: -16,
                dx: -42,
                text: (site: string) => `the copy on ${site}`,
                ...cut(WIDTHS[size] - 20),
                fontWeight: 600,
            }),
            Plot.ruleY(interval, { fy: "site", y: "seconds", stroke: paint("ink"), strokeDasharray: "4 3" }),
            Plot.text(interval, {
                fy: "site",
                y: "seconds",
                frameAnchor: "right",
                dy: -8,
                text: (row: { seconds: number }) => `interval: ${formatSeconds(row.seconds)}`,
                fill: paint("muted"),
                ...HALO,
            }),
            Plot.line(record.lag, {
                fy: "site",
                x: (sample: Sample) => new Date(sample.at),
                y: (sample: Sample) => Math.max(logarithmic ? 1 : 0, sample.seconds),
                z: stretches(record.lag),
                stroke: paint("storage"),
                strokeWidth: 1.5,
            }),
            Plot.dot(record.lag, {
                fy: "site",
                x: (sample: Sample) => new Date(sample.at),
                y: (sample: Sample) => Math.max(logarithmic ? 1 : 0, sample.seconds),
                r: 1.8,
                fill: paint("storage"),
            }),
        ],
    });
}

/** For each sample the name of the stretch that it belongs to: a line is broken where nobody looked for a while. */
function stretches(samples: readonly Sample[]): string[] {
    const last = new Map<string, { at: number; stretch: number }>();
    return samples.map((sample) => {
        const copy = `${sample.site} ${sample.volume}`;
        const at = Date.parse(sample.at);
        const before = last.get(copy);
        const broken = before !== undefined && at - before.at > GAP_SECONDS * 1000;
        const stretch = (before?.stretch ?? 0) + (broken ? 1 : 0);
        last.set(copy, { at, stretch });
        return `${copy} ${stretch}`;
    });
}
