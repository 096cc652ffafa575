/** What a CephBlockPool means in Ceph: the commands, in the order in which Rook gives them. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { writePrivate } from "../../../host/files.js";
import { CephCli, CephError } from "../ceph-cli.js";
import type { PeerToken } from "../shapes/token.js";
import { poolName, type MirroringReport } from "../shapes/pool.js";
import type { CephBlockPool, SnapshotSchedule } from "../types.js";

const ENOENT = 2;

interface PoolDetails {
    readonly pool_id: number;
    readonly size: number;
}

/** Id and size of a pool; undefined when there is none of that name. */
export async function poolDetails(ceph: CephCli, name: string): Promise<PoolDetails | undefined> {
    try {
        return await ceph.cephJson<PoolDetails>("osd", "pool", "get", name, "all");
    } catch (error) {
        if (error instanceof CephError && error.exitCode === ENOENT) return undefined;
        throw error;
    }
}

/** Creates the pool and initialises it for RBD, or brings its size and parameters in line. @returns its id */
export async function ensurePool(ceph: CephCli, pool: CephBlockPool): Promise<number> {
    const name = poolName(pool);
    const size = pool.spec.replicated?.size;
    if (!size)
        throw new Error(`the lab's stand-in for Rook makes replicated pools only: set spec.replicated.size of ${name}`);
    const { crushRoot = "default", failureDomain = "host", deviceClass } = pool.spec;
    const rule = ["osd", "crush", "rule", "create-replicated", name, crushRoot || "default", failureDomain || "host"];
    await ceph.ceph(...rule, ...(deviceClass ? [deviceClass] : []));
    let details = await poolDetails(ceph, name);
    if (!details) {
        await ceph.ceph("osd", "pool", "create", name, "0", "replicated", name, "--size", String(size));
        details = await poolDetails(ceph, name);
    } else if (details.size !== size) {
        const sure = size === 1 ? ["--yes-i-really-mean-it"] : [];
        await ceph.ceph("osd", "pool", "set", name, "size", String(size), ...sure);
    }
    if (!details) throw new Error(`pool ${name} is missing right after it was created`);
    for (const [property, value] of Object.entries(pool.spec.parameters ?? {})) {
        await ceph.ceph("osd", "pool", "set", name, property, value);
    }
    await ceph.rbd("pool", "init", name);
    return details.pool_id;
}

/** Turns mirroring on in the wanted mode and replaces the pool's snapshot schedules. */
export async function ensureMirroring(ceph: CephCli, pool: CephBlockPool): Promise<void> {
    const name = poolName(pool);
    const { mode = "", snapshotSchedules = [] } = pool.spec.mirroring ?? {};
    if (mode !== "image" && mode !== "pool") {
        throw new Error(`mirroring mode "${mode}" of pool ${name} needs a newer Ceph: use image or pool`);
    }
    const info = await mirrorInfo(ceph, name);
    if (info.mode !== mode) await ceph.rbd("mirror", "pool", "enable", name, mode);
    // As with Rook, an empty list leaves the schedules that are there; anything else replaces them all.
    if (snapshotSchedules.length === 0) return;
    const schedule = ["mirror", "snapshot", "schedule"];
    const flags = (entry: SnapshotSchedule) => [
        ...["--pool", name, entry.interval],
        ...(entry.startTime ? [entry.startTime] : []),
    ];
    const present = await schedules<{ interval: string; start_time?: string }>(ceph, "--pool", name);
    const before = present.map(({ interval, start_time }) => ({ interval, startTime: start_time }));
    if (sameSchedules(before, snapshotSchedules)) return;
    for (const entry of before) await ceph.rbd(...schedule, "remove", ...flags(entry));
    for (const entry of snapshotSchedules) await ceph.rbd(...schedule, "add", ...flags(entry));
}

/** Schedules as rbd lists them; where there are none at all, it answers ENOENT. */
async function schedules<T = unknown>(ceph: CephCli, ...where: string[]): Promise<T[]> {
    try {
        return await ceph.rbdJson<T[]>("mirror", "snapshot", "schedule", "ls", ...where);
    } catch (error) {
        if (error instanceof CephError && error.exitCode === ENOENT) return [];
        throw error;
    }
}

