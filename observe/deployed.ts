/** Whether this site's cluster is there at all: a minikube cluster may be for this very run to make. */
import * as pulumi from "@pulumi/pulumi";
import type { SiteConfig } from "../config.js";
import { askedStates, recordsPrimary } from "../dr/groups/split.js";
import { preflight } from "../minikube/preflight.js";
import { readStack, type StackReader } from "./outputs.js";

/**
 * Looks whether the site's cluster has been made, and checks what it would be made with. Changes nothing.
 *
 * @param read reads stacks' outputs; the engine's invoke by default
 * @returns true for every cluster that this program does not make
 * @throws Error where minikube is missing, refuses the settings, or would delete a cluster that holds the primary
 */
export async function clusterDeployed(
    config: SiteConfig,
    read: StackReader = (stack) => readStack(config.organization, config.project, stack),
): Promise<boolean> {
    if (config.minikube === undefined) return true;
    const { exists, warnings } = await preflight(config.minikube, await holdsPrimary(config, read));
    for (const warning of warnings) await pulumi.log.warn(warning);
    return exists;
}

/** Primary for any group, by what is asked for, or by what the stack said last. */
async function holdsPrimary({ intent }: SiteConfig, read: StackReader): Promise<boolean> {
    if ([...askedStates(intent).values()].includes("primary") && !intent.teardown) return true;
    const { state } = await read(intent.site);
    return state.found === "outputs" && recordsPrimary(state.outputs) && !state.outputs.teardown;
}
