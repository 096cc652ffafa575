/** CephRBDMirror: the daemon's cephx user, keyring and Deployment. They go with it, by their owner references. */
import { describeError } from "../../api/client.js";
import type { Context } from "../context.js";
import { MIRROR_CAPS, MIRROR_USER, mirrorDeployment, mirrorKeyring } from "../shapes/mirror-deployment.js";
import type { CephRBDMirror } from "../types.js";
import type { Outcome } from "../work-queue.js";

/** Rook's pause while there is no CephCluster, or it does not answer. */
const NOT_READY_MS = 10_000;

export async function reconcileMirror(context: Context, mirror: CephRBDMirror): Promise<Outcome> {
    const { namespace, name, generation, deletionTimestamp } = mirror.metadata;
    if (deletionTimestamp) return undefined;
    const cluster = context.readyCluster(namespace);
    if (!cluster) return { afterMs: NOT_READY_MS };
    try {
        if ((mirror.spec.count ?? 0) < 1) throw new Error("rbd-mirror count must be at least one");
        const ceph = await context.ceph(namespace);
        if (typeof ceph === "string") throw new Error(`failed to populate cluster info: ${ceph} is missing`);
        await context.apply(mirrorKeyring(mirror, await ceph.userKey(MIRROR_USER, MIRROR_CAPS)));
        const { fsid } = ceph.connection;
        await context.apply(mirrorDeployment(mirror, fsid, cluster.spec.cephVersion?.image));
    } catch (error) {
        await context.updateStatus(mirror, ({ status }) => ({ ...status, phase: "Failed" }));
        const message = `failed to reconcile CephRBDMirror "${namespace}/${name}". ${describeError(error)}`;
        await context.event(mirror, "Warning", "ReconcileFailed", message);
        throw error;
    }
    await context.updateStatus(mirror, ({ status }) => ({ ...status, phase: "Ready", observedGeneration: generation }));
    await context.event(
        mirror,
        "Normal",
        "ReconcileSucceeded",
        `successfully configured CephRBDMirror "${namespace}/${name}"`,
    );
    context.log(`CephRBDMirror ${namespace}/${name}: ready`);
    return undefined;
}
