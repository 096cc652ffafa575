/** An application as people have them: deployed with kubectl, its storage too, before this program was there. */
import { execa } from "execa";
import { toolPath } from "../../lab/toolchain/index.js";
import type { SiteInfo } from "../../lab/site.js";

/** A claim with a class of its own, made by hand. The class deletes: Rook's examples have it so. */
const STORAGE = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: shop-block }
provisioner: rook-ceph.rbd.csi.ceph.com
reclaimPolicy: Delete
allowVolumeExpansion: true
parameters:
    clusterID: rook-ceph
    pool: replicapool
    imageFormat: "2"
    imageFeatures: layering
    csi.storage.k8s.io/provisioner-secret-name: rook-csi-rbd-provisioner
    csi.storage.k8s.io/provisioner-secret-namespace: rook-ceph
    csi.storage.k8s.io/controller-expand-secret-name: rook-csi-rbd-provisioner
    csi.storage.k8s.io/controller-expand-secret-namespace: rook-ceph
    csi.storage.k8s.io/node-stage-secret-name: rook-csi-rbd-node
    csi.storage.k8s.io/node-stage-secret-namespace: rook-ceph
    csi.storage.k8s.io/fstype: ext4
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: web-data, namespace: shop, labels: { app: shop, tier: web } }
spec:
    accessModes: [ReadWriteOnce]
    storageClassName: shop-block
    resources: { requests: { storage: 256Mi } }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: scratch, namespace: shop, labels: { app: shop } }
spec:
    accessModes: [ReadWriteOnce]
    storageClassName: no-such-class
    resources: { requests: { storage: 256Mi } }
`;

/** The manifests that a site gets by GitOps. */
const workloads = (replicas: { web: number; db: number }) => `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
    replicas: ${replicas.web}
    strategy: { type: Recreate }
    selector: { matchLabels: { app: shop, tier: web } }
    template:
        metadata: { labels: { app: shop, tier: web } }
        spec:
            terminationGracePeriodSeconds: 2
            containers:
                - { name: web, image: nginx, volumeMounts: [{ name: data, mountPath: /data }] }
            volumes: [{ name: data, persistentVolumeClaim: { claimName: web-data } }]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, namespace: shop }
spec:
    replicas: ${replicas.db}
    serviceName: db
    podManagementPolicy: Parallel
    selector: { matchLabels: { app: shop, tier: db } }
    template:
        metadata: { labels: { app: shop, tier: db } }
        spec:
            terminationGracePeriodSeconds: 2
            containers:
                - { name: db, image: postgres, volumeMounts: [{ name: data, mountPath: /data }] }
    volumeClaimTemplates:
        - metadata: { name: data, labels: { app: shop, tier: db } }
          spec:
              accessModes: [ReadWriteOnce]
              storageClassName: shop-block
              resources: { requests: { storage: 256Mi } }
`;

/** A job that reads the web's volume every night, and that nobody thinks of. */
const NIGHTLY = `
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly, namespace: shop }
spec:
    schedule: "0 3 1 1 *"
    jobTemplate:
        spec:
            template:
                spec:
                    restartPolicy: Never
                    containers: [{ name: dump, image: busybox }]
                    volumes: [{ name: data, persistentVolumeClaim: { claimName: web-data } }]
`;

/** The claims of the application that can be replicated. */
export const CLAIMS = ["shop/web-data", "shop/data-db-0", "shop/data-db-1", "shop/data-db-2"] as const;

/** kubectl on one site. */
export async function kubectl(site: SiteInfo, args: readonly string[], input = ""): Promise<string> {
    const access = ["--kubeconfig", site.kubernetes.kubeconfig, "--context", site.kubernetes.context];
    const { stdout } = await execa(toolPath("kubectl"), [...access, ...args], { input });
    return stdout;
}

/** The application as it is before this program knows of it. */
export async function deployShop(site: SiteInfo): Promise<void> {
    for (const manifests of [STORAGE, workloads({ web: 1, db: 3 }), NIGHTLY])
        await kubectl(site, ["apply", "-f", "-"], manifests);
}

/** What GitOps puts on the other site: the workloads, with nothing running. */
export async function deployManifests(site: SiteInfo): Promise<void> {
    await kubectl(site, ["apply", "-f", "-"], workloads({ web: 0, db: 0 }));
}

/** `name: uid` of each claim, sorted. */
export async function claimUids(site: SiteInfo): Promise<string[]> {
    const path = "{range .items[*]}{.metadata.name}: {.metadata.uid}{'\\n'}{end}";
    const text = await kubectl(site, ["get", "pvc", "-n", "shop", "-o", `jsonpath=${path.replaceAll("'", '"')}`]);
    return text.split("\n").filter(Boolean).sort();
}

/** Replicas asked for and ready of both workloads, as `web 1/1, db 3/3`. */
export async function running(site: SiteInfo): Promise<string> {
    const of = async (kind: string, name: string) => {
        const json = JSON.parse(await kubectl(site, ["get", kind, name, "-n", "shop", "-o", "json"])) as {
            spec: { replicas: number };
            status: { readyReplicas?: number };
        };
        return `${name} ${json.status.readyReplicas ?? 0}/${json.spec.replicas}`;
    };
    return [await of("deployment", "web"), await of("statefulset", "db")].join(", ");
}