function sameSchedules(before: readonly SnapshotSchedule[], wanted: readonly SnapshotSchedule[]): boolean {
    const keys = (entries: readonly SnapshotSchedule[]) =>
        entries.map(({ interval, startTime }) => `${interval} ${startTime ?? ""}`).sort();
    return JSON.stringify(keys(before)) === JSON.stringify(keys(wanted));
}

/** `rbd mirror pool info` */
export async function mirrorInfo(ceph: CephCli, name: string): Promise<MirroringReport["info"]> {
    return await ceph.rbdJson<MirroringReport["info"]>("mirror", "pool", "info", name);
}

/** All that the status says of a pool's mirroring. */
export async function mirroringReport(ceph: CephCli, pool: CephBlockPool): Promise<MirroringReport> {
    const name = poolName(pool);
    const status = await ceph.rbdJson<{ summary: Record<string, unknown> }>("mirror", "pool", "status", name);
    const scheduled = (pool.spec.mirroring?.snapshotSchedules ?? []).length > 0;
    return {
        info: await mirrorInfo(ceph, name),
        summary: status.summary,
        schedules: scheduled ? await schedules(ceph, "--pool", name, "--recursive") : [],
    };
}

/** A token by which a peer may mirror this pool. */
export async function createToken(ceph: CephCli, name: string): Promise<string> {
    return (await ceph.rbd("mirror", "pool", "peer", "bootstrap", "create", name)).trim();
}

/** Makes a peer of the cluster that wrote the token; one that is known already is fine. */
export async function importToken(
    ceph: CephCli,
    workDir: string,
    name: string,
    peer: { token: string; direction?: string },
): Promise<void> {
    const file = join(workDir, `rbd-mirror-token-${name}`);
    writePrivate(file, peer.token);
    try {
        const direction = peer.direction ? ["--direction", peer.direction] : [];
        await ceph.rbd("mirror", "pool", "peer", "bootstrap", "import", name, file, ...direction);
    } finally {
        await rm(file, { force: true });
    }
}

/** Id that a pool has on the peer, asked with the peer's own token. */
export async function peerPoolId(workDir: string, token: PeerToken, name: string): Promise<number> {
    const peer = new CephCli(join(workDir, "peer", token.fsid), {
        namespace: token.namespace,
        fsid: token.fsid,
        user: `client.${token.client_id}`,
        key: token.key,
        monHost: token.mon_host,
    });
    const details = await poolDetails(peer, name);
    if (!details) throw new Error(`failed to get pool details from peer cluster ${token.fsid}: no pool ${name} there`);
    return details.pool_id;
}

/** Turns mirroring off, peers included. @throws while images are mirrored: disabling it would delete the copies */
export async function disableMirroring(ceph: CephCli, name: string): Promise<boolean> {
    const info = await mirrorInfo(ceph, name);
    if (info.mode === "disabled") return false;
    if (info.mode === "image") {
        const status = await ceph.rbdJson<{ images?: unknown[] }>("mirror", "pool", "status", "--verbose", name);
        if ((status.images ?? []).length > 0) {
            throw new Error(`there are images in the pool "${name}". Please manually disable mirroring for each image`);
        }
    }
    for (const { uuid } of info.peers ?? []) {
        if (uuid) await ceph.rbd("mirror", "pool", "peer", "remove", name, uuid);
    }
    await ceph.rbd("mirror", "pool", "disable", name);
    return true;
}

/** Whether no image and no trash is left in a pool. */
export async function poolIsEmpty(ceph: CephCli, name: string): Promise<boolean> {
    const images = await ceph.rbdJson<unknown[]>("ls", name);
    const trash = await ceph.rbdJson<unknown[]>("trash", "ls", name);
    return images.length === 0 && trash.length === 0;
}

/** Deletes an empty pool and its CRUSH rule. */
export async function deletePool(ceph: CephCli, name: string): Promise<void> {
    try {
        await ceph.ceph("osd", "pool", "delete", name, name, "--yes-i-really-really-mean-it");
    } catch (error) {
        if (!(error instanceof CephError) || error.exitCode !== 1) throw error;
        throw new Error(
            `${error.message}. The external cluster does not allow pools to be deleted: ` +
                "`ceph config set mon mon_allow_pool_delete true` allows it",
            { cause: error },
        );
    }
    // The rule may be in use by another pool.
    await ceph.ceph("osd", "crush", "rule", "rm", name).catch(() => undefined);
}
