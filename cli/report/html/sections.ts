/** The report's sections, each from the record alone. */
import { formatSeconds } from "../../../dr/time.js";
import { GROUPS, STEP_KINDS, type Group } from "../kinds.js";
import { lossOf } from "../verdict.js";
import { asEarlier } from "../compare.js";
import { clock, count, counted, duration, moment, secondsFrom, unbroken } from "../units.js";
import type { DrillRecord, EarlierDrill, Move } from "../record.js";
import { html, type Markup } from "./html.js";
import { figure, legend, section, swatch, table } from "./parts.js";
import { lagPlot } from "./plots/lag.js";
import { outagePlot } from "./plots/outage.js";
import { timelinePlot } from "./plots/timeline.js";
import { trendPlot } from "./plots/trend.js";
import { writesPlot } from "./plots/writes.js";

/** Where the time went in which the application was down. */
export function outageSection(record: DrillRecord): Markup {
    const moved = record.moves.flatMap((move) => (move.outage ? [{ move, outage: move.outage }] : []));
    if (moved.length === 0)
        return section("outage", "Outage", html`<p>The application has not moved: there is nothing to measure.</p>`);
    const groups = new Set(moved.flatMap(({ outage }) => outage.parts.map((part) => STEP_KINDS[part.kind].group)));
    const label = moved.map(({ move, outage }) => `${move.title}: ${duration(outage.seconds)}.`).join(" ");
    return section(
        "outage",
        "Outage, and where it went",
        html`<p>
            From the last write acknowledged on one site to the first one on the other: the recovery time (RTO) as the
            application had it.
        </p>`,
        figure((size) => outagePlot(record, size), `Outage of each move, divided into its parts. ${label}`, [
            "Each piece is a part of the outage, in the order in which it went by. The tables below name them.",
        ]),
        groupLegend(groups),
        html`<div class="pair">${moved.map(({ move, outage }) => partsTable(move, outage))}</div>`,
    );
}

function groupLegend(groups: ReadonlySet<Group>): Markup {
    const keys = (Object.keys(GROUPS) as Group[]).filter((group) => groups.has(group));
    return legend(keys.map((group) => ({ mark: swatch(group), text: GROUPS[group] })));
}

function partsTable(move: Move, outage: NonNullable<Move["outage"]>): Markup {
    const share = (seconds: number) =>
        outage.seconds === 0 ? "" : `${Math.round((100 * seconds) / outage.seconds)} %`;
    return table(
        `${move.title}: parts of the outage`,
        [
            {
                head: "part",
                heading: true,
                cell: (part) => [swatch(STEP_KINDS[part.kind].group), STEP_KINDS[part.kind].label],
            },
            { head: "on", cell: (part) => part.site },
            { head: "time", numeric: true, cell: (part) => duration(part.seconds) },
            { head: "share", numeric: true, cell: (part) => share(part.seconds) },
        ],
        outage.parts,
        ["in all", "", duration(outage.seconds), share(outage.seconds)],
    );
}

/** Every step of every move on both sites. */
export function timelineSection(record: DrillRecord): Markup {
    return section(
        "timeline",
        "What happened on each site",
        record.fault === undefined ? undefined : faultText(record.fault),
        record.runs.length > 1 &&
            html`<p>
                The drill was stopped half way and went on: ${counted(record.runs.length, "start")} of the command, at
                ${record.runs.map((run) => clock(run.startedAt)).join(", ")} UTC.
            </p>`,
        record.moves.map((move) => [
            html`<h3>${move.title}</h3>`,
            figure(
                (size) => timelinePlot(move, size),
                `Steps of the move from ${move.from} to ${move.to}: ${counted(move.steps.length, "step")}, listed in the table that follows.`,
                `Began ${moment(move.startedAt)}, took ${unbroken(duration(secondsFrom(move.startedAt, move.endedAt)))}.`,
            ),
            stepsTable(move),
        ]),
    );
}

function faultText(fault: NonNullable<DrillRecord["fault"]>): Markup {
    const how = fault.command ? html` by <code>${fault.command.join(" ")}</code>` : html` by hand`;
    const back = fault.restoredAt ? `; ${fault.site} was brought back at ${clock(fault.restoredAt)} UTC` : "";
    return html`<p>The fault: ${fault.what}, at ${clock(fault.at)} UTC${how}${back}.</p>`;
}

function stepsTable(move: Move): Markup {
    const rows = [...move.steps].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
    return table(
        `${move.title}: steps`,
        [
            { head: "step", heading: true, cell: (step) => step.label ?? STEP_KINDS[step.kind].label },
            { head: "on", cell: (step) => step.site },
            { head: "began (UTC)", numeric: true, cell: (step) => clock(step.startedAt) },
            { head: "took", numeric: true, cell: (step) => duration(secondsFrom(step.startedAt, step.endedAt)) },
            ...(move.steps.some((step) => step.volume !== undefined)
                ? [{ head: "volume", cell: (step: Move["steps"][number]) => step.volume }]
                : []),
        ],
        rows,
    );
}

