import { describe, expect, test } from "@jest/globals";
import type { V1Pod } from "@kubernetes/client-node";
import { PROGRAMS } from "../../../lab/agent/registry.js";
import { desiredContainers } from "../../../lab/agent/desired.js";
import { driverSockets } from "../../../lab/agent/programs/csi.js";
import { mirrorConf, monHost } from "../../../lab/agent/programs/rbd-mirror.js";
import { csiSecret, withCluster, withPoolPair } from "../../../lab/rook/shapes/csi-config.js";
import { provisionerDeployment } from "../../../lab/rook/shapes/csi-deployment.js";
import { csiFlags } from "../../../lab/rook/shapes/csi-flags.js";
import { mirrorDeployment, mirrorKeyring } from "../../../lab/rook/shapes/mirror-deployment.js";
import type { CephCluster, CephRBDMirror } from "../../../lab/rook/types.js";

const BASE = ["csi-provisioner", "csi-resizer", "csi-attacher", "csi-snapshotter"];

function names(settings: Record<string, string>): string[] {
    const deployment = provisionerDeployment("rook-ceph", csiFlags(settings, 1), undefined);
    return deployment.spec?.template.spec?.containers.map((container) => container.name) ?? [];
}

const mirror: CephRBDMirror = {
    apiVersion: "ceph.rook.io/v1",
    kind: "CephRBDMirror",
    metadata: { name: "my-rbd-mirror", namespace: "rook-ceph", uid: "m" },
    spec: { count: 1 },
};

describe("the CSI controller Deployment", () => {
    test.each([
        [{}, [...BASE, "csi-rbdplugin"]],
        [{ CSI_ENABLE_CSIADDONS: "true" }, [...BASE, "csi-addons", "csi-rbdplugin"]],
        [{ CSI_ENABLE_OMAP_GENERATOR: "true" }, [...BASE, "csi-omap-generator", "csi-rbdplugin"]],
        [
            { CSI_ENABLE_OMAP_GENERATOR: "true", CSI_ENABLE_CSIADDONS: "true" },
            [...BASE, "csi-omap-generator", "csi-addons", "csi-rbdplugin"],
        ],
        // Removed from Rook in 1.10.1: it does nothing.
        [{ CSI_ENABLE_VOLUME_REPLICATION: "true" }, [...BASE, "csi-rbdplugin"]],
        [
            { CSI_ENABLE_LIVENESS: "true", CSI_ENABLE_RBD_SNAPSHOTTER: "false" },
            ["csi-provisioner", "csi-resizer", "csi-attacher", "csi-rbdplugin", "liveness-prometheus"],
        ],
    ])("containers with %o", (settings, expected) => {
        expect(names(settings as Record<string, string>)).toEqual(expected);
    });

    test("one replica on one node, two on more, and as many as asked for there", () => {
        expect(csiFlags({ CSI_PROVISIONER_REPLICAS: "3" }, 1).replicas).toBe(1);
        expect(csiFlags({}, 3).replicas).toBe(2);
        expect(csiFlags({ CSI_PROVISIONER_REPLICAS: "3" }, 3).replicas).toBe(3);
        expect(csiFlags({ CSI_PROVISIONER_REPLICAS: "many" }, 3).replicas).toBe(2);
    });

    test("none at all where the driver is turned off", () => {
        expect(csiFlags({ ROOK_CSI_ENABLE_RBD: "false" }, 1).deploy).toBe(false);
        expect(csiFlags({ ROOK_CSI_DISABLE_DRIVER: "true" }, 1).deploy).toBe(false);
        expect(csiFlags({}, 1).deploy).toBe(true);
    });

    test("the agent knows its driver, provisioner and sidecar, and finds their sockets", () => {
        const template = provisionerDeployment("rook-ceph", csiFlags({ CSI_ENABLE_CSIADDONS: "true" }, 1), undefined)
            .spec!.template;
        const pod = {
            metadata: { ...template.metadata, name: "p", namespace: "rook-ceph" },
            spec: template.spec,
            status: { phase: "Running" },
        } as V1Pod;
        const known = desiredContainers([pod], PROGRAMS, new Set()).map(({ container }) => container.name);
        expect(known.sort()).toEqual(["csi-addons", "csi-provisioner", "csi-rbdplugin"]);
        expect(driverSockets(pod, { dir: "/d", sockets: "/s" })).toEqual({
            csi: "/s/csi-provisioner.sock",
            addons: "/s/csi-addons.sock",
        });
    });
});

