/** The settings of ConfigMap `rook-ceph-operator-config` that shape the CSI controller Deployment. */

/** Settings by name; the operator's environment stands in for what the ConfigMap leaves out, as with Rook. */
export type OperatorSettings = Readonly<Record<string, string | undefined>>;

/** What is deployed. */
export interface CsiFlags {
    readonly deploy: boolean;
    readonly omapGenerator: boolean;
    readonly csiAddons: boolean;
    readonly snapshotter: boolean;
    readonly attacher: boolean;
    readonly liveness: boolean;
    readonly metadata: boolean;
    readonly clusterName: string | undefined;
    readonly csiAddonsPort: string;
    readonly logLevel: string;
    readonly sidecarLogLevel: string;
    readonly grpcTimeout: string;
    readonly lease: { readonly duration: string; readonly renew: string; readonly retry: string };
    readonly replicas: number;
    readonly images: Readonly<
        Record<"plugin" | "provisioner" | "resizer" | "attacher" | "snapshotter" | "csiAddons", string>
    >;
}

/**
 * Reads the settings with the defaults of Rook 1.17.9.
 * @param settings the ConfigMap's data over the operator's environment
 * @param nodes number of nodes: on a single one, Rook runs one replica whatever is asked for
 */
export function csiFlags(settings: OperatorSettings, nodes: number): CsiFlags {
    const text = (name: string, otherwise: string) => settings[name] || otherwise;
    const flag = (name: string, otherwise: boolean) => text(name, String(otherwise)).toLowerCase() === "true";
    const number = (name: string, otherwise: number) => {
        const value = Number(text(name, String(otherwise)));
        return Number.isInteger(value) && value > 0 ? value : otherwise;
    };
    return {
        deploy: flag("ROOK_CSI_ENABLE_RBD", true) && !flag("ROOK_CSI_DISABLE_DRIVER", false),
        omapGenerator: flag("CSI_ENABLE_OMAP_GENERATOR", false),
        csiAddons: flag("CSI_ENABLE_CSIADDONS", false),
        snapshotter: flag("CSI_ENABLE_RBD_SNAPSHOTTER", true),
        attacher: flag("CSI_RBD_ATTACH_REQUIRED", true),
        liveness: flag("CSI_ENABLE_LIVENESS", false),
        metadata: flag("CSI_ENABLE_METADATA", false),
        clusterName: settings["CSI_CLUSTER_NAME"] || undefined,
        csiAddonsPort: text("CSIADDONS_PORT", "9070"),
        logLevel: text("CSI_LOG_LEVEL", "0"),
        sidecarLogLevel: text("CSI_SIDECAR_LOG_LEVEL", "0"),
        grpcTimeout: `${number("CSI_GRPC_TIMEOUT_SECONDS", 150)}s`,
        lease: {
            duration: text("CSI_LEADER_ELECTION_LEASE_DURATION", "137s"),
            renew: text("CSI_LEADER_ELECTION_RENEW_DEADLINE", "107s"),
            retry: text("CSI_LEADER_ELECTION_RETRY_PERIOD", "26s"),
        },
        replicas: nodes <= 1 ? 1 : number("CSI_PROVISIONER_REPLICAS", 2),
        images: {
            plugin: text("ROOK_CSI_CEPH_IMAGE", "quay.io/cephcsi/cephcsi:v3.14.2"),
            provisioner: text("ROOK_CSI_PROVISIONER_IMAGE", "registry.k8s.io/sig-storage/csi-provisioner:v5.2.0"),
            resizer: text("ROOK_CSI_RESIZER_IMAGE", "registry.k8s.io/sig-storage/csi-resizer:v1.13.2"),
            attacher: text("ROOK_CSI_ATTACHER_IMAGE", "registry.k8s.io/sig-storage/csi-attacher:v4.8.1"),
            snapshotter: text("ROOK_CSI_SNAPSHOTTER_IMAGE", "registry.k8s.io/sig-storage/csi-snapshotter:v8.2.1"),
            csiAddons: text("ROOK_CSIADDONS_IMAGE", "quay.io/csiaddons/k8s-sidecar:v0.12.0"),
        },
    };
}
