/** glibc's texts of the error numbers that Ceph answers with: what ceph-csi shows, and what callers match on. */
const TEXTS: Readonly<Record<number, string>> = {
    1: "Operation not permitted",
    2: "No such file or directory",
    5: "Input/output error",
    11: "Resource temporarily unavailable",
    13: "Permission denied",
    16: "Device or resource busy",
    17: "File exists",
    22: "Invalid argument",
    28: "No space left on device",
    30: "Read-only file system",
    39: "Directory not empty",
    95: "Operation not supported",
    108: "Cannot send after transport endpoint shutdown",
    110: "Connection timed out",
    122: "Disk quota exceeded",
};

/** Error numbers that decide something here. */
export const Errno = { ENOENT: 2, EBUSY: 16, EEXIST: 17 } as const;

/**
 * Text of a Ceph result as ceph-csi prints it, for example `rbd: ret=-16, Device or resource busy`.
 * @param library `rbd` or `rados`
 * @param errno positive error number, which is what the `rbd` program exits with
 */
export function resultText(library: "rbd" | "rados", errno: number): string {
    return `${library}: ret=-${errno}, ${TEXTS[errno] ?? `Unknown error ${errno}`}`;
}
