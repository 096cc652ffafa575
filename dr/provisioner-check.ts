/** Whether the RBD provisioner can replicate: told by the names of its containers, never by their number (facts b.2). */
import { operatorFlags } from "./operator-flags.js";

/** Names by which the driver's own container goes: Rook's Deployment, and the ceph-csi operator's. */
const DRIVER_NAMES: readonly string[] = ["csi-rbdplugin"];

/**
 * Containers that replication needs in the provisioner's pod and that are not there.
 *
 * @param version Rook's version, which decides the names
 * @param names containers that the pod has
 * @returns empty when all are there
 * @throws Error for a version that is not known
 */
export function missingContainers(version: string, names: readonly string[]): string[] {
    const needed = [...DRIVER_NAMES, "csi-provisioner", operatorFlags(version).sidecar, "csi-omap-generator"];
    return needed.filter((name) => !names.includes(name));
}
