/** kubectl on one of the lab's sites, for what is done there by hand. */
import { execa } from "execa";
import { toolPath } from "../toolchain/index.js";
import type { SiteInfo } from "../site.js";

/**
 * Runs kubectl.
 *
 * @returns its standard output
 * @throws Error with what it said
 */
export async function kubectl(site: SiteInfo, args: readonly string[], input = ""): Promise<string> {
    const where = ["--kubeconfig", site.kubernetes.kubeconfig, "--context", site.kubernetes.context];
    const { stdout } = await execa(toolPath("kubectl"), [...where, ...args], { input, timeout: 900_000 });
    return stdout;
}

/** Creates objects, or changes the fields that they name. */
export async function apply(site: SiteInfo, objects: readonly object[]): Promise<void> {
    if (objects.length === 0) return;
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    await kubectl(site, ["apply", "--server-side", "--force-conflicts", "-f", "-"], list);
}
