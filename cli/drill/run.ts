/** A drill from wherever it is to its end: failover and failback for real, with every acknowledged write read back. */
import { setTimeout as sleep } from "node:timers/promises";
import { describeSiteRefusal } from "../../dr/describe.js";
import type { RefusalCode } from "../../dr/model.js";
import type { Leg, Request, Sequence } from "../sequence/model.js";
import type { Project } from "../engine/project.js";
import { siteOf } from "../engine/project.js";
import { CliError, RefusedError } from "../errors.js";
import type { EventBus } from "../events.js";
import { COPY_UNDER_WAY } from "../run/leg.js";
import { runOperation } from "../run/operation.js";
import type { Check, DeclaredLoss } from "../report/record.js";
import { accountOf, joinLost } from "./account.js";
import type { DrillApp } from "./app.js";
import type { DrillFile } from "./drill-file.js";
import { inject, restore, type Fault, type FaultContext } from "./fault.js";
import type { Journal, MoveState } from "./journal.js";

/** Writes that a site must have had acknowledged before it is left: there has to be something to lose. */
const WRITES = 20;

/** Seconds that the application may take to write. */
const WRITE_TIMEOUT = 300;

/** Seconds for which a refusal of a later move is waited out. */
const PATIENCE = 300;

/** What a drill runs with. */
export interface DrillContext {
    readonly project: Project;
    readonly bus: EventBus;
    readonly signal: AbortSignal;
    readonly runId: string;
    readonly line: string;
    readonly journal: Journal;
    readonly app: DrillApp;
    readonly file: DrillFile;
    /** Of a disaster. */
    readonly fault?: Fault;
}

/** Runs what is left of a drill. */
export async function runDrill(context: DrillContext): Promise<void> {
    const { operation, home, other } = context.journal.state;
    const failover = { name: "failover", from: home, to: other } as const;
    if (operation === "planned") {
        await move(context, { ...failover, kind: "planned" }, { operation: "failover", to: other });
    } else {
        await breakHome(context);
        await move(context, { ...failover, kind: "disaster" }, { operation: "disaster", to: other, lost: home });
        await bringHomeBack(context);
        await move(
            context,
            { name: "resync", kind: "resync", from: other, to: home },
            { operation: "resync", site: home },
        );
    }
    await move(
        context,
        { name: "failback", kind: "planned", from: other, to: home },
        { operation: "failback", to: home },
    );
    context.journal.update({ endedAt: now() });
}

/** What is missing already is not the drill's doing. */
export async function baseline(app: DrillApp, site: string): Promise<Record<string, number[]>> {
    const verified = await app.verify(site);
    return Object.fromEntries(verified.map(({ volume, lost }) => [volume, [...lost]]));
}

type MoveWhat = Pick<MoveState, "name" | "kind" | "from" | "to">;

/** One move with everything around it; found done, it is passed over. */
async function move(context: DrillContext, what: MoveWhat, request: Request): Promise<void> {
    const { journal } = context;
    if (journal.moveOf(what.name)?.endedAt !== undefined) return;
    if (journal.moveOf(what.name) === undefined) {
        if (what.kind === "planned") await waitForWrites(context, what.from, WRITES);
        journal.update({ moves: [...journal.state.moves, begun(journal, what)] });
    }
    await operate(context, request, what);
    // After a resync the application is where it was.
    const serves = what.kind === "resync" ? what.from : what.to;
    if (what.kind !== "resync") await waitForWrites(context, serves, 1, startOf(journal, what));
    await readBack(context, what.name, serves);
}

function begun({ state }: Journal, what: MoveWhat): MoveState {
    // What a returned site's old application wrote is discarded, says the program; nothing of the other site is.
    const declared =
        what.kind === "resync"
            ? state.volumes.map((volume) => ({ volume, site: state.home, since: state.fault!.startedAt }))
            : [];
    return { ...what, startedAt: now(), declared, checks: [], lost: {} };
}

function startOf(journal: Journal, { name, kind }: MoveWhat): string {
    return kind === "disaster" ? journal.state.fault!.startedAt : journal.moveOf(name)!.startedAt;
}

/** The home site is broken under load. */
async function breakHome(context: DrillContext): Promise<void> {
    const { journal } = context;
    const { home } = journal.state;
    const fault = context.fault!;
    if (journal.state.fault?.at !== undefined) return;
    if (journal.state.fault === undefined) {
        await waitForWrites(context, home, WRITES);
        journal.update({ fault: { what: fault.what, command: fault.inject && [...fault.inject], startedAt: now() } });
    }
    await inject(fault, await faultContext(context));
    const { startedAt } = journal.state.fault!;
    const spans = [
        ...journal.state.spans,
        { move: "failover", site: home, kind: "fault" as const, startedAt, endedAt: now() },
    ];
    journal.update({ spans, fault: { ...journal.state.fault!, at: now() } });
}

/** It comes back, with its old data and its old application. */
async function bringHomeBack(context: DrillContext): Promise<void> {
    const { journal } = context;
    if (journal.state.fault!.restoredAt !== undefined) return;
    await restore(context.fault!, await faultContext(context));
    journal.update({ fault: { ...journal.state.fault!, restoredAt: now() } });
}

async function faultContext({ project, file, bus, signal, journal }: DrillContext): Promise<FaultContext> {
    return { file, bus, signal, config: await siteOf(project, journal.state.home).config() };
}

/**
 * Runs one of the CLI's own operations; each is confirmed, as the drill was. A refusal of any but the first move is waited
 * out for a while: a copy that has just been promoted or has just come back takes its time to be ready for the next move.
 */
