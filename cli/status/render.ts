/** The report as a page for a terminal, or as plain text where there is none. */
import { Chalk, type ChalkInstance } from "chalk";
import Table from "cli-table3";
import { formatSeconds } from "../../dr/time.js";
import { isSteady } from "./sites.js";
import type { Finding, Level, SiteStatus, StatusReport, VolumeStatus } from "./schema.js";

/** Where the page goes. */
export interface Page {
    /** Columns of the terminal; 100 where there is none. */
    readonly columns?: number;
    /** Whether colours may be used. */
    readonly color: boolean;
    /** How many volumes are shown; those with findings come first. All by default. */
    readonly rows?: number;
}

/** Below this many columns a volume's copies are not shown one by one. */
const WIDE = 110;

/** Renders the report. */
export function renderStatus(report: StatusReport, page: Page): string {
    const paint = new Chalk({ level: page.color ? 1 : 0 });
    const columns = Math.max(60, page.columns ?? 100);
    const parts = [
        headline(report, paint),
        sitesTable(report, columns, paint),
        volumesTable(report, columns, page.rows ?? Infinity, paint),
        findingsText(report.findings, columns, paint),
        nextText(report, columns),
    ];
    return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function headline({ level, at, volumes, intervalSeconds }: StatusReport, paint: ChalkInstance): string {
    const count = `${volumes.length} volume${volumes.length === 1 ? "" : "s"}`;
    const word = painter(level, paint)(level.toUpperCase());
    return `${word}  ${count}, a snapshot every ${formatSeconds(intervalSeconds)}, as of ${at}`;
}

function sitesTable({ sites, volumes, at }: StatusReport, columns: number, paint: ChalkInstance): string {
    const rows: [string, (site: SiteStatus) => string][] = [
        ["asked", (s) => askedText(s)],
        ["is", (s) => liveText(s, paint)],
        [
            "last up",
            (s) =>
                s.recorded === undefined
                    ? "none finished"
                    : `${groupsText(s.recorded.groups)}, ${ago(s.recorded.at, at)}`,
        ],
        ["mirroring", (s) => mirroringText(s)],
        ["workload", (s) => workloadText(s, volumes.length)],
        ["up would", (s) => decisionText(s, paint)],
        ["lock", (s) => lockText(s)],
    ];
    const shown = rows.filter(([name]) => name !== "lock" || sites.some((s) => s.lock !== undefined));
    const label = 11;
    const each = Math.floor((columns - label - 4) / sites.length);
    const table = new Table({
        head: ["", ...sites.map((site) => paint.bold(site.name))],
        colWidths: [label, ...sites.map(() => each)],
        wordWrap: true,
        style: { head: [], border: [], compact: true },
    });
    for (const [name, text] of shown) table.push([name, ...sites.map(text)]);
    return table.toString();
}

function askedText({ asked }: SiteStatus): string {
    const lost = asked.lostSite === undefined ? "" : `, lostSite ${asked.lostSite}`;
    return `${groupsText(asked.groups)}${lost}${asked.teardown ? ", teardown" : ""}`;
}

function liveText(site: SiteStatus, paint: ChalkInstance): string {
    if (site.reach === "observed") return site.live;
    const heard = site.lastHeard === undefined ? "" : `; last heard of at ${site.lastHeard}`;
    const since = site.unreachableSince === undefined ? "" : ` since ${site.unreachableSince}`;
    return `${paint.red(site.reach)}${since}: ${site.why}${heard}`;
}

function mirroringText({ mirroring, reach }: SiteStatus): string {
    if (reach !== "observed") return "not known";
    if (mirroring === undefined) return "none reported";
    const { health, daemonHealth, peers } = mirroring;
    return `${health ?? "no health yet"}, daemon ${daemonHealth ?? "not known"}, ${peers} peer${peers === 1 ? "" : "s"}`;
}

function workloadText({ workload, reach }: SiteStatus, volumes: number): string {
    if (reach !== "observed") return `${workload.wanted} is asked; not known`;
    const { wanted, pods, volumesInUse, scaled } = workload;
    const running = `${pods} pod${pods === 1 ? "" : "s"} on ${volumesInUse} of ${volumes} volume${volumes === 1 ? "" : "s"}`;
    const lines = scaled.map(({ name, replicas }) => `${name}: ${replicas} replica${replicas === 1 ? "" : "s"}`);
    return [pods > 0 ? running : wanted === "down" ? "down" : "no pod", ...lines].join("\n");
}

/** One state, where all groups have it; else each group's. */
function groupsText(groups: Readonly<Record<string, string>>): string {
    const states = new Set(Object.values(groups));
    if (states.size <= 1) return [...states][0] ?? "nothing";
    return Object.entries(groups)
        .map(([name, state]) => `${name} ${state}`)
        .join(", ");
}

function decisionText({ decisions }: SiteStatus, paint: ChalkInstance): string {
    const texts = decisions.map(({ kind, group, code, text }) => {
        const of = group === undefined ? "" : `${group}: `;
        if (kind === "steady") return `${of}change nothing: ${text}`;
        return paint.yellow(kind === "change" ? `${of}act: ${text}` : `${of}refuse: ${code}`);
    });
    return texts.join("\n");
}

function lockText({ lock }: SiteStatus): string {
    if (lock === undefined) return "free";
    const age = lock.seconds === undefined ? "" : ` for ${formatSeconds(lock.seconds)}`;
    return `held by ${lock.holder}${age}${lock.state === "dead" ? ", which has ended" : ""}`;
}

function volumesTable({ volumes, sites }: StatusReport, columns: number, rows: number, paint: ChalkInstance): string {
    if (volumes.length === 0) return "No volume is known to either site.";
    const order = [...volumes].sort((a, b) => grave(b) - grave(a));
    const shown = order.slice(0, rows);
    const wide = columns >= WIDE;
    const images = wide ? sites.map((site) => `image on ${site.name}`) : [];
    const head = ["", "volume", "primary", "state", "last sync", "RPO now", ...images];
    const table = new Table({
        head,
        style: { head: [], border: [], compact: true },
        chars: PLAIN,
    });
    for (const v of shown)
        table.push([
            painter(v.level, paint)(MARKS[v.level]),
            v.key,
            v.primary.join(" and ") || "-",
            v.state,
            v.lastSync?.slice(0, 19).concat("Z") ?? "-",
            v.rpoSeconds === undefined ? "-" : painter(v.level, paint)(formatSeconds(v.rpoSeconds)),
            ...(wide ? sites.map((site) => imageText(v, site.name)) : []),
        ]);
    const left = volumes.length - shown.length;
    return left === 0 ? table.toString() : `${table.toString()}\n   and ${left} more`;
}

function imageText(volume: VolumeStatus, site: string): string {
    const image = volume.sites[site]?.image;
    if (image === undefined) return "not seen";
    if (!image.exists) return "none";
    if (image.mirroring !== "enabled") return `mirroring ${image.mirroring}`;
    return `${image.primary ? "primary" : "copy"} ${image.state ?? "no status"}`;
}

const MARKS: Readonly<Record<Level, string>> = { healthy: "ok", warning: "!", critical: "!!" };
/** Columns apart by two spaces, no lines. */
const PLAIN = {
    ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
    ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
    ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: " " },
};

