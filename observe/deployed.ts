/** Whether this site's cluster is there at all: a minikube cluster may be for this very run to make. */
import type { SiteConfig } from "../config.js";
import { askedStates, recordsPrimary } from "../dr/groups/split.js";
import { mayBeRemade } from "../dr/remake.js";
import { readMark } from "../minikube/mark.js";
import { preflight } from "../minikube/preflight.js";
import type { StackReader } from "./outputs.js";

/** How a cluster that may not be there is looked for. */
export interface DeployedLook {
    /** Reads stacks' outputs. */
    readonly read: StackReader;
    /** Told what may go wrong, in words for a person. */
    readonly warn: (text: string) => Promise<void> | void;
    /** Environment of minikube; this process's by default. */
    readonly env?: NodeJS.ProcessEnv;
}

/**
 * Looks whether the site's cluster has been made, and checks what it would be made with. Changes nothing.
 *
 * @returns true for every cluster that this program does not make
 * @throws Error where minikube is missing, refuses the settings, or would delete a cluster that holds the primary
 */
export async function clusterDeployed(
    config: SiteConfig,
    { read, warn, env = process.env }: DeployedLook,
): Promise<boolean> {
    if (config.minikube === undefined) return true;
    const { exists, warnings } = await preflight(config.minikube, await holdsPrimary(config, read), env);
    for (const warning of warnings) await warn(warning);
    return exists;
}

/** Primary for any group, by what is asked for, or by what the stack said last. */
async function holdsPrimary({ intent }: SiteConfig, read: StackReader): Promise<boolean> {
    if ([...askedStates(intent).values()].includes("primary") && !intent.teardown) return true;
    const { state } = await read(intent.site);
    return state.found === "outputs" && recordsPrimary(state.outputs) && !state.outputs.teardown;
}

/**
 * Sees to it that a cluster which was deleted behind Pulumi's back is made anew: to Pulumi nothing has changed, so a
 * setting has to. One that held a primary is left alone; the decision then refuses.
 *
 * @param deployed what `clusterDeployed` found
 * @returns the config with the time at which the cluster was found missing, the same for as long as the new one lives
 */
export async function withRemade(
    config: SiteConfig,
    deployed: boolean,
    { read, warn, env = process.env }: DeployedLook,
): Promise<SiteConfig> {
    const { minikube, intent } = config;
    if (minikube === undefined) return config;
    const mark = await readMark(minikube.profile, env);
    const remade = (time: string | undefined) => ({ ...config, minikube: { ...minikube, remade: time } });
    if (deployed || mark?.complete === false) return remade(mark?.remade);
    const [own, peer] = await Promise.all([read(intent.site), read(intent.peer)]);
    if (!mayBeRemade(intent, own.state, peer.state)) return config;
    await warn(
        `minikube has no cluster ${minikube.profile} any more, though this stack made it. It is made anew, empty, and its volumes ` +
            `arrive from ${intent.peer} by mirroring. Pulumi still counts on what was in it; to have that made too, first: ` +
            `PULUMI_K8S_DELETE_UNREACHABLE=true pulumi refresh -s ${intent.site}`,
    );
    return remade(new Date().toISOString());
}
