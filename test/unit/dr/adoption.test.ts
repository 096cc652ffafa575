import { describe, expect, test } from "@jest/globals";
import { adopt, describeMissing, type Asked, type Inventory } from "../../../dr/adoption.js";

const EMPTY: Inventory = { settings: {}, replicationCrds: false, mirrorDaemon: false };
const FLAGS = { CSI_ENABLE_OMAP_GENERATOR: "true", CSI_ENABLE_CSIADDONS: "true" };
/** A cluster on which others have installed everything. */
const FULL: Inventory = {
    rook: { version: "1.15.4", ours: false },
    settings: FLAGS,
    csiAddons: { version: "0.10.0", ours: false },
    replicationCrds: true,
    ceph: { ours: false },
    pool: { ours: false, mirrored: true, replicas: 3 },
    mirrorDaemon: true,
};
const asked = (manage: string[], changes: Partial<Asked> = {}): Asked => ({
    manage: new Set(manage),
    rookVersion: "1.17.9",
    pool: "replicapool",
    poolReplicas: 3,
    ...changes,
});
const whats = (found: Inventory, manage: string[]) => adopt(found, asked(manage)).missing.map((m) => m.what);

describe("a cluster with everything", () => {
    test("lacks nothing, is taken as it is, and its version of Rook decides", () => {
        expect(adopt(FULL, asked([]))).toEqual({
            rookVersion: "1.15.4",
            refusals: [],
            adopted: [
                "Rook 1.15.4 (rookVersion says 1.17.9)",
                "csi-addons 0.10.0",
                "a CephCluster",
                "CephBlockPool replicapool, mirrored",
            ],
            missing: [],
        });
    });

    test.each([
        ["rook", /Rook 1\.15\.4 is on this cluster already.*Take rook out of manage.*flags/],
        ["csi-addons", /csi-addons 0\.10\.0 is on this cluster already.*Take csi-addons out/],
        ["ceph", /CephCluster is on this cluster already.*Take ceph out/],
    ])("%s is not installed over", (part, text) => {
        const { refusals } = adopt(FULL, asked([part]));
        expect(refusals).toHaveLength(1);
        expect(refusals[0]).toMatch(text);
    });

    test("the pool may be taken over, but not its number of copies changed", () => {
        expect(adopt(FULL, asked(["pool"])).refusals).toEqual([]);
        const { refusals } = adopt(FULL, asked(["pool"], { poolReplicas: 1 }));
        expect(refusals[0]).toMatch(/keeps 3 copies.*poolReplicas is 1.*Set poolReplicas to 3/);
    });

    test("what this program installed itself, it goes on managing", () => {
        const ours: Inventory = {
            ...FULL,
            rook: { version: "1.17.8", ours: true },
            csiAddons: { version: "0.14.0", ours: true },
            ceph: { ours: true },
            pool: { ours: true, mirrored: true, replicas: 1 },
        };
        expect(adopt(ours, asked(["rook", "csi-addons", "ceph", "pool"]))).toMatchObject({
            rookVersion: "1.17.9",
            refusals: [],
            adopted: [],
            missing: [],
        });
    });
});

describe("what is missing", () => {
    test("on an empty cluster is everything, each with what adds it", () => {
        const { missing } = adopt(EMPTY, asked(["rook", "csi-addons", "pool"]));
        expect(missing.map((m) => [m.what, m.added])).toEqual([
            ["Rook", true],
            ["the kinds VolumeReplication and VolumeReplicationClass", true],
            ["the csi-addons controller", true],
            ["a CephCluster", false],
            ["the CephBlockPool replicapool with mirroring", true],
            ["the rbd-mirror daemon", true],
        ]);
        expect(missing.map(describeMissing)).toEqual(
            expect.arrayContaining([
                "Rook: missing here, and added by this run",
                "a CephCluster: missing here. To have it added, put ceph into manage",
            ]),
        );
    });

    test("is each flag that is not set, by name and place", () => {
        const found = { ...FULL, settings: { CSI_ENABLE_OMAP_GENERATOR: "true", CSI_ENABLE_CSIADDONS: "false" } };
        expect(whats(found, [])).toEqual(['CSI_ENABLE_CSIADDONS: "true" in ConfigMap rook-ceph-operator-config']);
        expect(adopt(found, asked(["flags"])).missing[0]).toMatchObject({ added: true, addedBy: ["rook", "flags"] });
    });

    test("is mirroring, where the pool has none", () => {
        const found: Inventory = { ...FULL, pool: { ours: false, mirrored: false, replicas: 3 }, mirrorDaemon: false };
        expect(whats(found, [])).toEqual(["the CephBlockPool replicapool with mirroring", "the rbd-mirror daemon"]);
    });
});

describe("the ceph-csi operator", () => {
    const with118 = { ...FULL, rook: { version: "1.18.2", ours: false } };
    const csiOperator = { apiVersion: "csi.ceph.io/v1", driver: {} };

    test("of Rook 1.18 is left in charge where it runs the driver, and only there", () => {
        const other = 'ROOK_USE_CSI_OPERATOR: "false" in ConfigMap rook-ceph-operator-config';
        expect(whats(with118, [])).toEqual([other]);
        expect(whats({ ...with118, csiOperator }, [])).toEqual([]);
    });

    test("of Rook 1.20 has the flags in its own objects", () => {
        const with120 = { ...FULL, rook: { version: "1.20.0", ours: false }, settings: {} };
        expect(whats({ ...with120, csiOperator: { ...csiOperator, driver: { deployCsiAddons: true } } }, [])).toEqual([
            "generateOMapInfo in OperatorConfig ceph-csi-operator-config",
        ]);
        const driver = { deployCsiAddons: true, generateOMapInfo: true };
        expect(whats({ ...with120, csiOperator: { ...csiOperator, driver } }, [])).toEqual([]);
    });
});

test("a version that the image does not tell is config's", () => {
    const { rookVersion, adopted } = adopt({ ...FULL, rook: { ours: false } }, asked([]));
    expect(rookVersion).toBe("1.17.9");
    expect(adopted[0]).toContain("does not tell");
});
