/** kubernetes-csi-addons: the sidecar beside the driver, and the controller. Both real. */
import { join } from "node:path";
import { mergePatch } from "../../api/client.js";
import { toolPath } from "../../toolchain/index.js";
import { containerArgs, containerEnv, isRunning, onHost, withFlag } from "../pods.js";
import { ownerOf, podDir, type PodDir } from "../pod-dir.js";
import { knownPort, listens, portFor } from "../ports.js";
import type { Program, ProgramContext } from "../program.js";
import { inClusterEnv, serviceAccountDir } from "../service-account.js";
import { DRIVER_CONTAINER, PROVISIONER_APP, driverSockets, withShortLease } from "./csi.js";

const SIDECAR = "csi-addons";

/**
 * Authentication between controller and sidecar is off, on both sides: with it, 0.14.0 closes a connection as idle at
 * its 30 s tick even in the middle of a call, and a VR shows errors that heal by themselves. Both ends are loopback here.
 */
const NO_AUTH = ["enable-auth", "false"] as const;

export const csiAddonsSidecar: Program = {
    group: "csi-addons",
    app: PROVISIONER_APP,
    container: SIDECAR,
    needs: DRIVER_CONTAINER,
    async prepare(context) {
        const { api, site, pod, container, dirs } = context;
        if (pod.status?.podIP !== site.address) {
            await setPodAddress(context);
            return { wait: `the pod's address to become ${site.address}` };
        }
        const { addons } = driverSockets(pod, dirs);
        if (!(await listens({ path: addons }))) return { wait: "the driver's csi-addons socket" };
        // Rook's port is the same in every cluster; two sites on one machine need two.
        const port = await portFor(dirs.dir, SIDECAR);
        const given = withShortLease(onHost(containerArgs(pod, container), { "/csi": dirs.sockets }));
        return {
            spec: {
                name: container.name,
                command: toolPath("csi-addons-sidecar"),
                args: withFlag(withFlag(given, "controller-port", String(port)), ...NO_AUTH),
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

/**
 * The controller dials the pod's address, and kwok's is made up: replace it by one the sidecar listens on.
 * kwok writes an address only where there is none, so this one stays.
 */
async function setPodAddress({ api, site, pod }: ProgramContext): Promise<void> {
    const { namespace = "", name = "" } = pod.metadata ?? {};
    const body = { status: { podIP: site.address, podIPs: [{ ip: site.address }] } };
    await api.core.patchNamespacedPodStatus({ namespace, name, body }, mergePatch);
}

export const csiAddonsManager: Program = {
    group: "csi-addons",
    app: "csi-addons",
    container: "manager",
    async prepare(context) {
        const { api, site, pod, container, dirs } = context;
        const silent = await silentSidecars(context);
        if (silent.length > 0) return { wait: `the csi-addons sidecar of ${silent.join(", ")}` };
        const port = await portFor(dirs.dir, container.name);
        let args = withFlag(containerArgs(pod, container), "health-probe-bind-address", `127.0.0.1:${port}`);
        args = withFlag(withFlag(args, "metrics-bind-address", "0"), ...NO_AUTH);
        return {
            spec: {
                name: container.name,
                command: toolPath("csi-addons-manager"),
                args,
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

/** How long the controller is kept waiting for sidecars that do not come up. */
const PATIENCE_MS = 20_000;
const waitingSince = new Map<string, number>();

/**
 * Pods whose sidecar should listen and does not. The controller gives a sidecar three tries and then deletes its
 * CSIAddonsNode, so after a restart of the whole site it must not be first. Its patience has an end all the same.
 */
async function silentSidecars({ site, pod, pods, dirs }: ProgramContext): Promise<string[]> {
    const runDir = join(dirs.dir, "..");
    const silent: string[] = [];
    for (const other of pods.filter(isRunning)) {
        const sidecar = other.spec?.containers.find((container) => container.name === SIDECAR);
        if (!sidecar || other.metadata?.labels?.["app"] !== PROVISIONER_APP) continue;
        const theirs: PodDir = podDir(runDir, ownerOf(other));
        const port = await knownPort(theirs.dir, SIDECAR);
        if (port === undefined || !(await listens({ host: site.address, port })))
            silent.push(other.metadata?.name ?? "");
    }
    const uid = pod.metadata?.uid ?? "";
    if (silent.length === 0) {
        waitingSince.delete(uid);
        return silent;
    }
    const since = waitingSince.get(uid) ?? Date.now();
    waitingSince.set(uid, since);
    return Date.now() - since < PATIENCE_MS ? silent : [];
}
