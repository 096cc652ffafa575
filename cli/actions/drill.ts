/** What `rbd-dr drill` does: asks, moves for real, and writes the report whatever comes of it. */
import type { DrillFlags } from "../commands/drill.js";
import { confirm } from "../confirm.js";
import type { CommandContext } from "../context.js";
import { assemble, summaryOf } from "../drill/assemble.js";
import type { DrillApp } from "../drill/app.js";
import type { DrillFile } from "../drill/drill-file.js";
import { faultOf, type Fault } from "../drill/fault.js";
import { Journal, type DrillState } from "../drill/journal.js";
import { baseline, runDrill, whenAllowed } from "../drill/run.js";
import { startSampler } from "../drill/sampler.js";
import { drillFileOf, openApp, primaryOf, reportsFolder } from "../drill/session.js";
import { versionsOf } from "../drill/versions.js";
import { peerOf, siteOf, type Project } from "../engine/project.js";
import { CliError } from "../errors.js";
import type { ExitName } from "../exit-codes.js";
import { intervalSeconds } from "../../dr/time.js";
import { earlierDrills } from "../report/compare.js";
import type { DrillRecord } from "../report/record.js";
import { describeSequence } from "../run/describe.js";
import { plan } from "../run/plan.js";

/** Runs a drill, or goes on with one. */
export async function drill(context: CommandContext, flags: DrillFlags): Promise<ExitName | void> {
    if ((flags.planned === true) === (flags.disaster === true))
        throw new CliError("usage", "Say which drill: --planned or --disaster.");
    const operation = flags.planned === true ? "planned" : "disaster";
    if (operation === "planned" && (flags.fault ?? flags.inject ?? flags.restore) !== undefined)
        throw new CliError(
            "usage",
            "--fault, --inject and --restore are for --disaster; a planned drill breaks nothing.",
        );
    const project = await context.project();
    const reports = reportsFolder(project, flags);
    const file = await drillFileOf(project, flags);
    const app = await openApp(project, file, reports);
    try {
        const journal = await journalOf(context, project, app, { flags, file, reports, operation });
        if (journal === undefined) {
            context.print("Nothing was touched.");
            return;
        }
        const fault = operation === "disaster" ? faultOf(file, flags, journal.state.home) : undefined;
        return await follow(context, {
            project,
            app,
            file,
            journal,
            reports,
            fault,
            line: `rbd-dr drill --${operation}`,
        });
    } finally {
        await app.close();
    }
}

interface Asked {
    readonly flags: DrillFlags;
    readonly file: DrillFile;
    readonly reports: string;
    readonly operation: DrillState["operation"];
}

/** The drill to go on with, or a new one that was agreed to. */
async function journalOf(
    context: CommandContext,
    project: Project,
    app: DrillApp,
    { flags, file, reports, operation }: Asked,
): Promise<Journal | undefined> {
    const left = flags.fresh === true ? undefined : await Journal.unfinished(reports, operation);
    if (left !== undefined) {
        context.bus.emit({
            type: "message",
            severity: "info",
            text: `goes on with the drill of ${left.state.startedAt} (${left.folder}); --fresh begins anew`,
        });
        return left;
    }
    const other = flags.to ?? peerOf(project, await primaryOf(project)).name;
    const home = peerOf(project, siteOf(project, other).name).name;
    if (operation === "disaster") faultOf(file, flags, home);
    // Refused now, while nothing is touched, for whatever the move would be refused for.
    const { sequence } = await whenAllowed(context, () => plan(project, { operation: "failover", to: other }));
    const fault = operation === "disaster" ? faultOf(file, flags, home) : undefined;
    if (!(await agree(context, flags, describeDrill(home, other, fault, describeSequence(sequence))))) return undefined;
    const { intent } = await siteOf(project, home).config();
    const startedAt = new Date().toISOString();
    const [versions, lostBefore] = await Promise.all([versionsOf(project), baseline(app, home)]);
    return Journal.begin(reports, {
        id: startedAt.slice(0, 19).replaceAll(":", "-") + "Z",
        operation,
        home,
        other,
        startedAt,
        runs: [],
        application: app.description,
        volumes: [...app.volumes],
        intervalSeconds: intervalSeconds(intent.schedulingInterval) ?? 0,
        versions,
        moves: [],
        spans: [],
        lostBefore,
    });
}

function agree(context: CommandContext, flags: DrillFlags, text: string): Promise<boolean> {
    if (flags.yes === true) context.print(text);
    return confirm(context, { text }, flags.yes === true);
}

function describeDrill(home: string, other: string, fault: Fault | undefined, failover: string): string {
    if (fault === undefined)
        return `A planned drill moves the application for real, from ${home} to ${other} and back. It is down during each move.\n\n${failover}\n\nThen the same back to ${home}.`;
    const how = fault.inject === undefined ? "you are told when to break it" : fault.inject.join(" ");
    return [
        `A disaster drill breaks ${home} for real (${how}) and fails over to ${other} by force.`,
        `Writes that have not reached ${other} by then are LOST for good. Use it where that may be.`,
        `Then ${home} is brought back, its copy is given up for a fresh one, and the application moves back.`,
    ].join("\n");
}

interface Followed {
    readonly project: Project;
    readonly app: DrillApp;
    readonly file: DrillFile;
    readonly journal: Journal;
    readonly reports: string;
    readonly fault?: Fault;
    readonly line: string;
}

/** Runs the drill, and writes the report whatever comes of it. */
async function follow(context: CommandContext, parts: Followed): Promise<ExitName> {
    const { project, journal, app, reports } = parts;
    const { bus, signal, runId } = context;
    const off = bus.on((event) => journal.addEvent(event));
    const sampler = startSampler(project, (sample) => journal.addSample(sample));
    const startedAt = new Date().toISOString();
    journal.update({ runs: [...journal.state.runs, { startedAt }] });
    try {
        await runDrill({ ...parts, bus, signal, runId });
    } finally {
        await sampler.stop();
        off();
        const runs = journal.state.runs.map((run) =>
            run.startedAt === startedAt ? { startedAt, endedAt: new Date().toISOString() } : run,
        );
        journal.update({ runs });
        const { record, page } = await report(journal, app, reports);
        context.data = record;
        context.print(`${summaryOf(record)}\nReport: ${page}`);
    }
    return (context.data as DrillRecord).outcome === "failed" ? "lost" : "done";
}

async function report(
    journal: Journal,
    app: DrillApp,
    reports: string,
): Promise<{ record: DrillRecord; page: string }> {
    const { state } = journal;
    // Plots and what draws them are loaded by a drill alone: other commands have to start at once.
    const { writeReport } = await import("../report/write.js");
    const { drills } = await earlierDrills(reports, state.startedAt);
    const record = assemble({
        state,
        events: journal.events(),
        samples: journal.samples(),
        acks: await app.acknowledgements(),
        earlier: [...drills],
        now: new Date().toISOString(),
    });
    return { record, page: await writeReport(journal.folder, record) };
}
