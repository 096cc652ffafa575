/** Runs one leg: the edits, then pulumi, with its events told and its end explained. */
import { describeSiteRefusal } from "../../dr/describe.js";
import { askedStates } from "../../dr/groups/split.js";
import { decideSite } from "../../dr/groups/decide.js";
import type { RefusalCode } from "../../dr/model.js";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineEvents, refusalIn } from "../engine/engine-events.js";
import { isLockedText } from "../engine/lock.js";
import { siteOf, type Project } from "../engine/project.js";
import { PulumiError } from "../engine/pulumi.js";
import { CliError } from "../errors.js";
import type { EventBus } from "../events.js";
import { lookAtBoth } from "../look.js";
import { volumesOf, type Leg } from "../sequence/model.js";
import { watchSync } from "./sync-watch.js";
import { patientWith } from "../../many-volumes.js";

/** What a leg runs with. */
export interface LegContext {
    readonly project: Project;
    readonly bus: EventBus;
    readonly signal: AbortSignal;
}

/** Refusals that time alone mends: the other copy is on its way. */
export const COPY_UNDER_WAY: readonly RefusalCode[] = [
    "PEER_BEHIND",
    "PEER_NOT_REPLAYING",
    "PEER_HAS_NO_COPY",
    "RESYNC_UNFINISHED",
];

/** In the middle of a sequence the handover of the leg before is on its way too. */
const PASSING: ReadonlySet<RefusalCode> = new Set([...COPY_UNDER_WAY, "PEER_NOT_HANDED_OVER"]);

/** The program itself refused, in its own words. */
class ProgramRefusal extends CliError {
    constructor(
        readonly code: string,
        text: string,
    ) {
        super("refused", text);
    }
}

function isPassing(error: unknown): boolean {
    return error instanceof ProgramRefusal && (PASSING as ReadonlySet<string>).has(error.code);
}

/** Seconds between two looks while a passing refusal is waited out. */
const INTERVAL = 3;

/** What came of a leg. */
export interface LegOutcome {
    /** Whether the checkpoint still calls creates of a killed run pending. */
    readonly pendingCreates: boolean;
}

/**
 * Runs a leg.
 *
 * @param index of the leg in its sequence
 * @param waits whether a refusal that time mends is waited out: from the second leg on, since the first one's is for the
 *   person to see before anything is touched
 * @throws CliError with what went wrong and what to do
 */
export async function runLeg(context: LegContext, leg: Leg, index: number, waits: boolean): Promise<LegOutcome> {
    const { bus } = context;
    const began = Date.now();
    const seconds = () => (Date.now() - began) / 1000;
    const where = { type: "leg", leg: index, stack: leg.site } as const;
    bus.emit({ ...where, status: "started", summary: leg.why });
    try {
        const outcome = await runPulumi(context, leg, index).catch(async (error: unknown) => {
            if (!waits || !isPassing(error)) throw error;
            await waitOut(context, leg, index);
            return runPulumi(context, leg, index);
        });
        bus.emit({ ...where, status: "done", seconds: seconds() });
        return outcome;
    } catch (error) {
        const known = error instanceof CliError ? error.exit : undefined;
        const status = known === "refused" ? "refused" : known === "interrupted" ? "interrupted" : "failed";
        bus.emit({ ...where, status, summary: firstLine(error), seconds: seconds() });
        throw error;
    }
}

async function runPulumi({ project, bus, signal }: LegContext, leg: Leg, index: number): Promise<LegOutcome> {
    if (signal.aborted) throw new CliError("interrupted", "Interrupted. The same command goes on from here.");
    const stack = siteOf(project, leg.site);
    const events = new EngineEvents(bus, leg.site, index);
    await stack.edit(leg.edits, index);
    const sync = resyncs(leg) ? watchSync(await stack.config(), bus, index) : undefined;
    try {
        await stack[leg.action]({ onEvent: events.listen, signal, leg: index, volumes: volumesOf(leg) });
        return { pendingCreates: events.pendingCreates };
    } catch (error) {
        throw explain(error, leg, events, signal);
    } finally {
        await sync?.stop();
    }
}

function resyncs({ asked: { intent } }: Leg): boolean {
    return [...askedStates(intent).values()].includes("resync");
}

/**
 * What a failed run means. The config edits stay: they are what was asked, and the same command completes them.
 */
function explain(error: unknown, leg: Leg, events: EngineEvents, signal: AbortSignal): unknown {
    if (!(error instanceof PulumiError)) return error;
    const { stderr, stdout } = error.run;
    const again = "Run the same command again: it goes on from here.";
    if (isLockedText(stderr) || isLockedText(stdout))
        return new CliError(
            "locked",
            `Another run of pulumi is at work on stack ${leg.site}:\n${lockText(`${stderr}\n${stdout}`)}\n${again}`,
        );
    const refusal = refusalIn(events.errors) ?? refusalIn([stderr, stdout]);
    if (refusal !== undefined) return new ProgramRefusal(refusal.code, refusal.text);
    if (signal.aborted)
        return new CliError("interrupted", `pulumi ${leg.action} of ${leg.site} was interrupted. ${again}`);
    const said = events.errors.length > 0 ? events.errors.join("\n") : stderr.trim() || stdout.trim();
    return new CliError("unfinished", `pulumi ${leg.action} of ${leg.site} failed:\n${said}\n${again}`);
}

function lockText(output: string): string {
    return output
        .split("\n")
        .filter((line) => /locked by|created by|in progress/i.test(line))
        .join("\n");
}

/**
 * Waits until the program would not refuse this leg any more. It has refused before anything was touched; asking the whole
 * program again and again would only be slow.
 */
async function waitOut({ project, bus, signal }: LegContext, leg: Leg, index: number): Promise<void> {
    let seen: string | undefined;
    let end: number | undefined;
    while (!signal.aborted) {
        const look = (await lookAtBoth(project))[leg.site]!;
        const decision = decideSite({ ...look.input, intent: leg.asked.intent });
        if (decision.kind === "plan" || decision.refusals.some((refusal) => !PASSING.has(refusal.code))) return;
        const { handover } = patientWith(look.config.timeouts, look.input.intent.volumes.length);
        end ??= Date.now() + handover * 1000;
        if (Date.now() > end)
            throw new CliError(
                "unfinished",
                `Waited ${handover} s (handoverTimeout) for ${leg.site} to be allowed on; seen last:\n${describeSiteRefusal(decision)}`,
            );
        const now = decision.refusals.map((refusal) => `${refusal.reason} ${refusal.seen.join("; ")}`).join(" ");
        const codes = decision.refusals.map((refusal) => refusal.code).join(", ");
        if (now !== seen) bus.emit({ type: "waiting", stack: leg.site, leg: index, for: codes, seen: now });
        seen = now;
        await sleep(INTERVAL * 1000, undefined, { signal }).catch(() => undefined);
    }
}

function firstLine(error: unknown): string {
    return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
}