function grave({ level }: { readonly level: Level }): number {
    return level === "critical" ? 2 : level === "warning" ? 1 : 0;
}

function painter(level: Level, paint: ChalkInstance): ChalkInstance {
    return level === "critical" ? paint.red : level === "warning" ? paint.yellow : paint.green;
}

/** How many volumes a finding names before it counts them. */
const NAMED = 3;

function findingsText(findings: readonly Finding[], columns: number, paint: ChalkInstance): string {
    return findings
        .map((finding) => {
            const { volumes } = finding;
            const more = volumes.length > NAMED ? ` and ${volumes.length - NAMED} more` : "";
            const about = volumes.length === 0 ? "" : `${volumes.slice(0, NAMED).join(", ")}${more}: `;
            const mark = painter(finding.level, paint)(finding.level.toUpperCase());
            const steps = finding.next.map((step) => `    > ${step}`);
            return [wrap(`${mark} ${finding.code}: ${about}${finding.text}`, columns, "    "), ...steps].join("\n");
        })
        .join("\n");
}

/** What each site's operator may do next, where nothing is wrong with it. */
function nextText({ sites, level }: StatusReport, columns: number): string {
    if (level === "critical") return "";
    const steps = sites
        .filter((site) => isSteady(site) && Object.values(site.asked.groups).includes("primary"))
        .flatMap((site) =>
            site.decisions
                .flatMap((decision) => decision.next)
                .map((step) => wrap(`Next on ${site.name}: ${step}`, columns, "    ")),
        );
    return steps.join("\n");
}

/** Breaks a text at spaces. */
function wrap(text: string, columns: number, indent: string): string {
    const lines: string[] = [];
    let line = "";
    for (const word of text.split(" ")) {
        if (line !== "" && line.length + 1 + word.length > columns) {
            lines.push(line);
            line = `${indent}${word}`;
        } else {
            line = line === "" ? word : `${line} ${word}`;
        }
    }
    return [...lines, line].join("\n");
}

function ago(then: string, now: string): string {
    const seconds = Math.max(0, Math.round((Date.parse(now) - Date.parse(then)) / 1000));
    return `${formatSeconds(seconds)} ago`;
}
