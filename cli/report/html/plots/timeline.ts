/** The steps of a move on both sites, on one axis of time: what ran when, and what was waited for. */
import * as Plot from "@observablehq/plot";
import { STEP_KINDS, type Group } from "../../kinds.js";
import { duration, secondsFrom } from "../../units.js";
import type { Move } from "../../record.js";
import type { Markup } from "../html.js";
import { paint } from "../palette.js";
import { cut, draw, fillOf, HALO, timeAxis, WIDTHS, type Size } from "./draw.js";

interface Row {
    readonly id: string;
    readonly heading?: string;
    readonly label?: string;
    readonly group: Group;
    readonly from: number;
    readonly to: number;
}

/** Draws one move. Time is counted from the last write before the outage, else from the move's start. */
export function timelinePlot(move: Move, size: Size): Markup {
    const zero = move.outage?.lastAck.at ?? move.startedAt;
    const rows = rowsOf(move, zero);
    const bars = rows.filter((row) => row.heading === undefined);
    const ends = bars.flatMap((bar) => [bar.from, bar.to]);
    const domain = [Math.min(0, ...ends), Math.max(1, move.outage?.seconds ?? 0, ...ends)] as const;
    const wide = size === "wide";
    const rowHeight = wide ? 22 : 34;
    const outage = move.outage === undefined ? [] : [{ from: 0, to: move.outage.seconds }];
    return draw(size, {
        height: rows.length * rowHeight + 62,
        marginLeft: wide ? 216 : 12,
        marginRight: 58,
        marginTop: 20,
        marginBottom: 42,
        x: { domain: [...domain], label: move.outage ? "seconds since the last write" : "seconds since the start" },
        y: { domain: rows.map((row) => row.id), axis: null, padding: 0 },
        marks: [
            Plot.rect(outage, { x1: "from", x2: "to", fill: paint("panel") }),
            Plot.gridX({ stroke: paint("rule"), strokeOpacity: 1, ticks: wide ? 8 : 4 }),
            Plot.ruleX(
                outage.flatMap(({ from, to }) => [from, to]),
                { stroke: paint("ink"), strokeDasharray: "2 3" },
            ),
            Plot.text(outage, {
                x: wide ? (o: { from: number; to: number }) => (o.from + o.to) / 2 : "from",
                frameAnchor: "top",
                dy: -14,
                textAnchor: wide ? "middle" : "start",
                text: (o: { to: number }) => `outage: ${duration(o.to)}`,
                fontWeight: 600,
            }),
            timeAxis(wide ? 8 : 4),
            Plot.text(
                rows.filter((row) => row.heading !== undefined),
                {
                    y: "id",
                    frameAnchor: "left",
                    dx: wide ? -214 : -11,
                    dy: wide ? 0 : 7,
                    textAnchor: "start",
                    text: "heading",
                    ...cut(WIDTHS[size] - 20),
                    fontWeight: 600,
                },
            ),
            Plot.text(bars, {
                y: "id",
                frameAnchor: "left",
                dx: wide ? -202 : -11,
                dy: wide ? 0 : -8,
                textAnchor: "start",
                text: "label",
                ...cut(wide ? 190 : WIDTHS[size] - 20),
            }),
            Plot.barX(bars, {
                x1: "from",
                x2: "to",
                y: "id",
                fill: (row: Row) => fillOf(row.group),
                // A step of no length is still to be seen.
                stroke: (row: Row) => paint(row.group),
                insetTop: wide ? 5 : 19,
                insetBottom: wide ? 5 : 5,
            }),
            Plot.text(bars, {
                x: "to",
                y: "id",
                dx: 5,
                dy: wide ? 0 : 7,
                textAnchor: "start",
                text: (row: Row) => duration(row.to - row.from),
                fill: paint("muted"),
                ...HALO,
            }),
        ],
    });
}

/** A heading for each site, its steps below it by time. */
function rowsOf(move: Move, zero: string): Row[] {
    const sites = [...new Set([move.from, move.to, ...move.steps.map((step) => step.site)])];
    return sites.flatMap((site) => {
        const steps = move.steps
            .filter((step) => step.site === site)
            .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
        const rows = steps.map((step, i) => ({
            id: `${site} ${i}`,
            label: step.label ?? STEP_KINDS[step.kind].label,
            group: STEP_KINDS[step.kind].group,
            from: secondsFrom(zero, step.startedAt),
            to: secondsFrom(zero, step.endedAt),
        }));
        return rows.length === 0 ? [] : [{ id: site, heading: site, group: "wait" as const, from: 0, to: 0 }, ...rows];
    });
}
