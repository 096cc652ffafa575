/** The check that the two sites reach each other: rbd-mirror of each talks to all monitors and OSDs of the other. */
import pRetry from "p-retry";
import type { Minikube } from "./minikube.js";
import type { Profile } from "./profile.js";

/** Every node listens there, control plane or not. */
const KUBELET_PORT = 10250;

/**
 * Has each site's control-plane node open a connection to every node of the other.
 *
 * @throws Error naming the way that is closed, and what to do
 */
export async function checkReach(minikube: Minikube, one: Profile, other: Profile): Promise<void> {
    for (const [from, to] of [
        [one, other],
        [other, one],
    ] as const)
        for (const node of to.nodes) await reach(minikube, from, to, node.ip);
}

async function reach(minikube: Minikube, from: Profile, to: Profile, ip: string): Promise<void> {
    const url = `https://${ip}:${KUBELET_PORT}/healthz`;
    // Any answer will do, a refusal of the request included: curl only fails where there is no connection.
    const curl = ["curl", "--silent", "--show-error", "--insecure", "--max-time", "5", "--output", "/dev/null", url];
    try {
        await pRetry(() => minikube.ssh(from.name, curl), { retries: 3, minTimeout: 1000, maxTimeout: 4000 });
    } catch (error) {
        throw new Error(
            `${from.name} does not reach ${to.name} at ${ip}:${KUBELET_PORT}, and so rbd-mirror would not either. ` +
                `Both profiles must be on one network (driver ${from.driver}: ${shown(from)}; driver ${to.driver}: ${shown(to)}); ` +
                `see minikube.driver and minikube.network.\nSeen last: ${(error as Error).message}`,
            { cause: error },
        );
    }
}

function shown(profile: Profile): string {
    return profile.network === "" ? "its default network" : `network ${profile.network}`;
}
