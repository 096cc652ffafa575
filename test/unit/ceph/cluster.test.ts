import { describe, expect, test } from "@jest/globals";
import { diskSettings, internalClusterSpec } from "../../../ceph/cluster.js";
import { internalCephConfig } from "../../../ceph/settings.js";
import { toolboxSpec } from "../../../ceph/toolbox.js";
import { cephMissing } from "../../../gates/ceph.js";

const spec = (raw: object = {}) => internalClusterSpec(internalCephConfig.parse(raw));

describe("an internal Ceph cluster", () => {
    test("on a test machine: one of each, every empty disk, on the node's own address", () => {
        expect(spec()).toMatchObject({
            mon: { count: 1, allowMultiplePerNode: true },
            mgr: { count: 1 },
            network: { provider: "host" },
            dataDirHostPath: "/data/rook",
            storage: { useAllNodes: true, useAllDevices: true },
            cephConfig: { global: { osd_pool_default_size: "1" } },
        });
    });

    test("in production: three monitors, each on a node of its own, and Ceph's own number of copies", () => {
        const production = spec({ kind: "production" });
        expect(production).toMatchObject({
            mon: { count: 3, allowMultiplePerNode: false },
            mgr: { count: 2, allowMultiplePerNode: false },
            dataDirHostPath: "/var/lib/rook",
        });
        expect(production["cephConfig"]).not.toHaveProperty("global");
    });

    test("named disks are the only ones, and so are those of a filter", () => {
        const storage = { useAllNodes: true, useAllDevices: false };
        expect(spec({ devices: ["vdb", "/dev/vdc"] })["storage"]).toEqual({
            ...storage,
            devices: [{ name: "vdb" }, { name: "/dev/vdc" }],
        });
        expect(spec({ deviceFilter: "^vd[b-d]" })["storage"]).toEqual({ ...storage, deviceFilter: "^vd[b-d]" });
    });

    test("rbd-mirror looks at its images often: a hand-over is seen no sooner than that", () => {
        const looks = (raw?: object) => spec(raw)["cephConfig"];
        const every = (seconds: string) => ({
            "client.rbd-mirror": { rbd_mirror_image_state_check_interval: seconds },
        });
        expect(looks()).toMatchObject(every("5"));
        expect(looks({ kind: "production", mirrorCheckInterval: "12s" })).toEqual(every("12"));
        expect(() => spec({ mirrorCheckInterval: "1m" })).toThrow("give seconds such as 5s");
    });

    test("no network of the nodes' where it is not wanted", () => {
        expect(spec({ hostNetwork: false })).not.toHaveProperty("network");
    });

    test.each([
        [["vdb"], {}],
        [["loop10"], { ROOK_CEPH_ALLOW_LOOP_DEVICES: "true" }],
        [["/dev/loop3"], { ROOK_CEPH_ALLOW_LOOP_DEVICES: "true" }],
        [["loopback-disk"], {}],
    ])("disks %j: the operator is told %j", (devices, expected) => {
        expect(diskSettings(internalCephConfig.parse({ devices }))).toEqual(expected);
    });
});

test("the toolbox takes its key from a file, never from the command line", () => {
    const { template } = toolboxSpec("quay.io/ceph/ceph:v19.2.3", true);
    expect(template.spec.hostNetwork).toBe(true);
    const [container] = template.spec.containers;
    expect(container!.command.slice(0, 2)).toEqual(["/bin/bash", "-c"]);
    expect(container!.command[2]).toContain("/var/lib/rook-ceph-mon/secret.keyring");
});

describe("what Ceph still lacks", () => {
    test.each([
        ["nothing was made", undefined, "there is no CephCluster"],
        ["Rook has not looked", {}, "not taken up by Rook yet"],
        [
            "Rook is at it",
            { status: { phase: "Progressing", message: "Configuring Ceph Mons" } },
            "Progressing: Configuring Ceph Mons",
        ],
        [
            "no disk was found",
            {
                status: {
                    phase: "Ready",
                    ceph: {
                        health: "HEALTH_WARN",
                        details: { TOO_FEW_OSDS: { message: "OSD count 0 < osd_pool_default_size 1" } },
                    },
                },
            },
            "no OSD: Rook has found no empty disk on any node (HEALTH_WARN; OSD count 0 < osd_pool_default_size 1)",
        ],
    ])("%s", (_, cluster, text) => {
        expect(cephMissing(cluster)).toContain(text);
    });

    test.each([
        ["an OSD is there", { phase: "Ready", storage: { deviceClasses: [{ name: "hdd" }] } }],
        ["the cluster is outside", { phase: "Connected" }],
    ])("nothing when %s", (_, status) => {
        expect(cephMissing({ status })).toBeUndefined();
    });
});
