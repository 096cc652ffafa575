/** What a preview can say of a cluster without touching anything: the same refusals as `up`, and minikube's dry run. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MinikubeSettings } from "./config.js";
import { MinikubeError, type FailureSource } from "./errors.js";
import { lookAt } from "./ensure.js";
import { Minikube } from "./minikube.js";
import { readMark } from "./mark.js";

/** What the preview found. */
export interface Preflight {
    /** Whether there is a cluster of this profile that this program made and started once. */
    readonly exists: boolean;
    /** What may go wrong in `up`, each with its fix. */
    readonly warnings: readonly string[];
}

/** Failures of a dry run that say something of this machine now, and nothing of the config: they may be gone by `up`. */
const PASSING: readonly FailureSource[] = ["driver", "provider", "internet", "host", "timeout"];

/**
 * Checks before anything is registered. Changes nothing, on minikube's side either.
 *
 * @param holdsPrimary whether volumes are primary here, now or after this run: then the cluster is not replaced
 * @throws Error with what is in the way and what to do; MinikubeError where minikube is missing or refuses the settings
 */
export async function preflight(
    settings: MinikubeSettings,
    holdsPrimary: boolean,
    env: NodeJS.ProcessEnv = process.env,
): Promise<Preflight> {
    const minikube = new Minikube({ env: definedOnly(env) });
    const mark = await readMark(settings.profile, env);
    const replaced =
        mark?.complete === true && mark.generation !== undefined && mark.generation !== settings.generation;
    if (replaced && holdsPrimary)
        throw new Error(
            `minikube.generation is raised from ${mark.generation} to ${settings.generation}, which deletes the cluster of ` +
                `profile ${settings.profile} with all its data, and this site is primary. Make the other site primary first.`,
        );
    const { decision, existing } = await lookAt(minikube, settings, env, replaced);
    if (decision.action === "refuse") throw new Error(decision.why);
    const exists = mark?.complete === true && (replaced || existing !== undefined);
    return { exists, warnings: existing === undefined ? await dryRun(settings, env) : [] };
}

/** minikube's own check of the settings, in a folder of its own: even a dry run writes into MINIKUBE_HOME. */
async function dryRun(settings: MinikubeSettings, env: NodeJS.ProcessEnv): Promise<string[]> {
    const home = await mkdtemp(join(tmpdir(), "rbd-dr-minikube-"));
    try {
        await new Minikube({ env: { ...definedOnly(env), MINIKUBE_HOME: home } }).dryRun(settings);
        return [];
    } catch (error) {
        if (!(error instanceof MinikubeError) || !PASSING.includes(error.failure.source)) throw error;
        return [error.message];
    } finally {
        await rm(home, { recursive: true, force: true });
    }
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
    return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
