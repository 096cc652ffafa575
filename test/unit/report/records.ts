/** Drill records for tests of the report: as a real drill makes them, at times of their own. */
import { outageOf } from "../../../cli/report/outage.js";
import type { StepKind } from "../../../cli/report/kinds.js";
import { recordSchema, type AckedWrite, type DrillRecord, type Move, type Step } from "../../../cli/report/record.js";
import { outcomeOf, verdictOf } from "../../../cli/report/verdict.js";

const START = Date.parse("2026-11-24T06:40:12.000Z");

/** RFC 3339 time of seconds after the drill's start. */
export function at(seconds: number, start = START): string {
    return new Date(start + Math.round(seconds * 1000)).toISOString();
}

/** Steps one after the other, each with its duration; a negative one overlaps the one before it by as much. */
function steps(
    from: number,
    rows: readonly [site: string, kind: StepKind, seconds: number, volume?: string][],
): Step[] {
    let now = from;
    return rows.map(([site, kind, seconds, volume]) => {
        const startedAt = now;
        now += seconds;
        return { site, kind, startedAt: at(startedAt), endedAt: at(now), ...(volume === undefined ? {} : { volume }) };
    });
}

/** Writes of one volume on a site, `rate` a second. */
function writes(volume: string, site: string, from: number, to: number, firstSeq: number, rate = 18): AckedWrite[] {
    const total = Math.floor((to - from) * rate);
    return Array.from({ length: total }, (_, i) => ({ volume, seq: firstSeq + i, site, at: at(from + i / rate) }));
}

function plannedMove(name: "failover" | "failback", begin: number, from: string, to: string, acks: AckedWrite[]): Move {
    const rows = steps(begin, [
        [from, "engine-start", 3.4],
        [from, "observe", 5.2],
        [from, "workload-down", 2.3],
        [from, "handover", 16.8],
        [from, "engine-end", 1.9],
        [to, "engine-start", 3.1],
        [to, "observe", 5.6],
        [to, "restore", 1.4],
        [to, "promotion", 1.1],
        [to, "workload-up", 2.2],
        [to, "application-start", 1.7],
        [to, "engine-end", 0.9],
        [to, "verify", 4.4],
    ]);
    return {
        name,
        title: name === "failover" ? "Planned failover" : "Planned failback",
        kind: "planned",
        from,
        to,
        startedAt: at(begin),
        endedAt: rows.at(-1)!.endedAt,
        steps: rows,
        outage: outageOf(acks, { from, to, since: at(begin), steps: rows }),
        checks: [],
        declared: [],
    };
}

function buckets(acks: readonly AckedWrite[], lost: ReadonlySet<AckedWrite>, width = 5) {
    const rows = new Map<string, { at: string; site: string; acknowledged: number; lost: number }>();
    for (const ack of acks) {
        const begin = Math.floor(Date.parse(ack.at) / (width * 1000)) * width * 1000;
        const key = `${begin} ${ack.site}`;
        const row = rows.get(key) ?? { at: new Date(begin).toISOString(), site: ack.site, acknowledged: 0, lost: 0 };
        row.acknowledged += 1;
        row.lost += lost.has(ack) ? 1 : 0;
        rows.set(key, row);
    }
    return [...rows.values()];
}

/** Lag of a copy that is brought up to date each minute: a saw-tooth. */
function lag(volumes: readonly string[], site: string, from: number, to: number, interval = 60) {
    return volumes.flatMap((volume, v) =>
        Array.from({ length: Math.floor((to - from) / 4) }, (_, i) => ({
            at: at(from + i * 4),
            volume,
            site,
            seconds: 3 + v * 1.5 + ((from + i * 4 + v * 7) % interval),
        })),
    );
}

function versions(sites: readonly string[]) {
    return [
        { component: "rbd-dr", version: "0.1.0" },
        { component: "Pulumi", version: "3.248.0" },
        { component: "Kubernetes provider", version: "4.18.1" },
        { component: "Node", version: "20.20.2" },
        ...sites.flatMap((site) => [
            { component: "Kubernetes", site, version: "v1.33.4" },
            { component: "Ceph", site, version: "19.2.3 squid" },
            { component: "Rook", site, version: "v1.17.8" },
            { component: "csi-addons", site, version: "v0.12.0" },
        ]),
    ];
}

