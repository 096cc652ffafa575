/**
 * A volume's handle holds the id of its pool; where the sites' pools have different ids, the driver must be told which is
 * which (facts b.6). Pure.
 */

/** Which pool id here is which there. */
export interface PoolMapping {
    readonly local: number;
    readonly remote: number;
}

/** What is known of the pools' ids, and who sees to their mapping. */
export interface PoolIds {
    /** Id of the pool on this site; undefined while there is none, or it cannot be seen. */
    readonly local?: number;
    /** The peer's. */
    readonly remote?: number;
    /** Whether the ceph-csi operator runs the driver: Rook then writes no mapping (up to 1.20 at least). */
    readonly csiOperator: boolean;
}

/**
 * The mapping that this program has to write; undefined when there is none to write: the ids are the same, not both known
 * yet, or Rook sees to it (`rook-ceph-csi-mapping-config`, for the driver that Rook runs itself).
 */
export function poolMapping({ local, remote, csiOperator }: PoolIds): PoolMapping | undefined {
    if (!csiOperator || local === undefined || remote === undefined || local === remote) return undefined;
    return { local, remote };
}
