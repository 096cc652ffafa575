/**
 * The report's colours, for light and for dark. Text colours have a contrast of 4.5 to 1 or more to page and panel, marks of 3
 * to 1; the groups of steps stay apart for colour-blind readers. A test computes both.
 */

/** Names of the colours; each is a CSS variable of the same name. */
export type Colour =
    | "page"
    | "panel"
    | "ink"
    | "muted"
    | "rule"
    | "storage"
    | "application"
    | "engine"
    | "wait"
    | "good"
    | "warn"
    | "bad";

/** For light surroundings, and for print. */
export const LIGHT: Readonly<Record<Colour, string>> = {
    page: "#ffffff",
    panel: "#f5f7f9",
    ink: "#1c2127",
    muted: "#545d68",
    rule: "#d4d9df",
    storage: "#0b5cad",
    application: "#b0500f",
    engine: "#68717b",
    wait: "#858e98",
    good: "#116b4f",
    warn: "#8a5700",
    bad: "#b3261e",
};

/** For dark surroundings. */
export const DARK: Readonly<Record<Colour, string>> = {
    page: "#14181d",
    panel: "#1c2229",
    ink: "#e6e9ed",
    muted: "#a3adb8",
    rule: "#36404a",
    storage: "#6cb0f5",
    application: "#f0a065",
    engine: "#98a2ad",
    wait: "#747e89",
    good: "#56c596",
    warn: "#e3b341",
    bad: "#ff8a80",
};

/** A colour as a value in CSS and in plots. */
export function paint(colour: Colour): string {
    return `var(--${colour})`;
}

/** Declarations that give the variables their values. */
export function variables(colours: Readonly<Record<Colour, string>>): string {
    return Object.entries(colours)
        .map(([name, value]) => `--${name}: ${value};`)
        .join(" ");
}
