/** Brings a site's cluster to where the config wants it, and takes it away again. Both may be run any number of times. */
import type { MinikubeSettings } from "./config.js";
import { compareVersions, decideCluster, peerProblem, type Decision } from "./decide.js";
import { kubeconfigPath } from "./kubeconfig.js";
import { readMark, writeMark, type Mark } from "./mark.js";
import type { Minikube } from "./minikube.js";
import type { Profile } from "./profile.js";
import { checkReach } from "./reach.js";

/** The oldest minikube that has every flag used here. */
export const LOWEST_MINIKUBE = "1.31.0";

/** What the program needs to know of a cluster that runs. */
export interface RunningCluster {
    readonly profile: string;
    /** Name of the kubeconfig context: minikube gives it the profile's name. */
    readonly context: string;
    /** Path of the kubeconfig file that the context is in. */
    readonly kubeconfig: string;
    /** Address of the control plane's node, which the other site must reach. */
    readonly ip: string;
}

/** Says what is going on, one line at a time. */
export type Say = (line: string) => void;

/** What is there now, and what follows from it. */
export interface Situation {
    readonly decision: Decision;
    readonly existing?: Profile;
    readonly peer?: Profile;
}

/**
 * Looks, and decides.
 *
 * @param gone whether the cluster that may be there counts as deleted: it is to be replaced
 * @throws Error when minikube is too old
 */
export async function lookAt(
    minikube: Minikube,
    settings: MinikubeSettings,
    env: NodeJS.ProcessEnv = process.env,
    gone = false,
): Promise<Situation> {
    const version = await minikube.version();
    if (compareVersions(version, LOWEST_MINIKUBE) < 0)
        throw new Error(
            `minikube is version ${version}; this program needs ${LOWEST_MINIKUBE} or later: https://minikube.sigs.k8s.io/docs/start/`,
        );
    const profiles = await minikube.profiles();
    const existing = gone ? undefined : profiles.find((p) => p.name === settings.profile);
    const peer = profiles.find((p) => p.name === settings.peerProfile && p.name !== settings.profile);
    const decision = decideCluster(existing, await readMark(settings.profile, env), settings);
    if (decision.action === "refuse") return { decision, existing, peer };
    const problem = peerProblem(peer, settings);
    return { decision: problem === undefined ? decision : { action: "refuse", why: problem }, existing, peer };
}

/**
 * Makes the cluster be there, running, and within reach of the other site's.
 *
 * @throws Error with what is in the way and what to do; MinikubeError with minikube's own advice
 */
export async function ensureCluster(
    minikube: Minikube,
    settings: MinikubeSettings,
    say: Say = () => {},
    env: NodeJS.ProcessEnv = process.env,
): Promise<RunningCluster> {
    const { profile } = settings;
    const { decision, existing, peer } = await lookAt(minikube, settings, env);
    if (decision.action === "refuse") throw new Error(decision.why);
    if (decision.action === "remake") {
        say(`The first start of ${profile} failed half way, and ${decision.why}: deleting what it left`);
        await minikube.delete(profile);
    }
    if (decision.action === "start" && (await upToDate(minikube, settings, existing!))) {
        say(`Cluster ${profile} is running`);
    } else {
        // The mark comes first: what a start leaves behind when it fails must be known as ours.
        if (decision.action !== "start") await writeMark(profile, markOf(settings, false), env);
        await minikube.start(settings);
        say(`Cluster ${profile} is up`);
    }
    await writeMark(profile, markOf(settings, true), env);
    const ip = await minikube.ip(profile);
    if (peer !== undefined) await reachPeer(minikube, settings, peer, say);
    return { profile, context: profile, kubeconfig: settings.kubeconfig ?? kubeconfigPath(env), ip };
}

function markOf({ generation, remade }: MinikubeSettings, complete: boolean): Mark {
    return { generation, complete, ...(remade === undefined ? {} : { remade }) };
}

/**
 * Deletes the cluster with all its data, if this program made it.
 *
 * @throws MinikubeError with minikube's own advice; Error when it is still there afterwards
 */
export async function removeCluster(
    minikube: Minikube,
    profile: string,
    say: Say = () => {},
    env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
    if ((await readMark(profile, env)) === undefined) {
        const there = (await minikube.profile(profile)) !== undefined;
        say(
            there
                ? `Profile ${profile} was not made by this program and stays. To remove it: minikube delete -p ${profile}`
                : `There is no cluster ${profile} any more`,
        );
        return;
    }
    await minikube.delete(profile);
    if ((await minikube.profile(profile)) !== undefined)
        throw new Error(
            `minikube says that it deleted profile ${profile}, but lists it still. Try: minikube delete -p ${profile}`,
        );
    say(`Cluster ${profile} is deleted`);
}

/** Whether there is nothing to start: all of it runs, and the version is the one asked for. */
async function upToDate(minikube: Minikube, settings: MinikubeSettings, existing: Profile): Promise<boolean> {
    if (compareVersions(existing.kubernetesVersion, settings.kubernetesVersion) !== 0) return false;
    return (await minikube.status(settings.profile)).state === "running";
}

/** The other site may be down, which is what all this is for: only where it runs is the way to it checked. */
async function reachPeer(minikube: Minikube, settings: MinikubeSettings, peer: Profile, say: Say): Promise<void> {
    const { state } = await minikube.status(peer.name);
    if (state !== "running") {
        say(`Profile ${peer.name} of the other site is ${state}: the way to it is not checked`);
        return;
    }
    const own = await minikube.profile(settings.profile);
    if (own !== undefined) await checkReach(minikube, own, peer);
    say(`${settings.profile} and ${peer.name} reach each other`);
}