function complete(draft: Omit<DrillRecord, "outcome" | "verdict">): DrillRecord {
    const judged = { ...draft, finished: true };
    return recordSchema.parse({ ...draft, outcome: outcomeOf(judged), verdict: verdictOf(judged) });
}

/** A planned drill, over and back, with nothing lost. */
export function plannedRecord(change: Partial<DrillRecord> = {}): DrillRecord {
    const [home, other] = change.sites ? [change.sites.home, change.sites.other] : ["cluster1", "cluster2"];
    const volumes = change.volumes ?? ["default/rbd-pvc"];
    const acks = volumes.flatMap((volume) => [
        ...writes(volume, home, 0, 40.2, 1),
        ...writes(volume, other, 75.6, 140.1, 1200),
        ...writes(volume, home, 175.2, 200, 3000),
    ]);
    const moves = [plannedMove("failover", 30, home, other, acks), plannedMove("failback", 130, other, home, acks)];
    for (const move of moves) {
        const seen = acks.filter((ack) => Date.parse(ack.at) < Date.parse(move.endedAt)).length / volumes.length;
        move.checks = volumes.map((volume) => ({
            volume,
            site: move.to,
            at: move.endedAt,
            acknowledged: seen,
            found: seen,
            newlyLost: 0,
            lostOn: [],
            lossSeconds: 0,
        }));
    }
    return complete({
        schema: "rbd-dr-drill/1",
        id: "2026-11-24T06-40-12Z",
        operation: "planned",
        startedAt: at(0),
        endedAt: at(206),
        runs: [{ startedAt: at(0), endedAt: at(206) }],
        sites: { home, other },
        application: "a writer in a pod: numbered, checksummed, flushed blocks",
        volumes,
        intervalSeconds: 60,
        versions: versions([home, other]),
        moves,
        lag: [...lag(volumes, other, 0, 40), ...lag(volumes, home, 80, 140), ...lag(volumes, other, 180, 204)],
        writes: {
            acknowledged: acks.length,
            found: acks.length,
            lost: 0,
            discarded: 0,
            bucketSeconds: 5,
            buckets: buckets(acks, new Set()),
        },
        warnings: [],
        refusals: [],
        commands: [
            { move: "failover", command: `pulumi config set replicationState secondary -s ${home}` },
            { move: "failover", command: `pulumi up -s ${home}` },
            { move: "failover", command: `pulumi config set replicationState primary -s ${other}` },
            { move: "failover", command: `pulumi up -s ${other}` },
            { move: "failback", command: `pulumi config set replicationState secondary -s ${other}` },
            { move: "failback", command: `pulumi up -s ${other}` },
            { move: "failback", command: `pulumi config set replicationState primary -s ${home}` },
            { move: "failback", command: `pulumi up -s ${home}` },
        ],
        earlier: [],
        ...change,
    });
}

