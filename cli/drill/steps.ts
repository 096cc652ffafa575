/** The steps of a move, from the events of its runs: pure. */
import type { CliEvent } from "../events.js";
import type { StepKind } from "../report/kinds.js";
import type { Step } from "../report/record.js";
import type { Sample } from "./journal.js";

/** Up to so many volumes have steps of their own; beyond, what they do at once is one step. */
const FEW = 4;

type Resource = Extract<CliEvent, { type: "resource" }>;
type Of<T extends CliEvent["type"]> = Extract<CliEvent, { type: T }>;

/** One run of pulumi, in the middle of a leg. */
interface Run {
    readonly site: string;
    /** The leg began: the other site's end is waited for, both sites are looked at. */
    readonly began: number;
    readonly ended: number;
    /** pulumi was started. */
    readonly engine?: number;
    /** The program began to run. */
    readonly program?: number;
    /** It said what it had decided. */
    readonly decided?: number;
    readonly state?: "primary" | "secondary" | "resync";
    /** It said that every volume has become what it was to be. */
    readonly arrived?: number;
    readonly resources: readonly { kind: string; name: string; from: number; to: number }[];
}

/** Kinds that are objects of a volume. */
const RESTORED = ["PersistentVolume", "PersistentVolumeClaim"];
/** What is asked of VRs. */
const OF_REPLICATIONS: ReadonlySet<StepKind> = new Set(["handover", "promotion", "resync"]);
const WORKLOADS = ["Deployment", "StatefulSet", "DeploymentPatch", "StatefulSetPatch"];

/**
 * The steps of a move.
 *
 * @param events of the move, in order; a run that was killed ends where its last event is
 * @param samples looks at the clusters: since when a VolumeReplication's conditions hold
 */
export function stepsOf(events: readonly CliEvent[], samples: readonly Sample[] = []): Step[] {
    return runsOf(events)
        .flatMap((run) => stepsOfRun(run, samples))
        .filter((step) => step.endedAt >= step.startedAt)
        .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
}

function runsOf(events: readonly CliEvent[]): Run[] {
    const starts = events.flatMap((event, i) =>
        event.type === "leg" && event.status === "started" ? [{ event, i }] : [],
    );
    return starts.map(({ event, i }) => {
        const next = events.findIndex(
            (later, j) => j > i && later.type === "leg" && later.leg === event.leg && later.stack === event.stack,
        );
        const stop = next < 0 ? events.length : next + 1;
        const own = events
            .slice(i, stop)
            .filter((e) => ("stack" in e ? e.stack === event.stack : isCommandOf(e, event.stack)));
        return runOf(event, own);
    });
}

function isCommandOf(event: CliEvent, stack: string): boolean {
    return event.type === "command" && event.argv.includes(stack);
}

function runOf(start: Of<"leg">, own: readonly CliEvent[]): Run {
    const first = (test: (event: CliEvent) => boolean) => {
        const found = own.find(test);
        return found && Date.parse(found.at);
    };
    const messages = own.filter((e): e is Of<"message"> => e.type === "message");
    const said = messages.find((e) => DECIDED.test(e.text));
    // Of several groups the last one.
    const arrived = messages.findLast((e) => ARRIVED.test(e.text));
    const last = own.at(-1)!;
    return {
        site: start.stack,
        began: Date.parse(start.at),
        // The next start of the same leg, after a kill, is not this run's end.
        ended: Date.parse(last.type === "leg" && last.status === "started" ? (own.at(-2) ?? last).at : last.at),
        engine: first((e) => e.type === "command" && (e.argv[1] === "up" || e.argv[1] === "destroy")),
        program: first((e) => e.type === "program"),
        decided: said && Date.parse(said.at),
        state: said && (DECIDED.exec(said.text)![1] as Run["state"]),
        arrived: arrived && Date.parse(arrived.at),
        resources: resourcesOf(own.filter((e): e is Resource => e.type === "resource")),
    };
}

/** How the program says what it has decided (dr/describe.ts). */
const DECIDED = /^(?:group \S+: )?(primary|secondary|resync): /;

/** How it says that nothing of a group's volumes is waited for any more (the same). */
const ARRIVED = /^(?:group \S+: )?every volume is /;

function resourcesOf(events: readonly Resource[]): Run["resources"] {
    return events.flatMap((event, i) => {
        if (event.status !== "started") return [];
        const end = events.find((later, j) => j > i && later.urn === event.urn && later.status !== "started");
        const last = events.at(-1)!;
        return [{ kind: event.kind, name: event.name, from: Date.parse(event.at), to: Date.parse((end ?? last).at) }];
    });
}

