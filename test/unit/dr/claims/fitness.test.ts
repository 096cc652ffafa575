import { describe, expect, test } from "@jest/globals";
import { notesOn, whyNot } from "../../../../dr/claims/fitness.js";
import type { ClaimSeen } from "../../../../dr/claims/types.js";
import { claim, claimWith, STORAGE } from "./claims.js";

test("a bound RBD claim of the mirrored pool can be replicated", () => {
    expect(whyNot(claim("shop/data"), STORAGE)).toEqual([]);
    expect(notesOn(claim("shop/data"))).toEqual([]);
});

describe("cannot be replicated", () => {
    test.each<[string, ClaimSeen, string]>([
        ["being deleted", claim("shop/data", { deleting: true }), "being deleted"],
        ["not bound yet", claim("shop/data", { phase: "Pending", pv: undefined }), "Pending, not Bound"],
        ["bound to a volume that is gone", claim("shop/data", { pv: undefined }), "no volume yet"],
        ["not CSI's", claim("shop/data", { pv: { name: "local", reclaimPolicy: "Retain" } }), "not CSI's"],
        ["CephFS", claimWith({}, "rook-ceph.cephfs.csi.ceph.com"), "rook-ceph.cephfs.csi.ceph.com"],
        ["another pool", claimWith({ pool: "fast" }), "pool fast"],
        ["another cluster", claimWith({ clusterID: "other" }), "cluster other"],
        ["a static volume", claimWith({ staticVolume: "true" }), "static volume"],
        ["shared with a filesystem", claim("shop/data", { accessModes: ["ReadWriteMany"] }), "ReadWriteMany"],
        ["replicated by others", claim("shop/data", { replicatedBy: ["VolumeReplication x"] }), "VolumeReplication x"],
        [
            "a clone",
            claim("shop/data", { image: { parent: "replicapool/csi-snap-1@csi-snap-1", copy: false } }),
            "rbd flatten replicapool/csi-vol-1",
        ],
        ["a copy of somebody's", claim("shop/data", { image: { copy: true } }), "mirrored from another cluster"],
        ["an image that nothing names", claim("shop/data", { record: undefined }), "which image"],
    ])("%s", (_, seen, text) => {
        expect(whyNot(seen, STORAGE).join()).toContain(text);
    });

    test("every reason is given", () => {
        const seen = claimWith({ pool: "fast", clusterID: "other" });
        expect(whyNot({ ...seen, accessModes: ["ReadWriteMany"] }, STORAGE)).toHaveLength(3);
    });

    test("a raw block volume may be shared", () => {
        expect(whyNot(claim("a/b", { accessModes: ["ReadWriteMany"], volumeMode: "Block" }), STORAGE)).toEqual([]);
    });
});

describe("is said of one that can", () => {
    test.each<[string, ClaimSeen, string]>([
        ["raw block", claim("shop/data", { volumeMode: "Block" }), "raw block"],
        [
            "made from a snapshot, unseen",
            claim("shop/data", { madeFrom: "VolumeSnapshot nightly" }),
            "VolumeSnapshot nightly",
        ],
        ["encrypted", claimWith({ encrypted: "true" }), "key store"],
    ])("%s", (_, seen, text) => {
        expect(notesOn(seen).join()).toContain(text);
    });

    test("nothing of where it came from, once its image is seen to stand alone", () => {
        expect(notesOn(claim("shop/data", { madeFrom: "VolumeSnapshot x", image: { copy: false } }))).toEqual([]);
    });
});
