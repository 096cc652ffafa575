/** Specs of CephCluster, by where Ceph runs. Pure. */
import type { InternalCeph } from "./settings.js";

/** Spec of a CephCluster that Rook runs on the site's nodes (Rook's cluster-test.yaml and cluster.yaml). */
export function internalClusterSpec(ceph: InternalCeph): Record<string, unknown> {
    const test = ceph.kind === "test";
    return {
        cephVersion: { image: ceph.image, allowUnsupported: false },
        dataDirHostPath: ceph.dataDir,
        mon: { count: ceph.mons, allowMultiplePerNode: test },
        mgr: { count: test ? 1 : 2, allowMultiplePerNode: test, modules: [{ name: "rook", enabled: true }] },
        dashboard: { enabled: !test, ...(test ? {} : { ssl: true }) },
        crashCollector: { disable: test },
        // The token that the other site mirrors with names the monitors' addresses: they must be the nodes' own.
        ...(ceph.hostNetwork ? { network: { provider: "host" } } : {}),
        storage: { useAllNodes: true, ...devicesOf(ceph) },
        priorityClassNames: {
            mon: "system-node-critical",
            osd: "system-node-critical",
            mgr: "system-cluster-critical",
        },
        disruptionManagement: { managePodBudgets: true },
        // A data loss that Rook's own deletion would cause needs a person's confirmation, which is given nowhere here.
        cleanupPolicy: { confirmation: "" },
        cephConfig: {
            "client.rbd-mirror": { rbd_mirror_image_state_check_interval: String(ceph.mirrorCheckSeconds) },
            ...(test ? { global: { osd_pool_default_size: "1", mon_warn_on_pool_no_redundancy: "false" } } : {}),
        },
    };
}

/** Spec of a CephCluster for a Ceph cluster outside Kubernetes. */
export function externalClusterSpec(): Record<string, unknown> {
    return {
        external: { enable: true },
        network: { connections: { requireMsgr2: true } },
        dataDirHostPath: "/var/lib/rook",
        crashCollector: { disable: true },
    };
}

/** What Rook's operator must be told about the disks: it takes loop devices only when asked to. */
export function diskSettings(ceph: InternalCeph | undefined): Record<string, string> {
    const loops = ceph?.devices?.some((name) => /^(\/dev\/)?loop\d+$/.test(name)) ?? false;
    return loops ? { ROOK_CEPH_ALLOW_LOOP_DEVICES: "true" } : {};
}

function devicesOf(ceph: InternalCeph): Record<string, unknown> {
    if (ceph.devices !== undefined) return { useAllDevices: false, devices: ceph.devices.map((name) => ({ name })) };
    if (ceph.deviceFilter !== undefined) return { useAllDevices: false, deviceFilter: ceph.deviceFilter };
    return { useAllDevices: true };
}
