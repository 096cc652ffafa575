import type { MinikubeSettings } from "./config.js";

/**
 * Arguments of `minikube start`. Each value is glued to its flag: a value that begins with `-` stays a value.
 *
 * `--keep-context`: the program names its contexts, and does not switch the user's kubectl to another cluster.
 */
export function startArgs(s: MinikubeSettings): string[] {
    return [
        "start",
        `--profile=${s.profile}`,
        `--driver=${s.driver}`,
        `--cpus=${s.cpus}`,
        `--memory=${s.memory}m`,
        `--disk-size=${s.diskSize}m`,
        // Where it is 0 the flag stays away: drivers without disks warn at the flag alone.
        ...(s.extraDisks > 0 ? [`--extra-disks=${s.extraDisks}`] : []),
        `--nodes=${s.nodes}`,
        `--kubernetes-version=${s.kubernetesVersion}`,
        `--container-runtime=${s.containerRuntime}`,
        ...(s.network === undefined ? [] : [`--network=${s.network}`]),
        "--keep-context",
        "--wait=all",
        "--interactive=false",
        "--output=json",
    ];
}
