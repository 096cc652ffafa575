/** Kubernetes objects that the bench makes. */
import { appOf, type BenchVolume } from "./volumes.js";

export function namespace(name: string): object {
    return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** The application of a written volume, the same on both sites; it begins without a replica. */
export function application(volume: BenchVolume): object {
    const labels = { "app.kubernetes.io/name": appOf(volume) };
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: appOf(volume), namespace: volume.namespace, labels },
        spec: {
            replicas: 0,
            // A ReadWriteOnce volume cannot follow a rolling update.
            strategy: { type: "Recreate" },
            selector: { matchLabels: labels },
            template: {
                metadata: { labels },
                spec: {
                    terminationGracePeriodSeconds: 5,
                    containers: [
                        {
                            name: "writer",
                            image: "busybox:1.36",
                            command: ["sh", "-c", "while date >> /data/log && sync; do sleep 1; done"],
                            volumeMounts: [{ name: "data", mountPath: "/data" }],
                        },
                    ],
                    volumes: [{ name: "data", persistentVolumeClaim: { claimName: volume.name } }],
                },
            },
        },
    };
}

export function claim(volume: BenchVolume, storageClass: string): object {
    return {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: volume.name, namespace: volume.namespace },
        spec: {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: volume.size } },
            storageClassName: storageClass,
        },
    };
}

export function replication(volume: BenchVolume, replicationClass: string): object {
    return {
        apiVersion: "replication.storage.openshift.io/v1alpha1",
        kind: "VolumeReplication",
        metadata: { name: volume.name, namespace: volume.namespace },
        spec: {
            volumeReplicationClass: replicationClass,
            replicationState: "primary",
            autoResync: false,
            dataSource: { apiGroup: "", kind: "PersistentVolumeClaim", name: volume.name },
        },
    };
}
