/** Status of a CephBlockPool, field by field as the operator of Rook 1.17.9 writes it. */
import type {
    CephBlockPool,
    CephBlockPoolStatus,
    MirrorPeer,
    MirroringInfo,
    MirroringStatus,
    RookCondition,
    SnapshotScheduleStatus,
} from "../types.js";
import { withCondition } from "./conditions.js";

/** Name of the Secret that holds a pool's bootstrap token for its peers. */
export function peerTokenSecretName(pool: string): string {
    return `pool-peer-token-${pool}`;
}

/** Name of the pool in Ceph. */
export function poolName(pool: CephBlockPool): string {
    return pool.spec.name ?? pool.metadata.name;
}

/** `status.info`: the name of the bootstrap Secret is there once the pool is Ready. */
export function poolInfo(pool: CephBlockPool, phase: string): Record<string, string> {
    const mirrored = phase === "Ready" && pool.spec.mirroring?.enabled === true;
    return {
        failureDomain: pool.spec.failureDomain || "host",
        ...(mirrored ? { rbdMirrorBootstrapPeerSecretName: peerTokenSecretName(pool.metadata.name) } : {}),
        type: (pool.spec.replicated?.size ?? 0) > 0 ? "Replicated" : "Erasure Coded",
    };
}

/** Status of a pool in a phase. @param done the generation that was reconciled and the pool's id, once they are known */
export function poolStatus(
    pool: CephBlockPool,
    phase: "Progressing" | "Failure" | "Ready",
    done: { observedGeneration?: number; poolID?: number } = {},
): CephBlockPoolStatus {
    return { ...pool.status, phase, info: poolInfo(pool, phase), ...done };
}

/** What one look at a pool's mirroring found. */
export interface MirroringReport {
    /** `rbd mirror pool info` */
    readonly info: { readonly mode: string; readonly site_name?: string; readonly peers?: readonly MirrorPeer[] };
    /** `summary` of `rbd mirror pool status` */
    readonly summary: Readonly<Record<string, unknown>>;
    /** `rbd mirror snapshot schedule ls --recursive`; empty when the pool asks for no schedule of its own */
    readonly schedules: readonly unknown[];
}

/** Status after a look at the mirroring. Rook's `lastChanged` is, in truth, when it last looked before. */
export function withMirroring(status: CephBlockPoolStatus, report: MirroringReport, now: string): CephBlockPoolStatus {
    const { mode, site_name, peers = [] } = report.info;
    const mirroringInfo: MirroringInfo = {
        lastChecked: now,
        ...since(status.mirroringInfo?.lastChecked),
        mode,
        ...(site_name ? { site_name } : {}),
        ...(peers.length > 0 ? { peers: peers.map(peerOf) } : {}),
    };
    const mirroringStatus: MirroringStatus = {
        lastChecked: now,
        ...since(status.mirroringStatus?.lastChanged),
        summary: {
            ...report.summary,
            states: report.summary["states"] ?? {},
            group_states: report.summary["group_states"] ?? {},
        },
    };
    const snapshotScheduleStatus: SnapshotScheduleStatus =
        report.schedules.length > 0
            ? {
                  lastChecked: now,
                  ...since(status.snapshotScheduleStatus?.lastChecked),
                  snapshotSchedules: report.schedules,
              }
            : {};
    return { ...status, mirroringInfo, mirroringStatus, snapshotScheduleStatus };
}

/** Status after a look that failed: what was known is gone, the error says why. */
export function withMirroringError(status: CephBlockPoolStatus, error: string): CephBlockPoolStatus {
    return {
        ...status,
        mirroringInfo: { ...since(status.mirroringInfo?.lastChecked), details: error },
        mirroringStatus: { ...since(status.mirroringStatus?.lastChanged), details: error },
        snapshotScheduleStatus: { ...since(status.snapshotScheduleStatus?.lastChecked), details: error },
    };
}

/** Status of a pool whose mirroring is not looked at (any more). */
export function withoutMirroring(status: CephBlockPoolStatus): CephBlockPoolStatus {
    const { mirroringInfo, mirroringStatus, snapshotScheduleStatus, ...rest } = status;
    if (!mirroringInfo && !mirroringStatus && !snapshotScheduleStatus) return status;
    return { ...rest, mirroringInfo: {}, mirroringStatus: {}, snapshotScheduleStatus: {} };
}

function since(time: string | undefined): { lastChanged?: string } {
    return time ? { lastChanged: time } : {};
}

function peerOf(peer: MirrorPeer): MirrorPeer {
    const { uuid, direction, site_name, mirror_uuid, client_name } = peer;
    return {
        ...(client_name ? { client_name } : {}),
        ...(direction ? { direction } : {}),
        ...(mirror_uuid ? { mirror_uuid } : {}),
        ...(site_name ? { site_name } : {}),
        ...(uuid ? { uuid } : {}),
    };
}

/** Conditions of a pool that is being deleted. @param empty whether no image and no trash is left in it */
export function deletionConditions(
    pool: CephBlockPool,
    empty: boolean,
    present: boolean,
    now: string,
): readonly RookCondition[] {
    const name = poolName(pool);
    const message = !present
        ? `pool "${name}" is not found in cluster`
        : empty
          ? `pool "${name}" is empty and can be deleted`
          : `pool "${name}" contains images or snapshots and cannot be deleted`;
    const blocked = present && !empty;
    const conditions = withCondition(
        pool.status?.conditions ?? [],
        {
            type: "PoolDeletionIsBlocked",
            status: blocked ? "True" : "False",
            reason: blocked ? "PoolNotEmpty" : "PoolEmpty",
            message,
        },
        now,
    );
    return withCondition(
        conditions,
        {
            type: "DeletionIsBlocked",
            status: "False",
            reason: "ObjectHasNoDependents",
            message: `CephBlockPool "${pool.metadata.namespace}/${pool.metadata.name}" has no dependent custom resources blocking deletion`,
        },
        now,
    );
}
