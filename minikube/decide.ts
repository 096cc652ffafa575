/** What to do about a cluster that may be there already: a pure function of what minikube says, our mark and the config. */
import type { MinikubeSettings } from "./config.js";
import type { Mark } from "./mark.js";
import type { Profile } from "./profile.js";

export type Decision =
    /** Nothing is there. */
    | { readonly action: "create" }
    /** What is there is as asked, or a start brings it there. */
    | { readonly action: "start" }
    /** A first start failed half way and left a machine of another shape: nothing in it is worth keeping. */
    | { readonly action: "remake"; readonly why: string }
    | { readonly action: "refuse"; readonly why: string };

/**
 * @param existing the profile, undefined when there is none
 * @param mark our mark in it, undefined when there is none
 */
export function decideCluster(
    existing: Profile | undefined,
    mark: Mark | undefined,
    settings: MinikubeSettings,
): Decision {
    if (existing === undefined) return { action: "create" };
    if (mark === undefined) return { action: "refuse", why: foreign(settings.profile) };
    const fixed = fixedDifferences(existing, settings);
    if (!mark.complete)
        return fixed.length === 0 ? { action: "start" } : { action: "remake", why: `it has ${fixed.join(", ")}` };
    if (mark.generation !== undefined && mark.generation !== settings.generation)
        return { action: "refuse", why: olderGeneration(settings, mark.generation) };
    if (fixed.length > 0) return { action: "refuse", why: unchangeable(settings, fixed) };
    const downgrade = downgradeOf(existing, settings);
    return downgrade === undefined ? { action: "start" } : { action: "refuse", why: downgrade };
}

/**
 * Why the site's cluster and the other site's could not mirror to each other, as far as their settings tell; undefined
 * when they can, or when there is no other profile yet.
 */
export function peerProblem(peer: Profile | undefined, settings: MinikubeSettings): string | undefined {
    if (peer === undefined) return undefined;
    const both = `rbd-mirror must reach the monitors and OSDs of the other site, so both profiles must be on one network`;
    if (peer.driver !== settings.driver)
        return `minikube.driver is ${settings.driver}, but profile ${peer.name} of the other site uses ${peer.driver}: ${both}. Give both sites the same driver.`;
    if (settings.network !== undefined && peer.network !== settings.network)
        return `minikube.network is ${settings.network}, but profile ${peer.name} of the other site is on ${peer.network === "" ? "a network of its own" : peer.network}: ${both}. Give both sites the same minikube.network.`;
    return undefined;
}

/** What minikube cannot change in a cluster that exists (it only warns), as `cpus 2 (asked: 4)`. */
export function fixedDifferences(existing: Profile, s: MinikubeSettings): string[] {
    const pairs: (readonly [string, string | number, string | number | undefined])[] = [
        ["driver", existing.driver, s.driver],
        ["cpus", existing.cpus, s.cpus],
        ["memory", existing.memory, s.memory],
        ["diskSize", existing.diskSize, s.diskSize],
        ["extraDisks", existing.extraDisks, s.extraDisks],
        ["nodes", existing.nodes.length, existing.nodes.length === 0 ? 0 : s.nodes],
        ["containerRuntime", existing.containerRuntime, s.containerRuntime],
        ["network", existing.network, s.network],
    ];
    return pairs
        .filter(([, have, want]) => want !== undefined && have !== want)
        .map(([key, have, want]) => `${key} ${have === "" ? "(none)" : have} (asked: ${want})`);
}

function foreign(profile: string): string {
    return (
        `There is a minikube profile ${profile} already, and this program did not make it. To use it as it is, set ` +
        `cluster to existing and context to ${profile}. To have the program make its own, set minikube.profile to ` +
        `another name, or remove this one with its data: minikube delete -p ${profile}`
    );
}

function olderGeneration(s: MinikubeSettings, have: number): string {
    return (
        `minikube.generation is ${s.generation}, and the cluster of profile ${s.profile} is generation ${have}. ` +
        `To have it made anew, remove it with its data: minikube delete -p ${s.profile}. To keep it, set minikube.generation to ${have}.`
    );
}

function unchangeable(s: MinikubeSettings, differences: readonly string[]): string {
    return (
        `minikube cannot change this in the cluster of profile ${s.profile}, which exists: ${differences.join(", ")}. ` +
        `To keep the cluster, set the config back. To replace it, with all data in it, raise minikube.generation to ` +
        `${s.generation + 1}; the volumes then come back from the other site.`
    );
}

function downgradeOf(existing: Profile, s: MinikubeSettings): string | undefined {
    if (existing.kubernetesVersion === "" || compareVersions(s.kubernetesVersion, existing.kubernetesVersion) >= 0)
        return undefined;
    return (
        `minikube.kubernetesVersion is ${s.kubernetesVersion}, and the cluster of profile ${s.profile} runs ` +
        `${existing.kubernetesVersion}: Kubernetes has no way back. Set it to ${existing.kubernetesVersion} or later, or ` +
        `raise minikube.generation to ${s.generation + 1} to replace the cluster with all data in it.`
    );
}

/** Compares versions such as `v1.33.8`; pre-release suffixes are left aside. */
export function compareVersions(a: string, b: string): number {
    const parts = (v: string) => v.replace(/^v/, "").split(/[-+]/)[0]!.split(".").map(Number);
    const [left, right] = [parts(a), parts(b)];
    for (let i = 0; i < 3; i++) {
        const difference = (left[i] ?? 0) - (right[i] ?? 0);
        if (difference !== 0) return difference;
    }
    return 0;
}
