/** The pod of Rook's Deployment csi-rbdplugin-provisioner: the RBD driver and external-provisioner. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { V1Pod } from "@kubernetes/client-node";
import { privateDir } from "../../../host/files.js";
import { toolPath } from "../../toolchain/index.js";
import { writeIfChanged, type PodDir } from "../pod-dir.js";
import { containerArgs, containerEnv, flagValue, onHost, withFlag } from "../pods.js";
import { listens } from "../ports.js";
import { tsxProgram, type Program, type ProgramContext } from "../program.js";
import { inClusterEnv, serviceAccountDir } from "../service-account.js";

/**
 * Rook's leases last 137 s. A lab kills programs to see them come back: with those, a killed provisioner would leave
 * nobody to provision for two minutes. These are client-go's own defaults.
 */
export function withShortLease(args: readonly string[]): string[] {
    const lease = [
        ["leader-election-lease-duration", "15s"],
        ["leader-election-renew-deadline", "10s"],
        ["leader-election-retry-period", "2s"],
    ] as const;
    return lease.reduce<string[]>((changed, [flag, value]) => withFlag(changed, flag, value), [...args]);
}

/** Label `app` of the pods of Rook's controller Deployment. */
export const PROVISIONER_APP = "csi-rbdplugin-provisioner";
/** The container that serves CSI and csi-addons. */
export const DRIVER_CONTAINER = "csi-rbdplugin";

const DRIVER_SCRIPT = fileURLToPath(new URL("../../rbd-driver/main.ts", import.meta.url));
/** Where Rook mounts the pod's socket folder. */
const SOCKET_MOUNT = "/csi";

/** Paths of the driver's two sockets, as the container's own arguments and environment name them. */
export function driverSockets(pod: V1Pod, dirs: PodDir): { csi: string; addons: string } {
    const container = pod.spec?.containers.find((known) => known.name === DRIVER_CONTAINER);
    const args = container ? onHost(containerArgs(pod, container), { [SOCKET_MOUNT]: dirs.sockets }) : [];
    const path = (flag: string, otherwise: string) =>
        flagValue(args, flag)?.replace(/^unix:\/\//, "") ?? join(dirs.sockets, otherwise);
    return { csi: path("endpoint", "csi-provisioner.sock"), addons: path("csi-addons-endpoint", "csi-addons.sock") };
}

/** Folder that stands for the driver's mount /etc/ceph-csi-config. */
function configDir(dirs: PodDir): string {
    return join(dirs.dir, "ceph-csi-config");
}

/** Writes the JSON of Rook's two ConfigMaps where the driver reads it: a projected volume is kept current, too. */
async function writeConfig({ pod, dirs, configMap }: ProgramContext): Promise<void> {
    const namespace = pod.metadata?.namespace ?? "";
    const files = [
        ["config.json", "rook-ceph-csi-config", "csi-cluster-config-json"],
        ["cluster-mapping.json", "rook-ceph-csi-mapping-config", "csi-mapping-config-json"],
    ] as const;
    privateDir(configDir(dirs));
    for (const [file, name, key] of files) {
        await writeIfChanged(join(configDir(dirs), file), configMap(namespace, name)?.data?.[key] ?? "[]");
    }
}

export const rbdDriver: Program = {
    group: "rbd-driver",
    app: PROVISIONER_APP,
    container: DRIVER_CONTAINER,
    async prepare(context) {
        const { pod, container, dirs } = context;
        const sockets = driverSockets(pod, dirs);
        // A socket that a killed driver left behind looks like a driver that is up.
        await Promise.all(Object.values(sockets).map((socket) => rm(socket, { force: true })));
        await writeConfig(context);
        const given = containerArgs(pod, container);
        const args = [
            ...["--csi-socket", sockets.csi, "--csi-addons-socket", sockets.addons],
            ...["--csi-config", join(configDir(dirs), "config.json")],
            ...["--cluster-mapping", join(configDir(dirs), "cluster-mapping.json")],
            ...["--drivername", flagValue(given, "drivername") ?? "rook-ceph.rbd.csi.ceph.com"],
        ];
        return {
            spec: {
                name: container.name,
                ...tsxProgram(DRIVER_SCRIPT, args),
                env: containerEnv(pod, container),
                dir: dirs.dir,
            },
        };
    },
    refresh: writeConfig,
};

export const csiProvisioner: Program = {
    group: "provisioner",
    app: PROVISIONER_APP,
    container: "csi-provisioner",
    needs: DRIVER_CONTAINER,
    async prepare({ api, site, pod, container, dirs }) {
        const { csi } = driverSockets(pod, dirs);
        if (!(await listens({ path: csi }))) return { wait: "the driver's CSI socket" };
        return {
            spec: {
                name: container.name,
                command: toolPath("csi-provisioner"),
                args: withShortLease(onHost(containerArgs(pod, container), { [SOCKET_MOUNT]: dirs.sockets })),
                env: { ...containerEnv(pod, container), ...inClusterEnv(site) },
                dir: dirs.dir,
                serviceAccountDir: await serviceAccountDir(api, site, pod, dirs.dir),
            },
        };
    },
    async refresh({ api, site, pod, dirs }) {
        await serviceAccountDir(api, site, pod, dirs.dir);
    },
};
