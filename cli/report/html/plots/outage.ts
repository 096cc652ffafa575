/** Where the outages went: a bar a move, a piece of it a part. */
import * as Plot from "@observablehq/plot";
import { STEP_KINDS, type Group } from "../../kinds.js";
import { duration } from "../../units.js";
import type { DrillRecord } from "../../record.js";
import type { Markup } from "../html.js";
import { paint } from "../palette.js";
import { draw, fillOf, timeAxis, WIDTHS, type Size } from "./draw.js";

interface Piece {
    readonly move: string;
    readonly from: number;
    readonly to: number;
    readonly group: Group;
}

/** Draws the outages of a drill's moves. */
export function outagePlot(record: Pick<DrillRecord, "moves">, size: Size): Markup {
    const outages = record.moves.flatMap((move) =>
        move.outage ? [{ label: `${move.title}: ${duration(move.outage.seconds)}`, outage: move.outage }] : [],
    );
    const pieces = outages.flatMap(({ label, outage }): Piece[] => {
        let end = 0;
        return outage.parts.map((part) => {
            const from = end;
            end += part.seconds;
            return { move: label, from, to: end, group: STEP_KINDS[part.kind].group };
        });
    });
    const longest = Math.max(...outages.map(({ outage }) => outage.seconds), 1);
    const perPixel = longest / (WIDTHS[size] - 20);
    const rowHeight = 62;
    return draw(size, {
        height: outages.length * rowHeight + 40,
        marginLeft: 5,
        marginRight: 18,
        marginTop: 0,
        marginBottom: 40,
        x: { domain: [0, longest], label: "seconds since the last write" },
        y: { domain: outages.map(({ label }) => label), axis: null, padding: 0 },
        marks: [
            timeAxis(size === "wide" ? 10 : 5),
            Plot.text(outages, { x: 0, y: "label", text: "label", textAnchor: "start", dy: -16, fontWeight: 600 }),
            Plot.barX(pieces, {
                x1: "from",
                x2: "to",
                y: "move",
                fill: (piece: Piece) => fillOf(piece.group),
                stroke: (piece: Piece) => paint(piece.group),
                insetTop: 26,
                insetBottom: 10,
                insetRight: 2,
            }),
            Plot.text(
                pieces.filter((piece) => (piece.to - piece.from) / perPixel > 30),
                {
                    x: (piece: Piece) => (piece.from + piece.to) / 2,
                    y: "move",
                    dy: 8,
                    text: (piece: Piece) => (piece.to - piece.from).toFixed(1),
                    fill: (piece: Piece) => paint(piece.group === "wait" ? "ink" : "page"),
                },
            ),
        ],
    });
}
