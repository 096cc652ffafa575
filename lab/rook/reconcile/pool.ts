/** CephBlockPool: the pool, its mirroring, its token for peers, and the peers it was given (pkg/operator/ceph/pool). */
import { describeError } from "../../api/client.js";
import { CephCli } from "../ceph-cli.js";
import { finalizerOf, timestamp, type Context } from "../context.js";
import { CSI_MAPPING, CSI_MAPPING_KEY, configMap, withPoolPair } from "../shapes/csi-config.js";
import { parseDuration } from "../shapes/duration.js";
import {
    deletionConditions,
    poolName,
    poolStatus,
    withMirroring,
    withMirroringError,
    withoutMirroring,
} from "../shapes/pool.js";
import { decodeToken, expandToken, peerSecretContent, peerTokenSecret } from "../shapes/token.js";
import type { CephBlockPool } from "../types.js";
import type { Outcome } from "../work-queue.js";
import {
    createToken,
    deletePool,
    disableMirroring,
    ensureMirroring,
    ensurePool,
    importToken,
    mirroringReport,
    peerPoolId,
    poolDetails,
    poolIsEmpty,
} from "./pool-ceph.js";

const NOT_READY_MS = 10_000;
const BLOCKED_RETRY_MS = 10_000;

/** Brings Ceph in line with a pool, and its status in line with Ceph. */
export async function reconcilePool(context: Context, pool: CephBlockPool): Promise<Outcome> {
    const { namespace, name } = pool.metadata;
    try {
        const outcome = await reconcile(context, pool);
        if (outcome) return outcome;
        await context.event(
            pool,
            "Normal",
            "ReconcileSucceeded",
            `successfully configured CephBlockPool "${namespace}/${name}"`,
        );
        return undefined;
    } catch (error) {
        const message = `failed to reconcile CephBlockPool "${namespace}/${name}". ${describeError(error)}`;
        await context.event(pool, "Warning", "ReconcileFailed", message);
        throw error;
    }
}

async function reconcile(context: Context, pool: CephBlockPool): Promise<Outcome> {
    const { namespace, name, generation, deletionTimestamp } = pool.metadata;
    const inUse = pool.metadata.finalizers?.includes(finalizerOf("CephBlockPool"));
    if (deletionTimestamp && !inUse) return undefined;
    if (!deletionTimestamp && (await context.addFinalizer(pool))) return undefined;
    if (!pool.status && !deletionTimestamp) {
        await context.updateStatus(pool, (fresh) => poolStatus(fresh, "Progressing"));
    }
    if (!context.readyCluster(namespace)) {
        const gone = !context.stores.clusters.list().some((cluster) => cluster.metadata.namespace === namespace);
        if (deletionTimestamp && gone) {
            await context.removeFinalizer(pool);
            return undefined;
        }
        return { afterMs: NOT_READY_MS };
    }
    const ceph = await context.ceph(namespace);
    if (!(ceph instanceof CephCli)) throw new Error(`failed to populate cluster info: ${ceph} is missing`);
    if (deletionTimestamp) return await removePool(context, pool, ceph);

    const mirrored = pool.spec.mirroring?.enabled === true;
    const poolID = await orFailure(context, pool, `failed to create pool "${name}"`, async () => {
        const id = await ensurePool(ceph, pool);
        if (mirrored) await ensureMirroring(ceph, pool);
        return id;
    });
    if (mirrored) {
        await orFailure(context, pool, `failed to create rbd-mirror bootstrap peer for pool "${name}"`, async () => {
            const token = expandToken(await createToken(ceph, poolName(pool)), namespace);
            await context.apply(peerTokenSecret(pool, token));
        });
        await addPeers(context, pool, ceph, poolID);
    } else {
        // As with Rook, a pool whose mirroring cannot be turned off yet is Ready all the same.
        await disableMirroring(ceph, poolName(pool)).catch((error: unknown) =>
            context.log(`failed to disable mirroring on pool "${name}": ${describeError(error)}`),
        );
    }
    await context.updateStatus(pool, (fresh) => {
        const status = poolStatus(fresh, "Ready", { observedGeneration: generation, poolID });
        return mirrored && !pool.spec.statusCheck?.mirror?.disabled ? status : withoutMirroring(status);
    });
    context.log(`CephBlockPool ${namespace}/${name}: ready${mirrored ? ", mirrored" : ""}`);
    return undefined;
}

