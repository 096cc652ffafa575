/** Draws plots without a browser: SVG text that needs no script and takes its colours from the page's CSS variables. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Group } from "../../kinds.js";
import { clock } from "../../units.js";
import { Markup } from "../html.js";
import { paint } from "../palette.js";

/** A plot is drawn twice, for a wide and for a narrow page: text in a picture that shrinks cannot be read. */
export type Size = "wide" | "narrow";

/** Widths in CSS pixels. The narrow one fits a phone of 320. */
export const WIDTHS: Readonly<Record<Size, number>> = { wide: 800, narrow: 288 };

/** Size of the text in plots, in CSS pixels: that of small print on the page. */
export const FONT_SIZE = 12;

const STYLE = { fontSize: `${FONT_SIZE}px`, fontFamily: "inherit", overflow: "visible" };

/** How a time axis is drawn under a plot: few ticks, its name in the middle. */
export function timeAxis(ticks: number, tickFormat?: (at: Date, index: number) => string): Plot.CompoundMark {
    return Plot.axisX({ ticks, tickFormat, tickSize: 4, labelAnchor: "center", labelArrow: "none", labelOffset: 36 });
}

/** Time of day at a tick; on a narrow page at every second one, as there is no room for more. */
export function clockTick(size: Size): (at: Date, index: number) => string {
    return (at, index) => (size === "narrow" && index % 2 === 1 ? "" : clock(at.toISOString()));
}

/** Cuts text that is wider than so many CSS pixels, with an ellipsis. */
export function cut(pixels: number): { lineWidth: number; textOverflow: "ellipsis" } {
    // The plot library measures as Helvetica runs; other fonts are up to a quarter wider.
    return { lineWidth: (0.75 * pixels) / FONT_SIZE, textOverflow: "ellipsis" };
}

/** Keeps letters readable where they cross a line. */
export const HALO = { stroke: paint("page"), strokeWidth: 4, paintOrder: "stroke" };

/** How a step is filled: nobody's time is hollow, so that it stands back, and not by its colour alone. */
export function fillOf(group: Group): string {
    return paint(group === "wait" ? "page" : group);
}

/**
 * One drawing. The picture as such is hidden from screen readers: its figure has a label in words and a table beside it.
 */
export function draw(size: Size, options: Omit<Plot.PlotOptions, "width" | "document" | "style">): Markup {
    const { document } = parseHTML("<!doctype html><html><body></body></html>");
    const plot = Plot.plot({ ...options, width: WIDTHS[size], document, style: STYLE }) as unknown as SvgElement;
    plot.setAttribute("class", `plot ${size}`);
    plot.setAttribute("aria-hidden", "true");
    // Plot names its parts for screen readers; below a hidden picture these names only mislead checkers.
    for (const part of plot.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
    for (const style of plot.querySelectorAll("style")) style.remove();
    return new Markup(plot.outerHTML);
}

/** As far as it is used here: the compiler does not know a DOM. */
interface SvgElement {
    readonly outerHTML: string;
    setAttribute(name: string, value: string): void;
    removeAttribute(name: string): void;
    remove(): void;
    querySelectorAll(selector: string): Iterable<SvgElement>;
}
