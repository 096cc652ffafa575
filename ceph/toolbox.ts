/** The toolbox: a pod in which `ceph` and `rbd` work. Pure. */

/** Name of the Deployment and value of its `app` label, as in Rook's toolbox.yaml: `kubectl rook-ceph` looks for it too. */
export const TOOLBOX = "rook-ceph-tools";

/** Writes ceph.conf and a keyring from what Rook keeps in the namespace, and again whenever the monitors change. */
const SCRIPT = `set -eu
printf '[%s]\\nkey = %s\\n' "$CEPH_USERNAME" "$(cat /var/lib/rook-ceph-mon/secret.keyring)" > /etc/ceph/keyring
last=
while true; do
    now=$(cat /etc/rook/mon-endpoints)
    if [ "$now" != "$last" ]; then
        hosts=$(printf '%s' "$now" | sed 's/[a-z0-9_-]*=//g')
        printf '[global]\\nmon_host = %s\\n[client.admin]\\nkeyring = /etc/ceph/keyring\\n' "$hosts" > /etc/ceph/ceph.conf
        last=$now
    fi
    sleep 10
done
`;

/**
 * Spec of the Deployment.
 *
 * @param image Ceph's image, the cluster's own
 * @param hostNetwork whether Ceph's daemons use the nodes' addresses
 */
export function toolboxSpec(image: string, hostNetwork: boolean) {
    const labels = { app: TOOLBOX };
    return {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
            metadata: { labels },
            spec: {
                hostNetwork,
                dnsPolicy: hostNetwork ? "ClusterFirstWithHostNet" : "ClusterFirst",
                automountServiceAccountToken: false,
                containers: [
                    {
                        name: TOOLBOX,
                        image,
                        command: ["/bin/bash", "-c", SCRIPT],
                        securityContext: {
                            runAsNonRoot: true,
                            runAsUser: 2016,
                            runAsGroup: 2016,
                            capabilities: { drop: ["ALL"] },
                        },
                        env: [
                            {
                                name: "CEPH_USERNAME",
                                valueFrom: { secretKeyRef: { name: "rook-ceph-mon", key: "ceph-username" } },
                            },
                        ],
                        volumeMounts: [
                            { name: "ceph-config", mountPath: "/etc/ceph" },
                            { name: "mon-endpoints", mountPath: "/etc/rook" },
                            { name: "admin-key", mountPath: "/var/lib/rook-ceph-mon", readOnly: true },
                        ],
                    },
                ],
                volumes: [
                    {
                        name: "admin-key",
                        secret: {
                            secretName: "rook-ceph-mon",
                            items: [{ key: "ceph-secret", path: "secret.keyring" }],
                        },
                    },
                    {
                        name: "mon-endpoints",
                        configMap: { name: "rook-ceph-mon-endpoints", items: [{ key: "data", path: "mon-endpoints" }] },
                    },
                    { name: "ceph-config", emptyDir: {} },
                ],
            },
        },
    };
}
