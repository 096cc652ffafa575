/** From lists of a whole cluster to volumes. */
import type * as k8s from "@kubernetes/client-node";
import { describe, expect, test } from "@jest/globals";
import { assembleVolumes } from "../../../observe/assemble.js";
import type { SiteLists } from "../../../observe/lists.js";
import type { RawVr } from "../../../observe/vr.js";

const NOTHING: SiteLists = { claims: [], volumes: [], attachments: [], pods: [], replications: [] };
const claim = (key: string, volumeName?: string): k8s.V1PersistentVolumeClaim => {
    const [namespace, name] = key.split("/") as [string, string];
    return {
        metadata: { namespace, name, uid: `uid of ${key}` },
        spec: { volumeName, storageClassName: "fast", resources: { requests: { storage: "1Gi" } } },
        status: { phase: volumeName ? "Bound" : "Pending" },
    };
};
const pv = (name: string, options: { claim?: string; image?: string } = {}): k8s.V1PersistentVolume => {
    const [namespace, claimName] = options.claim?.split("/") ?? [];
    return {
        metadata: { name },
        spec: {
            claimRef: options.claim ? { namespace, name: claimName } : undefined,
            persistentVolumeReclaimPolicy: "Retain",
            csi: {
                driver: "rbd",
                volumeHandle: `handle of ${name}`,
                volumeAttributes: options.image ? { pool: "blocks", imageName: options.image } : {},
            },
        },
        status: { phase: "Bound" },
    };
};
const pod = (key: string, claims: string[], phase = "Running"): k8s.V1Pod => {
    const [namespace, name] = key.split("/") as [string, string];
    const volumes = claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }));
    return { metadata: { namespace, name }, spec: { containers: [], volumes }, status: { phase } };
};
const attachment = (name: string, persistentVolumeName?: string) =>
    ({ metadata: { name }, spec: { source: { persistentVolumeName } } }) as k8s.V1VolumeAttachment;
const vr = (key: string): RawVr => {
    const [namespace, name] = key.split("/") as [string, string];
    return {
        metadata: { namespace, name, generation: 3 },
        spec: { replicationState: "primary", volumeReplicationClass: "five-minutes", dataSource: { name } },
    };
};

test("a volume is put together from its own objects, and from no one else's", () => {
    const lists: SiteLists = {
        claims: [claim("b/data", "pv-b"), claim("a/data", "pv-a")],
        volumes: [pv("pv-a", { claim: "a/data", image: "image-a" }), pv("pv-b", { claim: "b/data", image: "image-b" })],
        attachments: [attachment("at-b", "pv-b"), attachment("at-a", "pv-a"), attachment("inline")],
        pods: [pod("a/app-1", ["data", "logs"]), pod("b/app-1", ["data"]), pod("a/other", ["logs"])],
        replications: [vr("b/data"), vr("a/data")],
    };
    const [a] = assembleVolumes(lists, ["a/data"]);
    expect(a).toEqual({
        volume: {
            key: "a/data",
            pvc: {
                phase: "Bound",
                volumeName: "pv-a",
                uid: "uid of a/data",
                deleting: false,
                storageClass: "fast",
                requestedBytes: 2 ** 30,
            },
            pv: { name: "pv-a", phase: "Bound", volumeHandle: "handle of pv-a", reclaimPolicy: "Retain" },
            vr: expect.objectContaining({ name: "data", generation: 3 }),
            pods: ["app-1"],
            attachments: ["at-a"],
        },
        image: { pool: "blocks", image: "image-a" },
    });
});

describe("what is not there", () => {
    test("a volume that nobody has heard of is empty, and its image is where the records say", () => {
        const ref = { pool: "blocks", image: "recorded" };
        expect(assembleVolumes(NOTHING, ["a/data", "b/data"], { "a/data": ref })).toEqual([
            { volume: { key: "a/data", pods: [], attachments: [] }, image: ref },
            { volume: { key: "b/data", pods: [], attachments: [] }, image: undefined },
        ]);
    });

    test("a PV restored before its claim is found by the claim that it is kept for", () => {
        const lists = { ...NOTHING, volumes: [pv("pv-x"), pv("pv-a", { claim: "a/data", image: "image-a" })] };
        const [a] = assembleVolumes(lists, ["a/data"]);
        expect(a).toMatchObject({ volume: { pvc: undefined, pv: { name: "pv-a" } }, image: { image: "image-a" } });
    });

    test("a claim that is not bound yet is found with the PV that is kept for it", () => {
        const lists = { ...NOTHING, claims: [claim("a/data")], volumes: [pv("pv-a", { claim: "a/data" })] };
        expect(assembleVolumes(lists, ["a/data"])[0]!.volume).toMatchObject({
            pvc: { phase: "Pending" },
            pv: { name: "pv-a" },
        });
    });

    test("a claim goes by the PV that it names, not by another one kept for it", () => {
        const volumes = [pv("old", { claim: "a/data" }), pv("new", { claim: "a/data" })];
        const lists = { ...NOTHING, claims: [claim("a/data", "new")], volumes };
        expect(assembleVolumes(lists, ["a/data"])[0]!.volume.pv?.name).toBe("new");
    });

    test("a PV without what the driver notes of the image leaves the records to say it", () => {
        const ref = { pool: "blocks", image: "recorded" };
        const lists = { ...NOTHING, claims: [claim("a/data", "pv-a")], volumes: [pv("pv-a")] };
        expect(assembleVolumes(lists, ["a/data"], { "a/data": ref })[0]!.image).toEqual(ref);
    });
});

test("a pod that has finished uses nothing; one that mounts a claim twice is named once", () => {
    const pods = [
        pod("a/done", ["data"], "Succeeded"),
        pod("a/failed", ["data"], "Failed"),
        pod("a/app", ["data", "data"]),
    ];
    expect(assembleVolumes({ ...NOTHING, pods }, ["a/data"])[0]!.volume.pods).toEqual(["app"]);
});
