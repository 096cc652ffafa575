/** The ConfigMaps that Rook keeps for ceph-csi, and the CSI objects that do not change. */
import type { V1CSIDriver, V1ConfigMap, V1Secret } from "@kubernetes/client-node";
import { ROOK_SECRET_TYPE, ownerReference, type CephCluster } from "../types.js";
import type { Connection } from "./cluster.js";

export const CSI_CONFIG = "rook-ceph-csi-config";
export const CSI_CONFIG_KEY = "csi-cluster-config-json";
export const CSI_MAPPING = "rook-ceph-csi-mapping-config";
export const CSI_MAPPING_KEY = "csi-mapping-config-json";
export const RBD_DRIVER = "rook-ceph.rbd.csi.ceph.com";

interface ClusterEntry {
    readonly clusterID: string;
    readonly monitors: readonly string[];
    readonly namespace: string;
    readonly [other: string]: unknown;
}

/** ceph-csi's list of clusters with this one's entry set; the entries of other clusters stay. */
export function withCluster(json: string | undefined, connection: Connection): string {
    const entries = JSON.parse(json || "[]") as ClusterEntry[];
    const own = { clusterID: connection.namespace, monitors: connection.monitors, namespace: connection.namespace };
    const index = entries.findIndex((entry) => entry.clusterID === own.clusterID);
    const known = entries[index];
    if (known) entries[index] = { ...known, ...own };
    else
        entries.push({
            ...own,
            cephFS: {},
            rbd: {},
            nfs: {},
            readAffinity: { enabled: false, crushLocationLabels: [] },
        } as ClusterEntry);
    return JSON.stringify(entries);
}

/** How one pair of clusters name the same things: the peer's name first. */
interface PeerMapping {
    readonly ClusterIDMapping: Record<string, string>;
    readonly RBDPoolIDMapping: Record<string, string>[];
}

/** One mirrored pool as both clusters know it. */
export interface PoolPair {
    readonly peerNamespace: string;
    readonly namespace: string;
    readonly peerPoolID: number;
    readonly poolID: number;
}

/** ceph-csi's mapping of cluster and pool ids with one pool's pair set (pkg/operator/ceph/csi/peermap/config.go). */
export function withPoolPair(json: string | undefined, pair: PoolPair): string {
    const mappings = JSON.parse(json || "[]") as PeerMapping[];
    let mapping = mappings.find(
        ({ ClusterIDMapping: ids }) => Object.keys(ids).length === 1 && ids[pair.peerNamespace] === pair.namespace,
    );
    if (!mapping) {
        mapping = { ClusterIDMapping: { [pair.peerNamespace]: pair.namespace }, RBDPoolIDMapping: [] };
        mappings.push(mapping);
    }
    const key = String(pair.peerPoolID);
    const known = mapping.RBDPoolIDMapping.find((entry) => key in entry);
    if (known) known[key] = String(pair.poolID);
    else mapping.RBDPoolIDMapping.push({ [key]: String(pair.poolID) });
    return JSON.stringify(mappings);
}

/** A ConfigMap with one key. */
export function configMap(namespace: string, name: string, key: string, value: string): V1ConfigMap {
    return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { [key]: value } };
}

/** cephx users of ceph-csi's RBD driver, with the capabilities that Rook gives them. */
export const CSI_USERS = [
    {
        secret: "rook-csi-rbd-provisioner",
        id: "csi-rbd-provisioner",
        caps: ["mon", "profile rbd, allow command 'osd blocklist'", "mgr", "allow rw", "osd", "profile rbd"],
    },
    {
        secret: "rook-csi-rbd-node",
        id: "csi-rbd-node",
        caps: ["mon", "profile rbd", "mgr", "allow rw", "osd", "profile rbd"],
    },
] as const;

/** Secret with the user and the key of one of ceph-csi's users. */
export function csiSecret(cluster: CephCluster, name: string, id: string, key: string): V1Secret {
    return {
        apiVersion: "v1",
        kind: "Secret",
        type: ROOK_SECRET_TYPE,
        metadata: { name, namespace: cluster.metadata.namespace, ownerReferences: [ownerReference(cluster)] },
        data: { userID: Buffer.from(id).toString("base64"), userKey: Buffer.from(key).toString("base64") },
    };
}

/** The CSIDriver object of Rook's RBD driver. */
export function csiDriver(): V1CSIDriver {
    return {
        apiVersion: "storage.k8s.io/v1",
        kind: "CSIDriver",
        metadata: { name: RBD_DRIVER },
        spec: { attachRequired: true, podInfoOnMount: false, fsGroupPolicy: "File" },
    };
}