function stepsOfRun(run: Run, samples: readonly Sample[]): Step[] {
    const steps: Step[] = [];
    const add = (kind: StepKind, from: number | undefined, to: number | undefined, more: Partial<Step> = {}) => {
        if (from !== undefined && to !== undefined && to > from)
            steps.push({ site: run.site, kind, startedAt: iso(from), endedAt: iso(to), ...more });
    };
    const firstResource = Math.min(...run.resources.map((r) => r.from), run.ended);
    const decided = run.decided ?? firstResource;
    add("observe", run.began, run.engine ?? run.began, { label: "rbd-dr looks ahead" });
    add("engine-start", run.engine ?? run.began, run.program ?? decided);
    add("observe", run.program, decided);
    const covered = groups(run);
    const lastResource = Math.max(...run.resources.map((r) => r.to), ...covered.map((group) => group.to), decided);
    // What no particular step covers is the engine's, or a gate's: it must not look like nobody's time.
    add("engine", decided, lastResource);
    for (const group of covered) add(group.kind, group.from, group.to, group.more);
    splitHandover(run, samples, steps);
    add("engine-end", lastResource, run.ended);
    return steps;
}

interface Group {
    readonly kind: StepKind;
    readonly from: number;
    readonly to: number;
    readonly more: Partial<Step>;
}

/** When the last of these was changed; VRs are only asked then, and what is asked is waited for by the program. */
function endOf(kind: StepKind, own: Run["resources"], { state, arrived, ended }: Run): number {
    const changed = Math.max(...own.map((r) => r.to));
    const waited = state !== undefined && OF_REPLICATIONS.has(kind);
    // A run that was ended in that wait says nothing more.
    return waited ? Math.max(changed, arrived ?? ended) : changed;
}

function groups(run: Run): Group[] {
    const { resources, state } = run;
    const kindOf = (kind: string): StepKind | undefined => {
        if (kind === "VolumeReplication")
            return state === "primary" ? "promotion" : state === "resync" ? "resync" : "handover";
        if (RESTORED.includes(kind)) return "restore";
        if (WORKLOADS.includes(kind)) return state === "primary" ? "workload-up" : "workload-down";
        return undefined;
    };
    const byKind = new Map<StepKind, Run["resources"][number][]>();
    for (const resource of resources) {
        const kind = kindOf(resource.kind);
        if (kind !== undefined) byKind.set(kind, [...(byKind.get(kind) ?? []), resource]);
    }
    const replications = resources.filter((r) => r.kind === "VolumeReplication");
    return [...byKind].flatMap(([kind, own]): Group[] => {
        // A workload is down once nothing uses its volumes any more; only then is the first VolumeReplication touched.
        const until = kind === "workload-down" ? Math.min(...replications.map((r) => r.from)) : undefined;
        const to = (end: number) => (until !== undefined && Number.isFinite(until) ? Math.max(end, until) : end);
        const from = Math.min(...own.map((r) => r.from));
        const end = endOf(kind, own, run);
        if (OF_REPLICATIONS.has(kind) && own.length > 1 && own.length <= FEW)
            return own.map((r) => ({ kind, from: r.from, to: end, more: { volume: volumeOf(r.name) } }));
        const many = own.length > FEW ? { label: `${LABELS[kind] ?? kind}, ${own.length} objects` } : {};
        return [{ kind, from, to: to(end), more: many }];
    });
}

const LABELS: Partial<Record<StepKind, string>> = {
    handover: "demotion and handover",
    promotion: "promotion",
    resync: "copied afresh",
    restore: "PV and PVC restored",
    "workload-up": "applications start",
    "workload-down": "applications stop",
};

/** The program names a volume's objects `namespace-name-kind`; the first dash may not be the one between the two. */
function volumeOf(resource: string): string {
    return resource.replace(/-vr$/, "");
}

/** Where the cluster has said when a demotion was done, the wait for the last write to arrive is told apart from it. */
function splitHandover(run: Run, samples: readonly Sample[], steps: Step[]): void {
    if (run.state !== "secondary") return;
    const index = steps.findIndex((step) => step.kind === "handover" && step.volume === undefined);
    const step = steps[index];
    if (step === undefined) return;
    const [from, to] = [Date.parse(step.startedAt), Date.parse(step.endedAt)];
    const demoted = samples
        .flatMap((sample) => sample.conditions)
        .filter((c) => c.site === run.site && c.type === "Completed" && c.status === "True")
        .map((c) => Date.parse(c.since))
        .filter((at) => at > from && at < to);
    if (demoted.length === 0) return;
    const at = iso(Math.max(...demoted));
    steps.splice(
        index,
        1,
        { ...step, kind: "demotion", label: undefined, endedAt: at },
        { ...step, label: "handover", startedAt: at },
    );
}

function iso(ms: number): string {
    return new Date(ms).toISOString();
}
