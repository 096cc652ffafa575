/** Acknowledged writes over the time of the drill, a row a site; those that are gone stand out. */
import * as Plot from "@observablehq/plot";
import type { DrillRecord } from "../../record.js";
import type { Markup } from "../html.js";
import { paint } from "../palette.js";
import { clockTick, cut, draw, timeAxis, WIDTHS, type Size } from "./draw.js";

/** Draws writes a second. */
export function writesPlot(record: Pick<DrillRecord, "writes" | "sites">, size: Size): Markup {
    const { bucketSeconds, buckets } = record.writes;
    const wide = size === "wide";
    const bars = buckets.flatMap((bucket) => {
        const from = new Date(bucket.at);
        const to = new Date(from.getTime() + bucketSeconds * 1000);
        const found = (bucket.acknowledged - bucket.lost) / bucketSeconds;
        const all = bucket.acknowledged / bucketSeconds;
        return [
            { site: bucket.site, from, to, low: 0, high: found, colour: paint("storage") },
            { site: bucket.site, from, to, low: found, high: all, colour: paint("bad") },
        ].filter((bar) => bar.high > bar.low);
    });
    const sites = [record.sites.home, record.sites.other];
    return draw(size, {
        height: wide ? 260 : 280,
        marginLeft: 34,
        marginRight: 14,
        marginTop: 26,
        marginBottom: 40,
        x: { type: "utc", label: "time of day (UTC)" },
        y: { label: null, domain: [0, Math.max(1, ...bars.map((bar) => bar.high)) * 1.1] },
        fy: { domain: sites, axis: null, padding: 0.3 },
        marks: [
            Plot.gridY({ stroke: paint("rule"), strokeOpacity: 1, ticks: 3 }),
            Plot.axisY({ ticks: 3, tickSize: 0 }),
            timeAxis(wide ? 8 : 3, clockTick(size)),
            Plot.text(sites, {
                fy: (site: string) => site,
                frameAnchor: "top-left",
                dy: -16,
                dx: -32,
                text: (site: string) => `writes a second on ${site}`,
                ...cut(WIDTHS[size] - 20),
                fontWeight: 600,
            }),
            Plot.rect(bars, {
                fy: "site",
                x1: "from",
                x2: "to",
                y1: "low",
                y2: "high",
                fill: "colour",
                insetLeft: 0.5,
                insetRight: 0.5,
            }),
            Plot.ruleY([0], { stroke: paint("ink") }),
        ],
    });
}
