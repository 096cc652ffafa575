/** What each minikube driver can do that matters here: disks of its own for Ceph, and a network that two profiles share. */

/** Drivers that this program starts clusters with. `none` and `ssh` are left out: those machines exist already. */
export const DRIVERS = [
    "kvm2",
    "qemu2",
    "vfkit",
    "krunkit",
    "hyperkit",
    "docker",
    "podman",
    "virtualbox",
    "hyperv",
    "vmware",
    "parallels",
] as const;
export type Driver = (typeof DRIVERS)[number];

/** Drivers whose machines get extra disks; the others only print a warning (minikube 1.38.1, `checkExtraDiskOptions`). */
export const DRIVERS_WITH_DISKS: readonly Driver[] = ["hyperkit", "kvm2", "qemu2", "vfkit", "krunkit"];

/** Most extra disks that a machine can have (kvm2: virtio bus letters). */
export const MAX_EXTRA_DISKS = 20;

/** Name of the network that both profiles share, for drivers where networks have names of one's own. */
export const SHARED_NETWORK = "rbd-dr";

/** How a driver takes `--network` (minikube 1.38.1, `driver.SupportsNetworkFlag`, `validateQemuNetwork`, `validateVfkitNetwork`). */
type NetworkRule =
    | { readonly kind: "named" }
    /** The only one of the driver's networks on which two machines reach each other. */
    | { readonly kind: "only"; readonly network: string; readonly os: NodeJS.Platform }
    /** There is no choice: the flag is ignored. */
    | { readonly kind: "none" };

const NETWORKS: Readonly<Record<Driver, NetworkRule>> = {
    kvm2: { kind: "named" },
    docker: { kind: "named" },
    podman: { kind: "named" },
    qemu2: { kind: "only", network: "socket_vmnet", os: "darwin" },
    vfkit: { kind: "only", network: "vmnet-shared", os: "darwin" },
    krunkit: { kind: "none" },
    hyperkit: { kind: "none" },
    virtualbox: { kind: "none" },
    hyperv: { kind: "none" },
    vmware: { kind: "none" },
    parallels: { kind: "none" },
};

/** The driver that gives Ceph disks without a detour: kvm2 on Linux, vfkit on macOS, hyperv on Windows (without disks). */
export function defaultDriver(os: NodeJS.Platform): Driver {
    if (os === "darwin") return "vfkit";
    return os === "win32" ? "hyperv" : "kvm2";
}

/** The network to start with when config names none; undefined where the driver has no choice. */
export function defaultNetwork(driver: Driver): string | undefined {
    const rule = NETWORKS[driver];
    if (rule.kind === "none") return undefined;
    return rule.kind === "named" ? SHARED_NETWORK : rule.network;
}

/** Why the driver cannot give the machine that many disks, with what to do instead; undefined when it can. */
export function diskProblem(driver: Driver, disks: number): string | undefined {
    if (disks === 0 || DRIVERS_WITH_DISKS.includes(driver)) return undefined;
    return (
        `the ${driver} driver has no extra disks (minikube would start without them and only warn). ` +
        `Use a driver that has: ${DRIVERS_WITH_DISKS.join(", ")}. Or set extraDisks to 0 and give Ceph its storage in ` +
        `another way: an external Ceph, or a loop device inside the node (config/minikube-docker.yaml shows how)`
    );
}

/** Why two profiles could not reach each other on this network, with what to do instead; undefined when they can. */
export function networkProblem(driver: Driver, network: string | undefined, os: NodeJS.Platform): string | undefined {
    const rule = NETWORKS[driver];
    switch (rule.kind) {
        case "named":
            return network === "" ? "give the name of a network, the same on both sites" : undefined;
        case "none":
            return network === undefined
                ? undefined
                : `the ${driver} driver takes no network (minikube would ignore it). Remove it`;
        case "only":
            if (os !== rule.os)
                return (
                    `the ${driver} driver has a network that both sites share only on ${rule.os} (${rule.network}); on ` +
                    `${os} rbd-mirror would not reach the other site. Use ${defaultDriver(os)}, or clusters of your own ` +
                    `(cluster: existing)`
                );
            return network === undefined || network === rule.network
                ? undefined
                : `on this network of the ${driver} driver the sites cannot reach each other. Use ${rule.network}`;
    }
}
