/** Breaks a site and brings it back: by a command that was given, or by a person who is told what to do. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseCommandString } from "execa";
import { listSite } from "../../observe/lists.js";
import { connect } from "../../observe/cluster.js";
import type { SiteConfig } from "../../config.js";
import { CliError } from "../errors.js";
import type { EventBus } from "../events.js";
import { fillIn, runCommand } from "./command.js";
import type { DrillFile } from "./drill-file.js";

/** Seconds that a command may take to break a site or to bring it back. */
const COMMAND_TIMEOUT = 900;

/** Seconds that a person may take. */
const PERSON_TIMEOUT = 3600;

/** What was asked for on the command line. */
export interface FaultFlags {
    /** Name of a fault in the drill file. */
    readonly fault?: string;
    readonly inject?: string;
    readonly restore?: string;
}

/** How a site is broken and brought back; without commands a person does it. */
export interface Fault {
    readonly what: string;
    readonly inject?: readonly string[];
    readonly restore?: readonly string[];
}

/**
 * The fault that a drill injects.
 *
 * @throws CliError where a fault is named that the drill file does not have, or half of one is given
 */
export function faultOf(file: DrillFile, flags: FaultFlags, site: string): Fault {
    const names = Object.keys(file.faults);
    if (flags.inject !== undefined || flags.restore !== undefined) {
        if (flags.fault !== undefined)
            throw new CliError("usage", "--fault names a fault of the drill file; give it, or --inject and --restore.");
        const split = (line?: string) => (line === undefined ? undefined : fillIn(parseCommandString(line), { site }));
        return { what: `${site} is broken by a command`, inject: split(flags.inject), restore: split(flags.restore) };
    }
    const name = flags.fault ?? names[0];
    if (name === undefined) return { what: `${site} is broken by hand` };
    const fault = file.faults[name];
    if (fault === undefined)
        throw new CliError(
            "usage",
            `--fault ${name}: the drill file has ${names.length === 0 ? "no faults" : names.join(", ")}.`,
        );
    return {
        what: fillIn([fault.description ?? `${name} of {site}`], { site })[0]!,
        inject: fillIn(fault.inject, { site }),
        restore: fillIn(fault.restore, { site }),
    };
}

/** What both waits need. */
export interface FaultContext {
    readonly file: DrillFile;
    readonly config: SiteConfig;
    readonly bus: EventBus;
    readonly signal: AbortSignal;
}

/** Breaks the site: returns when nothing of it answers any more. */
export async function inject(fault: Fault, context: FaultContext): Promise<void> {
    const site = context.config.intent.site;
    if (fault.inject !== undefined) await run(fault.inject, context);
    else
        say(
            context,
            `Now break ${site}: take away its power, its network or its storage, so that it cannot serve any more. The drill goes on as soon as its API is silent; it does not touch ${site} itself.`,
        );
    await wait(context, `${site} to be silent`, async () =>
        (await answers(context.config)) ? "its API answers" : undefined,
    );
}

/** Brings the site back: returns when its API answers. */
export async function restore(fault: Fault, context: FaultContext): Promise<void> {
    const site = context.config.intent.site;
    if (fault.restore !== undefined) await run(fault.restore, context);
    else say(context, `Now bring ${site} back, as docs/runbook.md says under "The lost site comes back".`);
    await wait(context, `${site} to be back`, async () =>
        (await answers(context.config)) ? undefined : "its API is silent",
    );
}

async function run(argv: readonly string[], { file, bus, signal }: FaultContext): Promise<void> {
    bus.emit({ type: "message", severity: "info", text: `runs: ${argv.join(" ")}` });
    await runCommand(argv, { cwd: file.cwd, env: file.env, seconds: COMMAND_TIMEOUT, signal });
}

async function answers(config: SiteConfig): Promise<boolean> {
    return listSite(connect(config.access), [], 4).then(
        () => true,
        () => false,
    );
}

async function wait(context: FaultContext, what: string, missing: () => Promise<string | undefined>): Promise<void> {
    const end = Date.now() + PERSON_TIMEOUT * 1000;
    let last: string | undefined;
    for (;;) {
        if (context.signal.aborted) throw new CliError("interrupted", "The same command goes on from here.");
        const now = await missing();
        if (now === undefined) return;
        if (now !== last)
            context.bus.emit({ type: "waiting", stack: context.config.intent.site, for: what, seen: now });
        last = now;
        if (Date.now() > end)
            throw new CliError(
                "unfinished",
                `Waited ${PERSON_TIMEOUT} s for ${what}; seen last: ${now}. The same command goes on from here.`,
            );
        await sleep(1000, undefined, { signal: context.signal }).catch(() => undefined);
    }
}

function say({ bus }: FaultContext, text: string): void {
    bus.emit({ type: "message", severity: "warning", text });
}