/** A disaster: the home site is stopped under load, comes back, is copied afresh, and takes the application back. */
export function disasterRecord(change: Partial<DrillRecord> = {}): DrillRecord {
    const [home, other] = ["cluster1", "cluster2"];
    const volume = "default/rbd-pvc";
    const before = writes(volume, home, 0, 92.7, 1);
    const lost = new Set(before.filter((ack) => Date.parse(ack.at) > Date.parse(at(60.1))));
    const acks = [...before, ...writes(volume, other, 128.4, 320.5, 5000), ...writes(volume, home, 356.1, 380, 9000)];
    const rows = steps(92.7, [
        [home, "fault", 1.2],
        [other, "decision", 2.5],
        [other, "engine-start", 3.3],
        [other, "observe", 9.4],
        [other, "restore", 5.8],
        [other, "promotion", 7.2],
        [other, "workload-up", 2.4],
        [other, "application-start", 3.9],
        [other, "engine-end", 1.1],
        [other, "verify", 4.2],
    ]);
    const failover: Move = {
        name: "failover",
        title: "Failover after the loss of cluster1",
        kind: "disaster",
        from: home,
        to: other,
        startedAt: at(92.7),
        endedAt: rows.at(-1)!.endedAt,
        steps: rows,
        outage: outageOf(acks, { from: home, to: other, since: at(92.7), steps: rows }),
        checks: [
            {
                volume,
                site: other,
                at: at(132),
                acknowledged: before.length + 60,
                found: before.length + 60 - lost.size,
                newlyLost: lost.size,
                lostOn: [home],
                firstLost: [...lost][0],
                lastLost: [...lost].at(-1),
                lossSeconds: 32.6,
            },
        ],
        declared: [{ volume, site: home, since: at(60), seconds: 41 }],
    };
    const again = steps(150, [
        [home, "engine-start", 3.2],
        [home, "observe", 6.1],
        [home, "workload-down", 2.1],
        [home, "resync", 66.3],
        [home, "engine-end", 1.2],
        [home, "engine-start", 3.2],
        [home, "observe", 6.3],
        [home, "engine", 3.3],
    ]);
    const resync: Move = {
        name: "resync",
        title: "cluster1 comes back and is copied afresh",
        kind: "resync",
        from: other,
        to: home,
        startedAt: at(150),
        endedAt: again.at(-1)!.endedAt,
        steps: again,
        checks: [],
        declared: [],
    };
    const failback = plannedMove("failback", 310, other, home, acks);
    failback.checks = [
        {
            volume,
            site: home,
            at: failback.endedAt,
            acknowledged: acks.length,
            found: acks.length - lost.size,
            newlyLost: 0,
            lostOn: [],
            lossSeconds: 0,
        },
    ];
    return complete({
        ...plannedRecord(),
        operation: "disaster",
        endedAt: at(384),
        runs: [
            { startedAt: at(0), endedAt: at(160) },
            { startedAt: at(171), endedAt: at(384) },
        ],
        fault: {
            what: "cluster1 stopped without warning",
            site: home,
            command: ["npm", "run", "lab", "--", "stop", "cluster1"],
            at: at(92.7),
            restoredAt: at(146),
        },
        moves: [failover, resync, failback],
        lag: [...lag([volume], other, 0, 92), ...lag([volume], home, 230, 318), ...lag([volume], other, 358, 380)],
        writes: {
            acknowledged: acks.length,
            found: acks.length - lost.size,
            lost: lost.size,
            discarded: 0,
            bucketSeconds: 5,
            buckets: buckets(acks, lost),
        },
        warnings: [
            { at: at(104), site: other, text: `${volume}: writes since ${at(60)} may be lost, at most 41 s` },
            {
                at: at(160),
                site: home,
                text: `${volume}: whatever cluster1 wrote that cluster2 never received is discarded`,
            },
        ],
        refusals: [
            {
                at: at(97),
                site: other,
                code: "PEER_UNREACHABLE",
                reason: "cluster1 does not answer, and it has not handed its volumes over",
                next: ["pulumi config set lostSite cluster1 -s cluster2", "pulumi up -s cluster2"],
            },
        ],
        earlier: earlierRecords(),
        ...change,
    });
}

/** Six drills of the weeks before. */
export function earlierRecords(): DrillRecord["earlier"] {
    return Array.from({ length: 6 }, (_, i) => ({
        id: `2026-1${i < 3 ? 0 : 1}-0${i + 1}T06-00-00Z`,
        startedAt: at(-(6 - i) * 7 * 86_400 + i * 1200),
        operation: i % 3 === 2 ? ("disaster" as const) : ("planned" as const),
        outcome: i % 3 === 2 ? ("declared-loss" as const) : ("passed" as const),
        moves: [
            {
                name: "failover",
                kind: i % 3 === 2 ? ("disaster" as const) : ("planned" as const),
                rtoSeconds: 54 - i * 2.7 + (i % 2) * 6,
                lost: i % 3 === 2 ? 412 + i : 0,
                lossSeconds: i % 3 === 2 ? 20.4 + i : 0,
            },
            { name: "failback", kind: "planned" as const, rtoSeconds: 52 - i * 2.1, lost: 0, lossSeconds: 0 },
        ],
    }));
}
