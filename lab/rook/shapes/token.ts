/** Bootstrap tokens for mirroring peers, as Rook hands them round: base64 of JSON. */
import type { V1Secret } from "@kubernetes/client-node";
import { ROOK_SECRET_TYPE, ownerReference, type CephBlockPool } from "../types.js";
import { peerTokenSecretName } from "./pool.js";

/** Content of a token. */
export interface PeerToken {
    readonly fsid: string;
    /** Without `client.`. */
    readonly client_id: string;
    readonly key: string;
    readonly mon_host: string;
    /** Namespace of the CephCluster, which is also its clusterID; Rook adds it to what rbd writes. */
    readonly namespace: string;
}

/**
 * Reads a token.
 * @throws without showing any of it: it holds a key
 */
export function decodeToken(token: string): PeerToken {
    let value: Partial<PeerToken>;
    try {
        value = JSON.parse(Buffer.from(token, "base64").toString("utf8")) as Partial<PeerToken>;
    } catch {
        throw new Error("failed to decode bootstrap peer token: it is not base64 of JSON");
    }
    const { fsid, client_id, key, mon_host, namespace = "" } = value;
    if (!fsid || !client_id || !key || !mon_host) {
        throw new Error("failed to decode bootstrap peer token: fsid, client_id, key or mon_host is missing");
    }
    return { fsid, client_id, key, mon_host, namespace };
}

/** The token that `rbd mirror pool peer bootstrap create` wrote, with the namespace added. */
export function expandToken(token: string, namespace: string): string {
    return Buffer.from(JSON.stringify({ ...decodeToken(token), namespace })).toString("base64");
}

/** Secret that holds a pool's token, owned by the pool. */
export function peerTokenSecret(pool: CephBlockPool, token: string): V1Secret {
    return {
        apiVersion: "v1",
        kind: "Secret",
        type: ROOK_SECRET_TYPE,
        metadata: {
            name: peerTokenSecretName(pool.metadata.name),
            namespace: pool.metadata.namespace,
            ownerReferences: [ownerReference(pool)],
        },
        data: {
            token: Buffer.from(token).toString("base64"),
            pool: Buffer.from(pool.metadata.name).toString("base64"),
        },
    };
}

/** A peer's token and direction as a user's Secret gives them. @throws when there is no token in it */
export function peerSecretContent(secret: V1Secret): { token: string; direction?: string } {
    const value = (key: string) => Buffer.from(secret.data?.[key] ?? "", "base64").toString("utf8");
    if (Object.keys(secret.data ?? {}).length === 0) throw new Error("failed to lookup 'data' secret field (empty)");
    if (value("token") === "") {
        throw new Error('failed to lookup "token" key in secret bootstrap peer (missing or empty)');
    }
    return { token: value("token"), ...(value("direction") ? { direction: value("direction") } : {}) };
}
