import { describe, expect, jest, test } from "@jest/globals";
import { FIELD_MANAGER } from "../../components/field-manager.js";
import { buildSite } from "../../components/site.js";
import { toRecord } from "../../dr/records.js";
import type { Manifest } from "../../dr/model.js";
import { isOurs } from "../../observe/inventory.js";
import { inputs, plan, record, siteConfig, type Registered } from "./harness.js";

// The first test loads the providers' libraries, which takes a busy machine more than jest's five seconds.
jest.setTimeout(60_000);

const VR = "kubernetes:replication.storage.openshift.io/v1alpha1:VolumeReplication";
const one = (all: readonly Registered[], type: string): Registered => {
    const found = all.filter((r) => r.type === type);
    expect(found.map((r) => r.name)).toHaveLength(1);
    return found[0]!;
};
/** Whether `a` was registered with `b` among its dependencies. */
const dependsOn = (a: Registered, b: Registered) => a.dependencies.some((urn) => urn.endsWith(`::${b.name}`));

describe("a primary", () => {
    test("starts the workload after the VR, and the VR after the claim", async () => {
        const config = siteConfig();
        const all = await record(() => buildSite(config, inputs(plan())));
        const vr = one(all, VR);
        const claim = one(all, "kubernetes:core/v1:PersistentVolumeClaim");
        const app = one(all, "kubernetes:apps/v1:Deployment");
        expect(dependsOn(vr, claim)).toBe(true);
        const workload = one(all, "rbd-dr:workload:Workload");
        expect(dependsOn(workload, vr)).toBe(true);
        expect((app.inputs["spec"] as { replicas: number }).replicas).toBe(1);
    });

    test("protects the VR; what it reaches is this program's to wait for", async () => {
        const config = siteConfig();
        const vr = one(await record(() => buildSite(config, inputs(plan()))), VR);
        expect(vr.protect).toBe(true);
        expect((vr.inputs["metadata"] as { annotations: Record<string, string> }).annotations).toEqual({
            "pulumi.com/patchFieldManager": FIELD_MANAGER,
            "pulumi.com/patchForce": "true",
            "rbd-dr/term": "1",
        });
    });

    test("a gate holds the VR back until it is content", async () => {
        const config = siteConfig();
        let open: () => void = () => undefined;
        const opened = new Promise<void>((resolve) => {
            open = resolve;
        });
        const seen: Registered[][] = [];
        const all = await record(
            async () => {
                await buildSite(config, inputs(plan(), { gates: { beforeReplication: () => opened } }));
            },
            false,
            (registered) => {
                seen.push(registered);
                open();
            },
        );
        expect(seen[0]!.filter((r) => r.type === VR)).toEqual([]);
        expect(one(all, VR).inputs).toMatchObject({ spec: { replicationState: "primary" } });
    });

    test("the provider takes over what a killed run has made, in the words that every version reads", async () => {
        const all = await record(() => buildSite(siteConfig(), inputs(plan())));
        expect(one(all, "pulumi:providers:kubernetes").inputs["upsertExistingObjects"]).toBe("true");
    });

    test("every object has the same field manager at each run, so that a flip after a kill meets no conflict with a lost name", async () => {
        const all = await record(() => buildSite(siteConfig(), inputs(plan())));
        const objects = all.filter(
            (r) => r.type.startsWith("kubernetes:") && !r.type.endsWith("Patch") && "metadata" in r.inputs,
        );
        const managers = objects.map(
            (r) =>
                (r.inputs["metadata"] as { annotations?: Record<string, string> }).annotations?.[
                    "pulumi.com/patchFieldManager"
                ],
        );
        expect(objects.length).toBeGreaterThan(5);
        expect(new Set(managers)).toEqual(new Set([FIELD_MANAGER]));
        expect(isOurs({ managedFields: [{ manager: FIELD_MANAGER }] })).toBe(true);
    });

    test("every deletion has a time limit of its own: the provider can miss that an object is gone", async () => {
        const all = await record(() => buildSite(siteConfig(), inputs(plan())));
        const objects = all.filter((r) => r.type.startsWith("kubernetes:"));
        expect(objects.map((r) => r.type)).toContain("kubernetes:storage.k8s.io/v1:StorageClass");
        expect(new Set(objects.map((r) => r.deleteTimeout))).toEqual(new Set(["2m"]));
    });

    test("what is flipped is taken over from a change by hand; what others may have made is not", async () => {
        const all = await record(() => buildSite(siteConfig(), inputs(plan())));
        const forced = (type: string) =>
            (one(all, type).inputs["metadata"] as { annotations: Record<string, string> }).annotations[
                "pulumi.com/patchForce"
            ];
        expect(forced(VR)).toBe("true");
        expect(forced("kubernetes:apps/v1:Deployment")).toBe("true");
        expect(forced("kubernetes:core/v1:PersistentVolumeClaim")).toBeUndefined();
        expect(forced("kubernetes:storage.k8s.io/v1:StorageClass")).toBeUndefined();
    });

    test("a preview waits for no gate", async () => {
        const config = siteConfig();
        const never = () => new Promise<void>(() => undefined);
        const gates = { beforeReplication: never, beforeClaim: never };
        const all = await record(() => buildSite(config, inputs(plan(), { gates })), true);
        expect(one(all, VR).inputs).toMatchObject({ spec: { replicationState: "primary" } });
    });

    test("provisions with the blog's StorageClass, Retain, and a replication class with an interval", async () => {
        const config = siteConfig();
        const all = await record(() => buildSite(config, inputs(plan())));
        const storageClass = one(all, "kubernetes:storage.k8s.io/v1:StorageClass").inputs;
        expect(storageClass).toMatchObject({
            metadata: { name: "rook-ceph-block" },
            provisioner: "rook-ceph.rbd.csi.ceph.com",
            reclaimPolicy: "Retain",
            parameters: {
                clusterID: "rook-ceph",
                pool: "replicapool",
                imageFormat: "2",
                imageFeatures: "layering",
                "csi.storage.k8s.io/provisioner-secret-name": "rook-csi-rbd-provisioner",
                "csi.storage.k8s.io/node-stage-secret-namespace": "rook-ceph",
                "csi.storage.k8s.io/fstype": "ext4",
            },
        });
        const replicationClass = one(
            all,
            "kubernetes:replication.storage.openshift.io/v1alpha1:VolumeReplicationClass",
        );
        expect(replicationClass.inputs).toMatchObject({
            spec: { parameters: { mirroringMode: "snapshot", schedulingInterval: "5m" } },
        });
    });
});