/** Runs a step whose failure is a phase of its own. */
async function orFailure<T>(context: Context, pool: CephBlockPool, what: string, step: () => Promise<T>): Promise<T> {
    try {
        return await step();
    } catch (error) {
        await context.updateStatus(pool, (fresh) => poolStatus(fresh, "Failure"));
        throw new Error(`${what}: ${describeError(error)}`, { cause: error });
    }
}

/** Imports the peers' tokens and notes how ids map between the clusters; a failure leaves the phase as it was. */
async function addPeers(context: Context, pool: CephBlockPool, ceph: CephCli, poolID: number): Promise<void> {
    const { namespace } = pool.metadata;
    for (const secretName of pool.spec.mirroring?.peers?.secretNames ?? []) {
        const secret = await context.secret(namespace, secretName);
        if (!secret) {
            throw new Error(
                `failed to add ceph rbd mirror peer: failed to fetch kubernetes secret "${secretName}" bootstrap peer: not found`,
            );
        }
        const peer = peerSecretContent(secret);
        const token = decodeToken(peer.token);
        try {
            await importToken(ceph, context.workDir, poolName(pool), peer);
        } catch (error) {
            const why = describeError(error);
            throw new Error(`failed to add ceph rbd mirror peer: failed to import bootstrap peer token: ${why}`, {
                cause: error,
            });
        }
        const peerPoolID = await peerPoolId(context.workDir, token, poolName(pool));
        const seen = await context.configMap(context.operatorNamespace, CSI_MAPPING);
        const pair = { peerNamespace: token.namespace, namespace, peerPoolID, poolID };
        const value = withPoolPair(seen?.data?.[CSI_MAPPING_KEY], pair);
        await context.apply(configMap(context.operatorNamespace, CSI_MAPPING, CSI_MAPPING_KEY, value));
    }
}

/** Deletes a pool that holds nothing any more; images in it block, and the status says so. */
async function removePool(context: Context, pool: CephBlockPool, ceph: CephCli): Promise<Outcome> {
    const name = poolName(pool);
    const present = (await poolDetails(ceph, name)) !== undefined;
    const empty = !present || (await poolIsEmpty(ceph, name));
    await context.updateStatus(pool, (fresh) => ({
        ...fresh.status,
        conditions: deletionConditions(fresh, empty, present, timestamp()),
    }));
    if (!empty) {
        const message = `pool "${pool.metadata.name}" cannot be deleted because it is not empty or has dependents`;
        await context.event(pool, "Warning", "ReconcileFailed", `failed to reconcile CephBlockPool. ${message}`);
        context.log(message);
        return { afterMs: BLOCKED_RETRY_MS };
    }
    if (present) await deletePool(ceph, name);
    await context.removeFinalizer(pool);
    context.log(`CephBlockPool ${pool.metadata.namespace}/${pool.metadata.name}: deleted`);
    return undefined;
}

/** Looks at a pool's mirroring and writes it down. @returns the pause to the next look; none when nobody wants it */
export async function checkMirroring(context: Context, pool: CephBlockPool): Promise<Outcome> {
    const { mirroring, statusCheck } = pool.spec;
    // Rook begins to look when a pool has been Ready once.
    if (pool.status?.observedGeneration === undefined) return undefined;
    if (pool.metadata.deletionTimestamp || !mirroring?.enabled || statusCheck?.mirror?.disabled) return undefined;
    const afterMs = parseDuration(statusCheck?.mirror?.interval ?? "60s");
    const ceph = await context.ceph(pool.metadata.namespace);
    if (!(ceph instanceof CephCli)) return { afterMs };
    try {
        const report = await mirroringReport(ceph, pool);
        await context.updateStatus(pool, (fresh) => withMirroring(fresh.status ?? {}, report, timestamp()));
    } catch (error) {
        await context.updateStatus(pool, (fresh) => withMirroringError(fresh.status ?? {}, describeError(error)));
        context.log(`failed to check mirroring status of ${pool.metadata.name}: ${describeError(error)}`);
    }
    return { afterMs };
}
