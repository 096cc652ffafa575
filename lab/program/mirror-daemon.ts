/** The rbd-mirror daemon of a site, as an operator sees to it. */
import { execa } from "execa";
import type { SiteInfo } from "../site.js";
import { toolPath } from "../toolchain/index.js";

/**
 * Restarts rbd-mirror. After a forced promotion it goes on waiting for the cluster that was lost; where that never comes back,
 * it would neither report a demotion nor receive from a new site.
 *
 * @returns the command, as one would type it
 */
export async function restartMirror({ kubernetes }: SiteInfo): Promise<string> {
    const restart = ["-n", "rook-ceph", "rollout", "restart", "deployment/rook-ceph-rbd-mirror-a"];
    const access = ["--kubeconfig", kubernetes.kubeconfig, "--context", kubernetes.context];
    await execa(toolPath("kubectl"), [...access, ...restart], { timeout: 60_000 });
    return ["kubectl", "--context", kubernetes.context, ...restart].join(" ");
}
