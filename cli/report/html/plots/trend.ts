/** This drill among the earlier ones: how long the application was down. */
import * as Plot from "@observablehq/plot";
import { clock, day, duration } from "../../units.js";
import type { EarlierDrill } from "../../record.js";
import type { Markup } from "../html.js";
import { paint } from "../palette.js";
import { draw, HALO, timeAxis, type Size } from "./draw.js";

interface Point {
    readonly name: string;
    readonly at: Date;
    readonly seconds: number;
    readonly kind: "planned" | "disaster";
    readonly now: boolean;
}

/** Draws every outage of all drills; shape tells a planned move from a disaster, filling the present drill from earlier ones. */
export function trendPlot(drills: readonly EarlierDrill[], currentId: string, size: Size): Markup {
    const points = drills.flatMap((drill) =>
        drill.moves.flatMap((move): Point[] =>
            move.rtoSeconds === undefined || move.kind === "resync"
                ? []
                : [
                      {
                          name: move.name,
                          at: new Date(drill.startedAt),
                          seconds: move.rtoSeconds,
                          kind: move.kind,
                          now: drill.id === currentId,
                      },
                  ],
        ),
    );
    const wide = size === "wide";
    return draw(size, {
        height: 220,
        marginLeft: 58,
        marginRight: 58,
        marginTop: 14,
        marginBottom: 40,
        x: { type: "utc", label: "date of the drill", inset: 16 },
        y: { domain: [0, Math.max(...points.map((point) => point.seconds), 1) * 1.1], label: null },
        symbol: { type: "identity" } as never,
        marks: [
            Plot.gridY({ stroke: paint("rule"), strokeOpacity: 1, ticks: 4 }),
            Plot.axisY({ ticks: 4, tickSize: 0, tickFormat: (value: number) => `${value} s` }),
            timeAxis(wide ? 6 : 3, axisFormat(points)),
            Plot.ruleY([0], { stroke: paint("ink") }),
            // Failover and failback are of one date: they are set a little apart.
            ...(["failover", "failback"] as const).flatMap((name) => {
                const side = name === "failover" ? -1 : 1;
                const own = points.filter((point) => point.name === name);
                return [
                    Plot.dot(own, {
                        x: "at",
                        y: "seconds",
                        dx: 5 * side,
                        symbol: (point: Point) => (point.kind === "planned" ? "circle" : "triangle"),
                        r: 4.5,
                        stroke: paint(name === "failover" ? "storage" : "application"),
                        strokeWidth: 1.5,
                        fill: (point: Point) =>
                            paint(!point.now ? "page" : name === "failover" ? "storage" : "application"),
                    }),
                    Plot.text(
                        own.filter((point) => point.now),
                        {
                            x: "at",
                            y: "seconds",
                            dx: 14 * side,
                            textAnchor: side < 0 ? "end" : "start",
                            text: (point: Point) => duration(point.seconds),
                            fontWeight: 600,
                            fill: paint("ink"),
                            ...HALO,
                        },
                    ),
                ];
            }),
        ],
    });
}

/** Dates, or times of day where all drills are of about one day. */
function axisFormat(points: readonly Point[]): (at: Date) => string {
    const times = points.map((point) => point.at.getTime());
    const days = (Math.max(...times) - Math.min(...times)) / 86_400_000;
    return (at) => (days < 3 ? clock(at.toISOString()).slice(0, 5) : day(at.toISOString()).replace(/ \d{4}$/, ""));
}
