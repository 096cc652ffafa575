/** Deployment and keyring of the rbd-mirror daemon (pkg/operator/ceph/cluster/rbd of Rook 1.17.9). */
import type { V1Deployment, V1Secret } from "@kubernetes/client-node";
import { ROOK_SECRET_TYPE, ownerReference, type CephRBDMirror } from "../types.js";

/** Rook runs all replicas as daemon "a". */
export const MIRROR_NAME = "rook-ceph-rbd-mirror-a";
export const MIRROR_USER = "client.rbd-mirror.a";
export const MIRROR_CAPS = ["mon", "profile rbd-mirror", "osd", "profile rbd"] as const;
const APP = "rook-ceph-rbd-mirror";

/** Secret with the daemon's keyring. */
export function mirrorKeyring(mirror: CephRBDMirror, key: string): V1Secret {
    const keyring = `
[${MIRROR_USER}]
	key = ${key}
	caps mon = "profile rbd-mirror"
	caps osd = "profile rbd"
`;
    return {
        apiVersion: "v1",
        kind: "Secret",
        type: ROOK_SECRET_TYPE,
        metadata: {
            name: `${MIRROR_NAME}-keyring`,
            namespace: mirror.metadata.namespace,
            ownerReferences: [ownerReference(mirror)],
        },
        data: { keyring: Buffer.from(keyring).toString("base64") },
    };
}

/** @param image Ceph's container image; an external cluster's spec may leave it out */
export function mirrorDeployment(mirror: CephRBDMirror, fsid: string, image: string | undefined): V1Deployment {
    const { name, namespace } = mirror.metadata;
    const labels = {
        app: APP,
        "rbd-mirror": "a",
        ceph_daemon_id: "a",
        ceph_daemon_type: "rbd-mirror",
        rook_cluster: namespace,
        "app.kubernetes.io/component": "cephrbdmirrors.ceph.rook.io",
        "app.kubernetes.io/created-by": "rook-ceph-operator",
        "app.kubernetes.io/instance": "a",
        "app.kubernetes.io/managed-by": "rook-ceph-operator",
        "app.kubernetes.io/name": "ceph-rbd-mirror",
        "app.kubernetes.io/part-of": name,
        "rook.io/operator-namespace": namespace,
    };
    const keyring = `${MIRROR_NAME}-keyring`;
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: MIRROR_NAME, namespace, labels, ownerReferences: [ownerReference(mirror)] },
        spec: {
            replicas: mirror.spec.count ?? 1,
            revisionHistoryLimit: 5,
            selector: { matchLabels: labels },
            template: {
                metadata: { name: MIRROR_NAME, labels },
                spec: {
                    serviceAccountName: "rook-ceph-default",
                    restartPolicy: "Always",
                    containers: [
                        {
                            name: "rbd-mirror",
                            image: image ?? "quay.io/ceph/ceph:v19",
                            command: ["rbd-mirror"],
                            args: [
                                `--fsid=${fsid}`,
                                "--keyring=/etc/ceph/keyring-store/keyring",
                                "--default-log-to-stderr=true",
                                "--default-err-to-stderr=true",
                                "--default-mon-cluster-log-to-stderr=true",
                                "--default-log-to-file=false",
                                "--default-mon-cluster-log-to-file=false",
                                "--mon-host=$(ROOK_CEPH_MON_HOST)",
                                "--mon-initial-members=$(ROOK_CEPH_MON_INITIAL_MEMBERS)",
                                "--id=a",
                                "--setuser=ceph",
                                "--setgroup=ceph",
                                "--foreground",
                                `--name=${MIRROR_USER}`,
                            ],
                            env: [
                                monVariable("ROOK_CEPH_MON_HOST", "mon_host"),
                                monVariable("ROOK_CEPH_MON_INITIAL_MEMBERS", "mon_initial_members"),
                            ],
                            volumeMounts: [{ name: keyring, mountPath: "/etc/ceph/keyring-store/", readOnly: true }],
                        },
                    ],
                    volumes: [{ name: keyring, secret: { secretName: keyring } }],
                },
            },
        },
    };
}

function monVariable(name: string, key: string) {
    return { name, valueFrom: { secretKeyRef: { name: "rook-ceph-config", key, optional: true } } };
}