async function operate(context: DrillContext, request: Request, what: MoveWhat): Promise<void> {
    const { project, bus, signal, runId, line, journal } = context;
    const confirm = (sequence: Sequence) => {
        // Of a promotion that was begun before a kill, what was said then counts.
        const declared = declaredBy(sequence, what.from);
        if (what.kind === "disaster" && journal.moveOf(what.name)!.declared.length === 0)
            journal.updateMove(what.name, { declared });
        return Promise.resolve(true);
    };
    const mends = what.name === "failover" ? (code: RefusalCode) => MENDED_BY_TIME.has(code) : () => true;
    await whenAllowed(context, () => runOperation(request, { project, bus, signal, runId, line, confirm }), mends);
}

/** Of a healthy pair that has just been set up, the mirror has not reported yet. */
const MENDED_BY_TIME: ReadonlySet<RefusalCode> = new Set([...COPY_UNDER_WAY, "PEER_MIRROR_DOWN"]);

/**
 * Tries until it is not refused any more, for as long as time alone may mend it.
 *
 * @param mends whether a refusal of this code may pass by itself
 * @throws RefusedError with the last refusal when time is up
 */
export async function whenAllowed<T>(
    { bus, signal }: Pick<DrillContext, "bus" | "signal">,
    attempt: () => Promise<T>,
    mends: (code: RefusalCode) => boolean = (code) => MENDED_BY_TIME.has(code),
): Promise<T> {
    const end = Date.now() + PATIENCE * 1000;
    let told: string | undefined;
    for (;;) {
        try {
            return await attempt();
        } catch (error) {
            if (!(error instanceof RefusedError) || Date.now() > end || signal.aborted) throw error;
            const codes = error.refusal.refusals.map(({ code }) => code);
            if (!codes.every(mends)) throw error;
            if (told !== codes.join(" "))
                bus.emit({ type: "message", severity: "warning", text: describeSiteRefusal(error.refusal) });
            told = codes.join(" ");
            await sleep(5000, undefined, { signal }).catch(() => undefined);
        }
    }
}

/** What the program says that a sequence may cost: the loss windows of its forced promotions. */
export function declaredBy({ legs }: Pick<Sequence, "legs">, from: string): DeclaredLoss[] {
    return legs.flatMap(({ plan }: Leg) =>
        (plan?.groups ?? [])
            .flatMap(({ volumes }) => volumes)
            .flatMap(({ key, lossWindow }) =>
                lossWindow === undefined
                    ? []
                    : [
                          {
                              volume: key,
                              site: from,
                              ...(lossWindow.lastSync && { since: new Date(lossWindow.lastSync).toISOString() }),
                              ...(lossWindow.seconds !== undefined && { seconds: lossWindow.seconds }),
                          },
                      ],
            ),
    );
}

/** Reads every acknowledged write back, keeps account, and ends the move: all of it in one piece on disk. */
async function readBack({ app, journal, bus }: DrillContext, name: MoveState["name"], site: string): Promise<void> {
    const startedAt = now();
    const { lostBefore, moves, spans } = journal.state;
    const verified = await app.verify(site);
    // After the look: whatever it has counted is in the acknowledgements by now.
    const acks = await app.acknowledgements();
    const known = joinLost(moves.filter((m) => m.name !== name).map((m) => m.lost));
    const accounts = verified.map((each) => accountOf(each, acks, lostBefore, known));
    const change = {
        endedAt: now(),
        checks: accounts.map(({ check }) => check),
        lost: Object.fromEntries(accounts.map(({ check, newlyLost }) => [check.volume, [...newlyLost]])),
    };
    journal.update({
        spans: [...spans, { move: name, site, kind: "verify", startedAt, endedAt: now() }],
        moves: moves.map((m) => (m.name === name ? { ...m, ...change } : m)),
    });
    const sum = (count: (check: Check) => number) => change.checks.reduce((total, check) => total + count(check), 0);
    bus.emit({
        type: "message",
        severity: "info",
        stack: site,
        text: `${sum((c) => c.found)} of ${sum((c) => c.acknowledged)} acknowledged writes read back; this move cost ${sum((c) => c.newlyLost)}`,
    });
}

/** Waits until each volume has had so many more writes acknowledged on a site, since a time or since now. */
async function waitForWrites(
    { app, bus, signal }: DrillContext,
    site: string,
    count: number,
    since = now(),
): Promise<void> {
    const end = Date.now() + WRITE_TIMEOUT * 1000;
    let told = false;
    for (;;) {
        if (signal.aborted) throw new CliError("interrupted", "The same command goes on from here.");
        const acks = await app.acknowledgements();
        const written = app.volumes.map((volume) => ({
            volume,
            writes: acks.filter((a) => a.volume === volume && a.site === site && Date.parse(a.at) >= Date.parse(since))
                .length,
        }));
        const least = written.sort((a, b) => a.writes - b.writes)[0]!;
        if (least.writes >= count) return;
        if (!told)
            bus.emit({
                type: "waiting",
                stack: site,
                for: `${count} acknowledged ${count === 1 ? "write" : "writes"} of ${least.volume}`,
                seen: `${least.writes} so far`,
            });
        told = true;
        if (Date.now() > end)
            throw new CliError(
                "unfinished",
                `Waited ${WRITE_TIMEOUT} s for ${count} acknowledged writes of ${least.volume} on ${site}; seen: ${least.writes}. Does the application run there? The same command goes on from here.`,
            );
        await sleep(500, undefined, { signal }).catch(() => undefined);
    }
}

function now(): string {
    return new Date().toISOString();
}
