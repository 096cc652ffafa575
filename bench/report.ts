/** The results as tables, for a terminal and for docs/benchmarks.md. */
import Table from "cli-table3";
import { BASE, CONTENDERS, type ContenderName } from "./contenders/names.js";
import { steps } from "./phases.js";
import { DIRECTIONS, type Leg, type Results, type TurnResult } from "./results.js";
import type { StackRun } from "./stack-run.js";
import { ratio, spread, type ByRound, type Spread } from "./statistics.js";
import type { Usage } from "./usage.js";

/** A table as rows of text; the first is the head. */
export interface Rows {
    readonly title: string;
    readonly rows: readonly (readonly string[])[];
}

/** One table for each number of volumes: each contender with spread, and ratio to the base. */
export function summaries(results: Results): Rows[] {
    return [...new Set(results.turns.map((t) => t.volumes))].map((volumes) => {
        const turns = results.turns.filter((t) => t.volumes === volumes);
        const rows = DIRECTIONS.flatMap((direction) =>
            CONTENDERS.filter((c) => legsOf(turns, c, direction).size > 0).map((c) => row(turns, c, direction)),
        );
        const writers = turns[0]?.writers ?? 0;
        return {
            title: `${plural(volumes, "volume")}, ${writers} of them written all the time`,
            rows: [HEAD, ...rows],
        };
    });
}

const HEAD = [
    "contender",
    "move",
    "rounds",
    "RTO s: min / median / max",
    `x ${BASE}: min / median / max`,
    "RPO s",
    "writes",
    "lost",
    "CPU s",
    "peak MiB",
    "state KiB",
    "load",
] as const;

function row(turns: readonly TurnResult[], contender: ContenderName, direction: Leg["direction"]): string[] {
    const legs = legsOf(turns, contender, direction);
    const all = [...legs.values()];
    const times = (of: ReadonlyMap<number, Leg>): ByRound => new Map([...of].map(([round, leg]) => [round, leg.rto]));
    return [
        contender,
        direction,
        String(all.length),
        shown(spread(all.map((leg) => leg.rto)), 1),
        shown(ratio(times(legs), times(legsOf(turns, BASE, direction))), 2),
        Math.max(...all.map((leg) => leg.rpo)).toFixed(1),
        String(all.reduce((sum, leg) => sum + leg.acknowledged, 0)),
        String(Math.max(...all.map((leg) => leg.lost))),
        ...costs(all),
        (medianOf(all, (leg) => leg.stateBytes) / 1024).toFixed(0),
        shown(spread(all.map((leg) => leg.load)), 1),
    ];
}

function legsOf(turns: readonly TurnResult[], contender: string, direction: string): Map<number, Leg> {
    return new Map(
        turns
            .filter((t) => t.contender === contender)
            .flatMap((t) => t.legs.filter((leg) => leg.direction === direction).map((leg) => [t.round, leg] as const)),
    );
}

/** What our stacks' own runs cost, outside moves; of several of a kind the median. No table where there were none. */
export function ownRuns({ runs }: Results): Rows[] {
    const kindOf = (run: StackRun) => `${run.volumes} ${run.what} ${run.stack}`;
    const rows = [...new Set(runs.map(kindOf))].map((kind) => {
        const some = runs.filter((run) => kindOf(run) === kind);
        const { volumes, what, stack } = some[0]!;
        return [
            String(volumes),
            what,
            stack,
            medianOf(some, (run) => run.seconds).toFixed(1),
            ...costs(some),
            medianOf(some, (run) => run.load).toFixed(1),
        ];
    });
    if (rows.length === 0) return [];
    return [
        {
            title: "Our stacks by themselves",
            rows: [["volumes", "run", "stack", "s", "CPU s", "peak MiB", "load"], ...rows],
        },
    ];
}

/** Processor seconds and MiB at the peak, of several runs the medians. */
function costs(usages: readonly Usage[]): [string, string] {
    const peak = medianOf(usages, (usage) => usage.peakBytes);
    return [medianOf(usages, (usage) => usage.cpuSeconds).toFixed(1), (peak / 2 ** 20).toFixed(0)];
}

function medianOf<T>(items: readonly T[], value: (item: T) => number): number {
    return spread(items.map(value))?.median ?? NaN;
}

/** Where the seconds of each contender's median failover and failback went. */
export function breakdowns(results: Results): Rows[] {
    const groups = new Map(results.turns.map((t) => [`${t.volumes} ${t.contender}`, t]));
    return [...groups.values()].flatMap(({ volumes, contender }) =>
        DIRECTIONS.flatMap((direction) => {
            const turns = results.turns.filter((t) => t.volumes === volumes);
            const legs = [...legsOf(turns, contender, direction).values()].sort((a, b) => a.rto - b.rto);
            const leg = legs[Math.floor((legs.length - 1) / 2)];
            if (leg === undefined) return [];
            const rows = steps(leg.phases).map((s) => [s.name, s.at.toFixed(1), s.took.toFixed(1)]);
            return [
                {
                    title: `${contender}, ${plural(volumes, "volume")}: ${direction} of ${leg.rto.toFixed(1)} s, stage by stage`,
                    rows: [["reached", "s after the last write", "s since the stage before"], ...rows],
                },
            ];
        }),
    );
}

function shown(of: Spread | undefined, digits: number): string {
    if (of === undefined) return "";
    return [of.min, of.median, of.max].map((n) => n.toFixed(digits)).join(" / ");
}

function plural(count: number, what: string): string {
    return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** For a terminal. */
export function toText({ title, rows }: Rows): string {
    const [head = [], ...body] = rows;
    const table = new Table({ head: [...head], style: { head: [], border: [] } });
    table.push(...body.map((cells) => [...cells]));
    return `${title}\n${table.toString()}\n`;
}

/** For a page of documentation. */
export function toMarkdown({ title, rows }: Rows): string {
    const [head = [], ...body] = rows;
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    return [`### ${title}`, "", line(head), line(head.map(() => "---")), ...body.map(line), ""].join("\n");
}