describe("ceph-csi's ConfigMaps", () => {
    const connection = {
        namespace: "rook-ceph",
        fsid: "f",
        user: "client.admin",
        key: "k",
        monitors: ["127.0.1.1:3300"],
    };

    test("a cluster's entry is set, others stay, and no key goes in", () => {
        const other = { clusterID: "other", monitors: ["9.9.9.9:3300"], namespace: "other" };
        const first = withCluster(JSON.stringify([other]), connection);
        const moved = withCluster(first, { ...connection, monitors: ["127.0.1.2:3300"] });
        const entries = JSON.parse(moved) as { clusterID: string; monitors: string[] }[];
        expect(entries.map(({ clusterID, monitors }) => [clusterID, monitors])).toEqual([
            ["other", ["9.9.9.9:3300"]],
            ["rook-ceph", ["127.0.1.2:3300"]],
        ]);
        expect(moved).not.toContain('"k"');
    });

    test("pool ids are mapped as the real operator writes them, and a second pool joins the first", () => {
        const pair = { peerNamespace: "rook-ceph", namespace: "rook-ceph", peerPoolID: 3, poolID: 3 };
        const first = withPoolPair("[]", pair);
        expect(first).toBe('[{"ClusterIDMapping":{"rook-ceph":"rook-ceph"},"RBDPoolIDMapping":[{"3":"3"}]}]');
        expect(withPoolPair(first, pair)).toBe(first);
        expect(
            JSON.parse(
                withPoolPair(withPoolPair(first, { ...pair, peerPoolID: 4, poolID: 5 }), { ...pair, poolID: 7 }),
            ),
        ).toEqual([{ ClusterIDMapping: { "rook-ceph": "rook-ceph" }, RBDPoolIDMapping: [{ "3": "7" }, { "4": "5" }] }]);
    });

    test("secrets carry the user's id without client.", () => {
        const cluster = {
            apiVersion: "ceph.rook.io/v1",
            kind: "CephCluster",
            metadata: { name: "c", namespace: "ns", uid: "u" },
            spec: {},
        } as CephCluster;
        const secret = csiSecret(cluster, "rook-csi-rbd-node", "csi-rbd-node", "k");
        expect(Buffer.from(secret.data?.["userID"] ?? "", "base64").toString()).toBe("csi-rbd-node");
        expect(secret.type).toBe("kubernetes.io/rook");
    });
});

describe("rbd-mirror", () => {
    test("its Deployment is one the agent runs, with the daemon's name in its arguments", () => {
        const deployment = mirrorDeployment(mirror, "fsid-1", undefined);
        expect(deployment.metadata?.name).toBe("rook-ceph-rbd-mirror-a");
        const [container] = deployment.spec!.template.spec!.containers;
        expect(container?.args).toEqual(
            expect.arrayContaining(["--id=a", "--name=client.rbd-mirror.a", "--foreground"]),
        );
        const pod = {
            metadata: deployment.spec!.template.metadata,
            spec: deployment.spec!.template.spec,
            status: { phase: "Running" },
        } as V1Pod;
        expect(desiredContainers([pod], PROGRAMS, new Set())).toHaveLength(1);
        expect(desiredContainers([pod], PROGRAMS, new Set(["rbd-mirror"]))).toEqual([]);
    });

    test("its keyring is in the Secret and nowhere in the Deployment", () => {
        const secret = mirrorKeyring(mirror, "K3Y");
        expect(Buffer.from(secret.data?.["keyring"] ?? "", "base64").toString()).toContain("key = K3Y");
        expect(JSON.stringify(mirrorDeployment(mirror, "f", undefined))).not.toContain("K3Y");
    });

    test("mons are asked by the protocol of their port", () => {
        expect(monHost("a=127.0.1.1:3300,b=127.0.1.2:6789")).toBe("v2:127.0.1.1:3300,v1:127.0.1.2:6789");
        expect(mirrorConf({ endpoints: "a=127.0.1.1:3300", keyring: "/k", runDir: "/s/1" })).toContain(
            "admin socket = /s/1/$name.$pid.asok",
        );
    });
});
