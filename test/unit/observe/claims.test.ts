import { describe, expect, test } from "@jest/globals";
import type * as k8s from "@kubernetes/client-node";
import { RBD_DRIVER } from "../../../ceph/rook.js";
import { claimsSeen } from "../../../observe/claims.js";
import type { RawVr } from "../../../observe/vr.js";

const VR_NAME = "replication.storage.openshift.io/volume-replication-name";
const claim = (
    more: Partial<k8s.V1ObjectMeta> = {},
    spec: Partial<k8s.V1PersistentVolumeClaimSpec> = {},
): k8s.V1PersistentVolumeClaim => ({
    metadata: { name: "data", namespace: "shop", labels: { app: "shop" }, ...more },
    spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "2Gi" } },
        volumeName: "pvc-1",
        storageClassName: "theirs",
        ...spec,
    },
    status: { phase: "Bound" },
});
const volume: k8s.V1PersistentVolume = {
    metadata: { name: "pvc-1", annotations: { "pv.kubernetes.io/provisioned-by": RBD_DRIVER } },
    spec: {
        persistentVolumeReclaimPolicy: "Delete",
        claimRef: { name: "data", namespace: "shop", uid: "1" },
        csi: {
            driver: RBD_DRIVER,
            volumeHandle: "h",
            volumeAttributes: { pool: "replicapool", imageName: "csi-vol-1" },
        },
    },
};
const vr = (name: string, annotations: Record<string, string> = {}): RawVr => ({
    metadata: { name, namespace: "shop", annotations },
    spec: { replicationState: "primary", volumeReplicationClass: "c", dataSource: { name: "data" } },
});
const ADOPT = [{ selector: { matchLabels: { app: "shop" } } }];
const seen = (of: k8s.V1PersistentVolumeClaim, replications: RawVr[] = [], known: string[] = []) =>
    claimsSeen({ claims: [of], volumes: [volume], replications }, ADOPT, new Set(known));

test("a matched claim is seen with its volume and the record that restores it", () => {
    const [found] = seen(claim({}, { dataSource: { kind: "VolumeSnapshot", name: "nightly" } }));
    expect(found).toMatchObject({
        key: "shop/data",
        size: "2Gi",
        volumeMode: "Filesystem",
        madeFrom: "VolumeSnapshot nightly",
        ours: false,
        replicatedBy: [],
        pv: { name: "pvc-1", reclaimPolicy: "Delete", csi: { driver: RBD_DRIVER, handle: "h" } },
        record: { adopted: true, image: { pool: "replicapool", image: "csi-vol-1" } },
    });
    // The other site's claim: named and labelled alike, so that a StatefulSet there takes it for its own.
    expect(found?.record?.pvc).toMatchObject({
        metadata: { name: "data", labels: { app: "shop" } },
        spec: { volumeName: "pvc-1" },
    });
    expect(found?.record?.pv.spec).toMatchObject({
        persistentVolumeReclaimPolicy: "Retain",
        claimRef: { name: "data", namespace: "shop" },
    });
});

test("claims that nothing matches are left out, but for those that were adopted before", () => {
    expect(seen(claim({ labels: {} }))).toEqual([]);
    expect(seen(claim({ labels: {} }), [], ["shop/data"])).toHaveLength(1);
});

describe("who replicates a claim", () => {
    const ours = vr("data", { "rbd-dr/term": "1" });
    test.each<[string, k8s.V1PersistentVolumeClaim, RawVr[], { ours: boolean; replicatedBy: string[] }]>([
        ["nobody", claim(), [], { ours: false, replicatedBy: [] }],
        ["this program", claim({ annotations: { [VR_NAME]: "data" } }), [ours], { ours: true, replicatedBy: [] }],
        ["another VR", claim(), [vr("mine")], { ours: false, replicatedBy: ["VolumeReplication mine"] }],
        [
            "a VR of the claim's name that carries no term",
            claim(),
            [vr("data")],
            { ours: false, replicatedBy: ["VolumeReplication data"] },
        ],
        [
            "what its annotation says",
            claim({ annotations: { [VR_NAME]: "gone" } }),
            [],
            { ours: false, replicatedBy: ["VolumeReplication gone"] },
        ],
    ])("%s", (_, of, replications, expected) => {
        expect(seen(of, replications)[0]).toMatchObject(expected);
    });
});