/** Acknowledged against found. */
export function writesSection(record: DrillRecord): Markup {
    const { acknowledged, found, lost, discarded, bucketSeconds } = record.writes;
    const label = `Acknowledged writes a second on each site over the time of the drill. ${count(acknowledged)} acknowledged, ${count(found)} found, ${count(lost)} lost.`;
    return section(
        "writes",
        "Writes acknowledged, and found",
        html`<p>
            Every write that the application had been told is safe is read back from the site that serves, and compared
            by checksum: ${count(found)} of ${count(acknowledged)} found.
            ${discarded > 0 && `${counted(discarded, "write")} went with the copy that the returned site gave up: its old application had made them before it was stopped.`}
        </p>`,
        figure(
            (size) => writesPlot(record, size),
            label,
            `A bar is ${counted(bucketSeconds, "second")}. Where there is none on either site, the application was down.`,
        ),
        legend([
            { mark: swatch("storage"), text: "acknowledged and found" },
            ...(lost + discarded > 0 ? [{ mark: swatch("bad"), text: "acknowledged and lost" }] : []),
        ]),
        movesTable(record),
        checksTable(record),
    );
}

function movesTable(record: DrillRecord): Markup {
    return table(
        "Moves",
        [
            { head: "move", heading: true, cell: (move) => move.title },
            { head: "to", cell: (move) => move.to },
            {
                head: "outage (RTO)",
                numeric: true,
                cell: (move) => (move.outage ? duration(move.outage.seconds) : "–"),
            },
            { head: "loss declared", numeric: true, cell: declaredText },
            { head: "loss measured (RPO)", numeric: true, cell: (move) => duration(lossOf(move).seconds) },
            { head: "writes lost", numeric: true, cell: (move) => lostCell(lossOf(move).lost) },
        ],
        record.moves,
    );
}

function declaredText(move: Move): string {
    if (move.declared.length === 0) return "none";
    if (move.kind === "resync") return `all of ${move.to}`;
    const known = move.declared.map((d) => d.seconds).filter((s) => s !== undefined);
    return known.length < move.declared.length ? "not known" : `at most ${duration(Math.max(...known))}`;
}

function lostCell(lost: number): Markup {
    return lost === 0 ? html`0` : html`<span class="lost">${count(lost)}</span>`;
}

function checksTable(record: DrillRecord): Markup {
    const rows = record.moves.flatMap((move) => move.checks.map((check) => ({ move, check })));
    return table(
        "Each copy as it was read back",
        [
            { head: "volume", heading: true, cell: ({ check }) => check.volume },
            { head: "after", cell: ({ move }) => move.name },
            { head: "on", cell: ({ check }) => check.site },
            { head: "acknowledged", numeric: true, cell: ({ check }) => count(check.acknowledged) },
            { head: "found", numeric: true, cell: ({ check }) => count(check.found) },
            { head: "lost by this move", numeric: true, cell: ({ check }) => lostCell(check.newlyLost) },
        ],
        rows,
    );
}

/** How far the copies were behind. */
export function lagSection(record: DrillRecord): Markup {
    if (record.lag.length === 0)
        return section("lag", "Sync lag", html`<p>No site reported how far its copy was behind.</p>`);
    const worst = record.lag.reduce((a, b) => (b.seconds > a.seconds ? b : a));
    const label = `How far each copy was behind, over the time of the drill; at most ${duration(worst.seconds)}.`;
    const copies = [...new Set(record.lag.map((sample) => `${sample.site} ${sample.volume}`))].map((name) => {
        const samples = record.lag.filter((sample) => `${sample.site} ${sample.volume}` === name);
        const sorted = samples.map((sample) => sample.seconds).sort((a, b) => a - b);
        return {
            site: samples[0]!.site,
            volume: samples[0]!.volume,
            looks: samples.length,
            median: sorted[Math.floor(sorted.length / 2)]!,
            most: sorted.at(-1)!,
        };
    });
    return section(
        "lag",
        "Sync lag",
        html`<p>
            Age of the newest mirror snapshot that is complete on the copy's site: what a disaster would have cost at
            that moment. A snapshot is taken every ${unbroken(formatSeconds(record.intervalSeconds))}; at most
            ${unbroken(duration(worst.seconds))} were seen, on ${worst.site}.
        </p>`,
        figure(
            (size) => lagPlot(record, size),
            label,
            "A dot is a look at the cluster; a line joins those of a volume.",
        ),
        table(
            "Sync lag of each copy",
            [
                { head: "volume", heading: true, cell: (copy) => copy.volume },
                { head: "copy on", cell: (copy) => copy.site },
                { head: "looks", numeric: true, cell: (copy) => count(copy.looks) },
                { head: "median", numeric: true, cell: (copy) => duration(copy.median) },
                { head: "most", numeric: true, cell: (copy) => duration(copy.most) },
            ],
            copies,
        ),
    );
}

