import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A cephx user whose key lies in a file for the time of one call. */
export interface Credentials {
    readonly user: string;
    /** Path of the key file (0600, in a folder of its own with 0700): keys never stand in an argument list. */
    readonly keyFile: string;
}

/**
 * Runs `work` with the credentials of a request's secrets; the key file is removed afterwards.
 * @param secrets `userID` and `userKey`, as in Rook's secrets `rook-csi-rbd-*`
 * @param dir private folder of the driver
 * @throws Error with ceph-csi's text when a secret is missing
 */
export async function withCredentials<T>(
    secrets: Readonly<Record<string, string>> | undefined,
    dir: string,
    work: (credentials: Credentials) => Promise<T>,
): Promise<T> {
    if (!secrets || Object.keys(secrets).length === 0) throw new SecretError("provided secret is empty");
    const user = secrets["userID"];
    if (user === undefined) throw new SecretError("missing ID field 'userID' in secrets");
    const key = secrets["userKey"];
    if (!key) throw new SecretError("missing key field 'userKey' in secrets");
    const folder = await mkdtemp(join(dir, "key-"));
    try {
        const keyFile = join(folder, "key");
        await writeFile(keyFile, key, { mode: 0o600 });
        return await work({ user, keyFile });
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

/** A request without usable secrets. The text never holds a secret's value. */
export class SecretError extends Error {}
