/** A cephx user. */
export interface Credentials {
    readonly user: string;
    /** Never logged, never in an argument list. */
    readonly key: string;
}

/**
 * The cephx user of a request's secrets.
 * @param secrets `userID` and `userKey`, as in Rook's secrets `rook-csi-rbd-*`
 * @throws SecretError with ceph-csi's text when a secret is missing
 */
export function readCredentials(secrets: Readonly<Record<string, string>> | undefined): Credentials {
    if (!secrets || Object.keys(secrets).length === 0) throw new SecretError("provided secret is empty");
    const user = secrets["userID"];
    if (user === undefined) throw new SecretError("missing ID field 'userID' in secrets");
    const key = secrets["userKey"];
    if (!key) throw new SecretError("missing key field 'userKey' in secrets");
    return { user, key };
}

/** A request without usable secrets. The text never holds a secret's value. */
export class SecretError extends Error {}
