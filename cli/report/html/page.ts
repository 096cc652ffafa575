/** The report as one HTML page that refers to nothing outside of itself and needs no script. */
import { secondsLost } from "../verdict.js";
import { count, duration, moment, secondsFrom, unbroken } from "../units.js";
import type { DrillRecord } from "../record.js";
import { html, Markup } from "./html.js";
import {
    commandsSection,
    lagSection,
    noticesSection,
    OUTCOMES,
    outageSection,
    timelineSection,
    trendSection,
    versionsSection,
    writesSection,
} from "./sections.js";
import { STYLE } from "./style.js";

/** No picture, font, script or frame may come from anywhere: a browser holds the page to it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

const SECTIONS = [
    ["outage", "Outage", outageSection],
    ["timeline", "Timeline", timelineSection],
    ["writes", "Writes", writesSection],
    ["lag", "Sync lag", lagSection],
    ["notices", "Warnings", noticesSection],
    ["versions", "Versions", versionsSection],
    ["commands", "By hand", commandsSection],
    ["trend", "Earlier drills", trendSection],
] as const;

/** The whole page. */
export function reportPage(record: DrillRecord): string {
    const title = titleOf(record);
    return html`<!doctype html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="data:," />
                <title>${title}, ${moment(record.startedAt)}</title>
                <style>
                    ${new Markup(STYLE)}
                </style>
            </head>
            <body>
                <a class="skip" href="#main">Skip to the report</a>
                <div class="wrap">
                    <header>${head(record, title)}</header>
                    <nav aria-label="Contents">
                        <ul>
                            ${SECTIONS.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}
                        </ul>
                    </nav>
                    <main id="main" tabindex="-1">${SECTIONS.map(([, , render]) => render(record))}</main>
                    <footer>
                        Written by rbd-dr from ${record.id}/report.json, which holds every number of this page. All
                        times are UTC.
                    </footer>
                </div>
            </body>
        </html>`.toString();
}

function titleOf({ operation, sites }: DrillRecord): string {
    return operation === "planned"
        ? `Planned drill: ${sites.home} to ${sites.other} and back`
        : `Disaster drill: ${sites.home} lost, ${sites.other} takes over, and back`;
}

function head(record: DrillRecord, title: string): Markup {
    const { sign, text } = OUTCOMES[record.outcome];
    return html`<p class="eyebrow">
            Disaster recovery drill · ${moment(record.startedAt)} ·
            ${duration(secondsFrom(record.startedAt, record.endedAt))}
        </p>
        <h1>${title}</h1>
        <div class="verdict ${record.outcome}">
            <p class="outcome"><span aria-hidden="true">${sign}</span> The drill ${text.replace(/^not/, "is not")}.</p>
            <p>${unbroken(record.verdict)}</p>
        </div>
        <dl class="key">
            ${keyFigures(record).map(
                ([name, value, more]) =>
                    html`<div>
                        <dt>${name}</dt>
                        <dd>${value}<small>${unbroken(more)}</small></dd>
                    </div>`,
            )}
        </dl>`;
}

function keyFigures(record: DrillRecord): [name: string, value: string, more: string][] {
    const outages = record.moves.flatMap((move): [string, string, string][] =>
        move.outage ? [[`Outage, ${move.name}`, duration(move.outage.seconds), `${move.from} to ${move.to}`]] : [],
    );
    const { acknowledged, lost, discarded } = record.writes;
    const measured = duration(secondsLost(record.moves));
    const declared = record.moves
        .filter((move) => move.kind !== "resync")
        .flatMap((move) => move.declared.map((d) => d.seconds ?? Infinity));
    const promised = declared.length === 0 ? "none was declared" : declaredText(Math.max(...declared));
    return [
        ...outages,
        [
            "Writes lost",
            count(lost),
            `of ${count(acknowledged)} acknowledged${discarded > 0 ? `; ${count(discarded)} discarded with the returned copy` : ""}`,
        ],
        ["Loss in time (RPO)", measured, promised],
    ];
}

function declaredText(seconds: number): string {
    return seconds === Infinity ? "declared: not known" : `declared: at most ${duration(seconds)}`;
}
