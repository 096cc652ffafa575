import { Code, RpcError } from "../rpc-error.js";
import type { CapacityRange } from "../requests.js";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Rounds a size up as ceph-csi does: below 1 GiB to whole MiB, from there on to whole GiB. */
export function roundUpBytes(bytes: number): number {
    const unit = bytes < GIB ? MIB : GIB;
    return Math.ceil(bytes / unit) * unit;
}

/** An asked size. */
export interface Size {
    /** Bytes that the volume gets. */
    readonly bytes: number;
    /** Bytes that it must not exceed; undefined when not said. */
    readonly limit?: number;
}

/**
 * Reads an asked size; 1 GiB when nothing is said.
 * @throws RpcError INVALID_ARGUMENT for a negative size or a limit below it, OUT_OF_RANGE when rounding exceeds the limit
 */
export function askedSize(range: CapacityRange | null | undefined): Size {
    const required = Number(range?.required_bytes ?? 0);
    const limit = Number(range?.limit_bytes ?? 0);
    if (required < 0 || limit < 0 || (limit > 0 && required > limit)) {
        throw new RpcError(Code.INVALID_ARGUMENT, `capacity range of ${required} to ${limit} bytes is not possible`);
    }
    const bytes =
        required > 0 ? roundUpBytes(required) : limit > 0 ? Math.min(GIB, Math.floor(limit / MIB) * MIB) : GIB;
    if (bytes <= 0 || (limit > 0 && bytes > limit)) {
        throw new RpcError(Code.OUT_OF_RANGE, `${bytes} bytes, rounded up, exceed the limit of ${limit} bytes`);
    }
    return { bytes, ...(limit > 0 && { limit }) };
}