describe("a secondary", () => {
    const secondary = () =>
        plan(
            { replicationState: "secondary", workload: "down", operation: "planned-demotion" },
            {
                vr: {
                    replicationState: "secondary",
                    autoResync: false,
                    waitFor: "demoted",
                    term: 1,
                },
            },
        );

    test("stops the workload before the VR changes", async () => {
        const config = siteConfig();
        const all = await record(() => buildSite(config, inputs(secondary())));
        const app = one(all, "kubernetes:apps/v1:Deployment");
        expect((app.inputs["spec"] as { replicas: number }).replicas).toBe(0);
        expect(dependsOn(one(all, VR), app)).toBe(true);
    });

    test("holds nothing of a volume that has never been here", async () => {
        const config = siteConfig();
        const all = await record(() =>
            buildSite(
                config,
                inputs(plan({ replicationState: "secondary", workload: "down" }, { source: "absent", vr: undefined })),
            ),
        );
        expect(all.filter((r) => [VR, "kubernetes:core/v1:PersistentVolumeClaim"].includes(r.type))).toEqual([]);
    });
});

describe("a restored volume", () => {
    const restored = (): Manifest[] => [
        {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: {
                name: "rbd-pvc",
                namespace: "default",
                annotations: { "pv.kubernetes.io/bind-completed": "yes" },
            },
            spec: {
                accessModes: ["ReadWriteOnce"],
                storageClassName: "rook-ceph-block",
                volumeName: "pvc-1",
                resources: { requests: { storage: "1Gi" } },
            },
        },
        {
            apiVersion: "v1",
            kind: "PersistentVolume",
            metadata: { name: "pvc-1" },
            spec: {
                accessModes: ["ReadWriteOnce"],
                capacity: { storage: "1Gi" },
                claimRef: { name: "rbd-pvc", namespace: "default", uid: "old" },
                csi: {
                    driver: "rook-ceph.rbd.csi.ceph.com",
                    volumeHandle: "0001-0009-rook-ceph-0000000000000002-6e2b1c3e-0000-4000-8000-000000000001",
                    volumeAttributes: { pool: "replicapool", imageName: "csi-vol-1", clusterID: "rook-ceph" },
                },
                persistentVolumeReclaimPolicy: "Delete",
                storageClassName: "rook-ceph-block",
            },
        },
    ];

    test("comes as PV, then PVC bound to it, then VR", async () => {
        const config = siteConfig();
        const [claimSeen, pvSeen] = restored();
        const restoredRecord = toRecord(claimSeen!, pvSeen!);
        const all = await record(() =>
            buildSite(
                config,
                inputs(plan({ operation: "planned-promotion" }, { source: "restore", record: restoredRecord })),
            ),
        );
        const pv = one(all, "kubernetes:core/v1:PersistentVolume");
        const claim = one(all, "kubernetes:core/v1:PersistentVolumeClaim");
        expect(pv.inputs).toMatchObject({
            metadata: { name: "pvc-1" },
            spec: { persistentVolumeReclaimPolicy: "Retain", claimRef: { name: "rbd-pvc", namespace: "default" } },
        });
        expect(JSON.stringify(pv.inputs)).not.toContain("old");
        expect(claim.inputs).toMatchObject({ spec: { volumeName: "pvc-1", storageClassName: "rook-ceph-block" } });
        expect(JSON.stringify(claim.inputs)).not.toContain("bind-completed");
        expect(dependsOn(claim, pv)).toBe(true);
        expect(dependsOn(one(all, VR), claim)).toBe(true);
    });

    test.each(["restore", "provision"] as const)(
        "leaves its claim for this program to wait for (%s)",
        async (source) => {
            const [claimSeen, pvSeen] = restored();
            const of = plan({}, { source, record: toRecord(claimSeen!, pvSeen!) });
            const claim = one(
                await record(() => buildSite(siteConfig(), inputs(of))),
                "kubernetes:core/v1:PersistentVolumeClaim",
            );
            expect(claim.inputs["metadata"]).toMatchObject({ annotations: { "pulumi.com/skipAwait": "true" } });
        },
    );
});

