/** Previews a whole operation: each leg's diff, in order, each on the assumption that the legs before it have succeeded. */
import pLimit from "p-limit";
import { formatAssumption } from "../../dr/assume.js";
import { ASSUME_VARIABLE } from "../../observe/assumption.js";
import { EngineEvents, refusalIn } from "../engine/engine-events.js";
import { siteOf, type Project } from "../engine/project.js";
import { PulumiError } from "../engine/pulumi.js";
import { CliError } from "../errors.js";
import { EventBus } from "../events.js";
import { volumesOf, type Leg, type Sequence } from "../sequence/model.js";
import { changesBetween, changesOf, WantedResources, type ResourceChange, type Wanted } from "./changes.js";
import { withConfigCopy } from "./config-copy.js";

/** Programs that run at the same time; each takes a core and 400 MB. */
const AT_ONCE = 2;

/** A leg and what it would change. */
export interface LegPreview {
    readonly leg: Leg;
    /** Undefined for a leg that is done, and for a `destroy`. */
    readonly changes?: readonly ResourceChange[];
    /** Index of the leg whose result `changes` is compared with; undefined for the stack as it is today. */
    readonly after?: number;
}

/**
 * Previews every leg of a sequence. Touches neither stack files nor stacks nor clusters.
 *
 * @param signal aborted by Ctrl-C
 * @throws CliError `refused` where a program refuses what the sequence expected it to do
 */
export async function previewSequence(
    project: Project,
    sequence: Sequence,
    signal: AbortSignal,
): Promise<LegPreview[]> {
    const limit = pLimit(AT_ONCE);
    const wanted = await Promise.all(
        sequence.legs.map((leg) => limit(() => (needsPreview(leg) ? previewLeg(project, leg, signal) : undefined))),
    );
    return sequence.legs.map((leg, i): LegPreview => {
        const now = wanted[i];
        if (now === undefined) return { leg };
        const after = sequence.legs.findLastIndex(
            (other, j) => j < i && other.site === leg.site && wanted[j] !== undefined,
        );
        const before = wanted[after];
        return before === undefined
            ? { leg, changes: changesOf(now) }
            : { leg, changes: changesBetween(before, now), after };
    });
}

function needsPreview(leg: Leg): boolean {
    return !leg.done && leg.action === "up";
}

async function previewLeg(project: Project, leg: Leg, signal: AbortSignal): Promise<ReadonlyMap<string, Wanted>> {
    const stack = siteOf(project, leg.site);
    const wanted = new WantedResources();
    // Progress of a preview is of no interest; its errors are.
    const events = new EngineEvents(new EventBus(), leg.site);
    try {
        // All edits since today's config, those of earlier legs included.
        await withConfigCopy(stack.configFile, project.file.name, leg.allEdits, (configFile) =>
            stack.preview({
                configFile,
                env: leg.assumes.length === 0 ? {} : { [ASSUME_VARIABLE]: formatAssumption(leg.assumes) },
                signal,
                volumes: volumesOf(leg),
                onEvent: (event) => {
                    wanted.listen(event);
                    events.listen(event);
                },
            }),
        );
    } catch (error) {
        throw explain(error, leg, events.errors, signal);
    }
    return wanted.all;
}

function explain(error: unknown, leg: Leg, errors: readonly string[], signal: AbortSignal): unknown {
    if (!(error instanceof PulumiError)) return error;
    if (signal.aborted) return new CliError("interrupted", "Interrupted. Nothing was touched.");
    const refusal = refusalIn(errors);
    if (refusal !== undefined) return new CliError("refused", `${leg.site}: ${refusal.text}`);
    const said = errors.length > 0 ? errors.join("\n") : error.run.stderr.trim() || error.run.stdout.trim();
    return new CliError("unexpected", `pulumi preview of ${leg.site} failed:\n${said}`);
}
