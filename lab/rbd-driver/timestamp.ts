/** A moment with nanoseconds, as Ceph stores an image's creation time. */
export interface Timestamp {
    readonly seconds: number;
    readonly nanos: number;
}

/** Image metadata key of the creation time that Demote notes. Keys that start with `.rbd` are not replicated. */
export const CREATION_TIME_KEY = ".rbd.image.creation_time";

/** The key's value, for example `seconds:1692879841 nanos:631526669`. */
export function formatTimestamp({ seconds, nanos }: Timestamp): string {
    return `seconds:${seconds} nanos:${nanos}`;
}

/**
 * Reads the key's value.
 * @throws Error when it is not of that form
 */
export function parseTimestamp(text: string): Timestamp {
    const match = /^\s*[^:\s]*:(-?\d+)\s+[^:\s]*:(\d+)\s*$/.exec(text);
    if (!match) throw new Error(`failed to parse image creation time: ${text}`);
    return { seconds: Number(match[1]), nanos: Number(match[2]) };
}

/**
 * Reads Ceph's encoding of a time: two little-endian 32 bit numbers, seconds and nanoseconds.
 * @throws Error when there are fewer than 8 bytes
 */
export function decodeCephTime(bytes: Uint8Array): Timestamp {
    if (bytes.length < 8) throw new Error(`a Ceph time has 8 bytes, not ${bytes.length}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { seconds: view.getUint32(0, true), nanos: view.getUint32(4, true) };
}

/** True when both are the same moment. */
export function sameTime(a: Timestamp, b: Timestamp): boolean {
    return a.seconds === b.seconds && a.nanos === b.nanos;
}
