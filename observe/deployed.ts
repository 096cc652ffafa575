/** Whether this site's cluster is there at all: a minikube cluster may be for this very run to make. */
import * as pulumi from "@pulumi/pulumi";
import type { SiteConfig } from "../config.js";
import { preflight } from "../minikube/preflight.js";
import { readStack } from "./outputs.js";

/**
 * Looks whether the site's cluster has been made, and checks what it would be made with. Changes nothing.
 *
 * @returns true for every cluster that this program does not make
 * @throws Error where minikube is missing, refuses the settings, or would delete a cluster that holds the primary
 */
export async function clusterDeployed(config: SiteConfig): Promise<boolean> {
    if (config.minikube === undefined) return true;
    const { exists, warnings } = await preflight(config.minikube, await holdsPrimary(config));
    for (const warning of warnings) await pulumi.log.warn(warning);
    return exists;
}

/** Primary by what is asked for, or by what the stack said last. */
async function holdsPrimary({ intent, organization, project }: SiteConfig): Promise<boolean> {
    if (intent.replicationState === "primary" && !intent.teardown) return true;
    const { state } = await readStack(organization, project, intent.site);
    return state.found === "outputs" && state.outputs.replicationState === "primary" && !state.outputs.teardown;
}
