/** What a volume handle says: where the image lies. */
export interface VolumeHandle {
    readonly clusterId: string;
    readonly poolId: number;
    /** Uuid part of the image's name. */
    readonly uuid: string;
}

/** The longest handle that ceph-csi makes. */
const MAX_LENGTH = 128;
/** Length of everything but the cluster id: version, length, pool, uuid and the dashes between them. */
const FIXED_LENGTH = 64;
const UUID_LENGTH = 36;

/** A handle that does not parse. The texts are ceph-csi's. */
export class BadHandleError extends Error {}

/**
 * Composes a volume handle, `0001-<length of clusterID, 4 hex>-<clusterID>-<poolID, 16 hex>-<uuid>`: the same on both
 * sites, as a restored PV carries it over.
 * @throws BadHandleError when the cluster id is too long or the uuid is not one
 */
export function formatHandle({ clusterId, poolId, uuid }: VolumeHandle): string {
    if (FIXED_LENGTH + clusterId.length > MAX_LENGTH) throw new BadHandleError("CSI ID encoding length overflow");
    if (uuid.length !== UUID_LENGTH) throw new BadHandleError("CSI ID invalid object uuid");
    const hex = (value: number, width: number) => value.toString(16).padStart(width, "0");
    return ["0001", hex(clusterId.length, 4), clusterId, hex(poolId, 16), uuid].join("-");
}

/**
 * Takes a volume handle apart.
 * @throws BadHandleError when it is not one
 */
export function parseHandle(handle: string): VolumeHandle {
    const underflow = () => new BadHandleError("failed to decode CSI identifier, string underflow");
    if (handle.length < FIXED_LENGTH) throw underflow();
    parseHex(handle.slice(0, 4));
    const clusterLength = parseHex(handle.slice(5, 9));
    if (handle.length < 10 + clusterLength + 1 + 17) throw underflow();
    const clusterId = handle.slice(10, 10 + clusterLength);
    const poolStart = 10 + clusterLength + 1;
    const poolId = parseHex(handle.slice(poolStart, poolStart + 16));
    const uuid = handle.slice(poolStart + 17);
    if (uuid.length !== UUID_LENGTH) {
        throw new BadHandleError("failed to decode CSI identifier, string size mismatch");
    }
    return { clusterId, poolId, uuid };
}

function parseHex(text: string): number {
    const bad = /[^0-9a-fA-F]/.exec(text);
    if (bad) throw new BadHandleError(`encoding/hex: invalid byte: ${JSON.stringify(bad[0])}`);
    return Number.parseInt(text, 16);
}
