/** A site on a cluster on which others have installed Rook, csi-addons and Ceph. */
import { describe, expect, test } from "@jest/globals";
import { buildSite } from "../../components/site.js";
import type { SiteConfig } from "../../config.js";
import { inputs, plan, record, siteConfig } from "./harness.js";

const adopted = { externalCeph: "{}", externalCephAdminKey: "" };
const config = (manage: string[], rook: Partial<SiteConfig["rook"]> = {}): SiteConfig => {
    const base = siteConfig({ ...adopted, manage: JSON.stringify(manage) });
    return { ...base, rook: { ...base.rook, ...rook } };
};
const built = async (of: SiteConfig, poolIds?: { local?: number; remote?: number }) =>
    record(() => buildSite(of, { ...inputs(plan(), { peerToken: "dG9rZW4=" }), poolIds }));

describe("an existing cluster", () => {
    test("of which nothing is managed gets the classes, the volumes and the application, and nothing else", async () => {
        const kinds = (await built(config([]))).filter((r) => r.type.startsWith("kubernetes:")).map((r) => r.type);
        expect(kinds.map((type) => type.split(":").at(-1)).sort()).toEqual([
            "Deployment",
            "PersistentVolumeClaim",
            "StorageClass",
            "VolumeReplication",
            "VolumeReplicationClass",
        ]);
    });

    test("has only the flags changed where only they are managed, and by a patch", async () => {
        const rook = (await built(config(["flags"]))).filter((r) => r.parent.includes("RookOperator"));
        expect(rook.map((r) => r.type)).toEqual(["kubernetes:core/v1:ConfigMapPatch"]);
        expect(rook[0]!.inputs).toMatchObject({
            metadata: { name: "rook-ceph-operator-config", namespace: "rook-ceph" },
            data: { CSI_ENABLE_CSIADDONS: "true", CSI_ENABLE_OMAP_GENERATOR: "true" },
        });
        expect(rook[0]!.retainOnDelete).toBe(true);
    });

    test("with Rook 1.20 has them changed in the ceph-csi operator's object", async () => {
        const rook = (await built(config(["flags"], { version: "1.20.0" }))).filter((r) =>
            r.parent.includes("RookOperator"),
        );
        expect(rook.map((r) => r.type)).toEqual(["kubernetes:csi.ceph.io/v1:OperatorConfigPatch"]);
        expect(rook[0]!.inputs).toMatchObject({
            metadata: { name: "ceph-csi-operator-config" },
            spec: { driverSpecDefaults: { deployCsiAddons: true, generateOMapInfo: true } },
        });
    });

    test("with Rook 1.18 keeps the driver with whom it is", async () => {
        const flags = async (rook: Partial<SiteConfig["rook"]>) => {
            const all = await built(config(["flags"], { version: "1.18.2", ...rook }));
            return all.find((r) => r.type.endsWith("ConfigMapPatch"))!.inputs["data"];
        };
        expect(await flags({})).toMatchObject({ ROOK_USE_CSI_OPERATOR: "false" });
        expect(await flags({ csiOperator: "csi.ceph.io/v1" })).not.toHaveProperty("ROOK_USE_CSI_OPERATOR");
    });
});

describe("pools with different ids", () => {
    const ids = { local: 2, remote: 3 };
    const mappings = async (rook: Partial<SiteConfig["rook"]>, poolIds?: { local?: number; remote?: number }) =>
        (await built(config(["pool"], rook), poolIds)).filter((r) => r.type.endsWith(":ClientProfileMapping"));

    test("are mapped for the ceph-csi operator, in the API that it has, and the mapping stays", async () => {
        const mapping = (await mappings({ version: "1.18.2", csiOperator: "csi.ceph.io/v1alpha1" }, ids)).at(-1)!;
        expect(mapping.type).toBe("kubernetes:csi.ceph.io/v1alpha1:ClientProfileMapping");
        expect(mapping.inputs).toMatchObject({
            spec: {
                mappings: [
                    {
                        localClientProfile: "rook-ceph",
                        remoteClientProfile: "rook-ceph",
                        blockPoolIdMapping: [["2", "3"]],
                    },
                ],
            },
        });
        expect(mapping.retainOnDelete).toBe(true);
    });

    test.each<[string, Partial<SiteConfig["rook"]>, { local?: number; remote?: number } | undefined]>([
        ["Rook runs the driver", {}, ids],
        ["the ids are the same", { version: "1.20.0" }, { local: 2, remote: 2 }],
        ["the peer is out of sight", { version: "1.20.0" }, { local: 2 }],
    ])("are not mapped where %s", async (_, rook, poolIds) => {
        expect(await mappings(rook, poolIds)).toEqual([]);
    });
});