/** Warnings that were given, and what was refused on the way. */
export function noticesSection(record: DrillRecord): Markup {
    const { warnings, refusals } = record;
    const items = [
        ...warnings.map(({ at, site, text }) => ({ at, content: html`${clock(at)} UTC, ${site}: ${text}` })),
        ...refusals.map(({ at, site, code, reason, next }) => ({
            at,
            content: html`${clock(at)} UTC, ${site}: refused with <code>${code}</code>: ${reason}. What to do:
                ${next.map((line, i) => [i > 0 && ", then ", html`<code>${line}</code>`])}`,
        })),
    ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    return section(
        "notices",
        "Warnings and refusals",
        items.length === 0
            ? html`<p>None.</p>`
            : html`<ul class="plain">
                  ${items.map(({ content }) => html`<li>${content}</li>`)}
              </ul>`,
    );
}

/** What was tested. */
export function versionsSection(record: DrillRecord): Markup {
    const { home, other } = record.sites;
    const components = [...new Set(record.versions.map((v) => v.component))].map((component) => {
        const of = (site?: string) =>
            record.versions.find((v) => v.component === component && v.site === site)?.version ?? "";
        return { component, own: of(undefined), home: of(home), other: of(other) };
    });
    return section(
        "versions",
        "Versions",
        html`<p>Application: ${record.application}. Volumes: ${record.volumes.join(", ")}.</p>`,
        table(
            "Versions of what was tested",
            [
                { head: "component", heading: true, cell: (row) => row.component },
                { head: home, cell: (row) => row.home || row.own },
                { head: other, cell: (row) => row.other || row.own },
            ],
            components,
        ),
    );
}

/** The same by hand. */
export function commandsSection(record: DrillRecord): Markup {
    const moves = [...new Set(record.commands.map(({ move }) => move))];
    return section(
        "commands",
        "The same by hand",
        moves.length === 0 && html`<p>No command was run.</p>`,
        moves.map((move) => {
            const lines = record.commands.filter((c) => c.move === move).map(({ command }) => command);
            const title = record.moves.find((m) => m.name === move)?.title ?? move;
            return [html`<h3>${title}</h3>`, html`<pre>${lines.join("\n")}</pre>`];
        }),
    );
}

/** This drill among those before it. */
export function trendSection(record: DrillRecord): Markup {
    const title = "Earlier drills";
    if (record.earlier.length === 0)
        return section("trend", title, html`<p>There is none in this folder: this is the first.</p>`);
    const drills = [...record.earlier, asEarlier(record)];
    return section(
        "trend",
        title,
        figure(
            (size) => trendPlot(drills, record.id, size),
            `Outages of ${counted(drills.length, "drill")} by date; the table that follows has the numbers.`,
            "Circles are planned moves, triangles are failovers after a disaster; filled: this drill.",
        ),
        legend([
            { mark: swatch("storage"), text: "failover" },
            { mark: swatch("application"), text: "failback" },
        ]),
        table(
            "Drills, newest first",
            [
                { head: "drill", heading: true, cell: (drill) => moment(drill.startedAt) },
                { head: "kind", cell: (drill) => drill.operation },
                { head: "failover", numeric: true, cell: (drill) => rtoOf(drill, "failover") },
                { head: "failback", numeric: true, cell: (drill) => rtoOf(drill, "failback") },
                {
                    head: "writes lost",
                    numeric: true,
                    cell: (drill) =>
                        lostCell(drill.moves.reduce((sum, move) => sum + (move.kind === "resync" ? 0 : move.lost), 0)),
                },
                { head: "outcome", cell: (drill) => OUTCOMES[drill.outcome].text },
            ],
            drills.toReversed(),
        ),
    );
}

function rtoOf(drill: EarlierDrill, name: string): string {
    const seconds = drill.moves.find((move) => move.name === name)?.rtoSeconds;
    return seconds === undefined ? "–" : duration(seconds);
}

/** Each outcome's sign and words: never colour alone. */
export const OUTCOMES = {
    passed: { sign: "✓", text: "passed" },
    "declared-loss": { sign: "✓", text: "passed, loss as declared" },
    failed: { sign: "✕", text: "failed" },
    unfinished: { sign: "…", text: "not finished" },
} as const;