describe("storage", () => {
    test("stays when the stack is destroyed, and so does the peer's token", async () => {
        const config = siteConfig();
        const all = await record(() => buildSite(config, inputs(plan(), { peerToken: "dG9rZW4=" })));
        const stays = all.filter((r) => r.retainOnDelete).map((r) => r.type);
        expect(stays).toEqual(
            expect.arrayContaining([
                "kubernetes:ceph.rook.io/v1:CephCluster",
                "kubernetes:ceph.rook.io/v1:CephBlockPool",
                "kubernetes:ceph.rook.io/v1:CephRBDMirror",
                "kubernetes:core/v1:Secret",
            ]),
        );
    });

    test("mirrors from the peer as soon as the peer has exported its token", async () => {
        const config = siteConfig();
        const without = one(
            await record(() => buildSite(config, inputs(plan()))),
            "kubernetes:ceph.rook.io/v1:CephBlockPool",
        );
        expect(without.inputs).toMatchObject({ spec: { mirroring: { enabled: true, mode: "image" } } });
        expect(JSON.stringify(without.inputs)).not.toContain("peers");
        const all = await record(() => buildSite(config, inputs(plan(), { peerToken: "dG9rZW4=" })));
        expect(one(all, "kubernetes:ceph.rook.io/v1:CephBlockPool").inputs).toMatchObject({
            spec: { mirroring: { peers: { secretNames: ["cluster2-replicapool-peer"] } } },
        });
    });

    test("takes the token of a rebuilt peer under a new name: Rook does not look at a secret twice", async () => {
        const token = (fsid: string) =>
            Buffer.from(Buffer.from(JSON.stringify({ fsid })).toString("base64")).toString("base64");
        const names: string[][] = [];
        for (const fsid of ["5dfea708-b426", "0a1b2c3d-b426"]) {
            const all = await record(() => buildSite(siteConfig(), inputs(plan(), { peerToken: token(fsid) })));
            const { spec } = one(all, "kubernetes:ceph.rook.io/v1:CephBlockPool").inputs as {
                spec: { mirroring: { peers: { secretNames: string[] } } };
            };
            names.push(spec.mirroring.peers.secretNames);
        }
        expect(names).toEqual([["cluster2-replicapool-peer-5dfea708"], ["cluster2-replicapool-peer-0a1b2c3d"]]);
    });

    test("asks for a single copy in so many words", async () => {
        const config = siteConfig({ poolReplicas: "1" });
        const pool = one(
            await record(() => buildSite(config, inputs(plan()))),
            "kubernetes:ceph.rook.io/v1:CephBlockPool",
        );
        expect(pool.inputs).toMatchObject({ spec: { replicated: { size: 1, requireSafeReplicaSize: false } } });
    });
});
