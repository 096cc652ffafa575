/** Deployment `csi-rbdplugin-provisioner`, after Rook's template (csi-rbdplugin-provisioner-dep.yaml of 1.17.9). */
import type { V1Container, V1Deployment, V1OwnerReference, V1VolumeMount } from "@kubernetes/client-node";
import { CSI_CONFIG, CSI_CONFIG_KEY, CSI_MAPPING, CSI_MAPPING_KEY, RBD_DRIVER } from "./csi-config.js";
import type { CsiFlags } from "./csi-flags.js";

/** Name of the Deployment, and value of its pods' label `app`. */
export const PROVISIONER = "csi-rbdplugin-provisioner";

const SOCKETS: V1VolumeMount = { name: "socket-dir", mountPath: "/csi" };
const CONFIGS: V1VolumeMount = { name: "ceph-csi-configs", mountPath: "/etc/ceph-csi-config/" };
const KEYS: V1VolumeMount = { name: "keys-tmp-dir", mountPath: "/tmp/csi/keys" };
const CSI_SOCKET = "unix:///csi/csi-provisioner.sock";
const ADDONS_SOCKET = "unix:///csi/csi-addons.sock";

/** @param owner the operator's Deployment, where it is known: the CSI Deployment goes with it */
export function provisionerDeployment(
    namespace: string,
    flags: CsiFlags,
    owner: V1OwnerReference | undefined,
): V1Deployment {
    const labels = { app: PROVISIONER };
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: PROVISIONER, namespace, ...(owner ? { ownerReferences: [owner] } : {}) },
        spec: {
            replicas: flags.replicas,
            selector: { matchLabels: labels },
            template: {
                metadata: { labels: { ...labels, contains: "csi-rbdplugin-metrics" } },
                spec: {
                    serviceAccountName: "rook-csi-rbd-provisioner-sa",
                    containers: containers(namespace, flags),
                    volumes: [
                        { name: "socket-dir", emptyDir: { medium: "Memory" } },
                        { name: "keys-tmp-dir", emptyDir: { medium: "Memory" } },
                        {
                            name: "ceph-csi-configs",
                            projected: {
                                sources: [
                                    projected(CSI_CONFIG, CSI_CONFIG_KEY, "config.json"),
                                    projected(CSI_MAPPING, CSI_MAPPING_KEY, "cluster-mapping.json"),
                                ],
                            },
                        },
                    ],
                },
            },
        },
    };
}

function projected(name: string, key: string, path: string) {
    return { configMap: { name, items: [{ key, path }] } };
}

function containers(namespace: string, flags: CsiFlags): V1Container[] {
    const election = [
        `--leader-election-namespace=${namespace}`,
        `--leader-election-lease-duration=${flags.lease.duration}`,
        `--leader-election-renew-deadline=${flags.lease.renew}`,
        `--leader-election-retry-period=${flags.lease.retry}`,
    ];
    const sidecar = (name: string, image: string, ...more: string[]): V1Container => ({
        name,
        image,
        args: [
            "--csi-address=$(ADDRESS)",
            `--v=${flags.sidecarLogLevel}`,
            `--timeout=${flags.grpcTimeout}`,
            "--leader-election=true",
            ...election,
            ...more,
        ],
        env: [{ name: "ADDRESS", value: CSI_SOCKET }],
        volumeMounts: [SOCKETS],
    });
    const { images } = flags;
    return [
        sidecar(
            "csi-provisioner",
            images.provisioner,
            "--retry-interval-start=500ms",
            "--default-fstype=ext4",
            "--extra-create-metadata=true",
            "--prevent-volume-mode-conversion=true",
            "--feature-gates=HonorPVReclaimPolicy=true",
            "--feature-gates=CrossNamespaceVolumeDataSource=false",
            "--feature-gates=Topology=false",
        ),
        sidecar(
            "csi-resizer",
            images.resizer,
            "--handle-volume-inuse-error=false",
            "--feature-gates=RecoverVolumeExpansionFailure=true",
        ),
        ...(flags.attacher ? [sidecar("csi-attacher", images.attacher, "--default-fstype=ext4")] : []),
        ...(flags.snapshotter ? [sidecar("csi-snapshotter", images.snapshotter, "--extra-create-metadata=true")] : []),
        ...(flags.omapGenerator ? [omapGenerator(flags)] : []),
        ...(flags.csiAddons ? [csiAddons(namespace, flags, election)] : []),
        plugin(flags),
        ...(flags.liveness ? [liveness(flags)] : []),
    ];
}

function field(name: string, fieldPath: string) {
    return { name, valueFrom: { fieldRef: { fieldPath } } };
}

function metadataArgs(flags: CsiFlags): string[] {
    return [
        ...(flags.metadata ? ["--setmetadata=true"] : []),
        ...(flags.clusterName ? [`--clustername=${flags.clusterName}`] : []),
    ];
}

function omapGenerator(flags: CsiFlags): V1Container {
    return {
        name: "csi-omap-generator",
        image: flags.images.plugin,
        args: [
            "--type=controller",
            "--drivernamespace=$(DRIVER_NAMESPACE)",
            `--v=${flags.logLevel}`,
            `--drivername=${RBD_DRIVER}`,
            ...metadataArgs(flags),
        ],
        env: [field("DRIVER_NAMESPACE", "metadata.namespace")],
        volumeMounts: [CONFIGS, KEYS],
    };
}

function csiAddons(namespace: string, flags: CsiFlags, election: readonly string[]): V1Container {
    return {
        name: "csi-addons",
        image: flags.images.csiAddons,
        args: [
            "--node-id=$(NODE_ID)",
            `--v=${flags.logLevel}`,
            "--csi-addons-address=$(CSIADDONS_ENDPOINT)",
            `--controller-port=${flags.csiAddonsPort}`,
            "--pod=$(POD_NAME)",
            "--namespace=$(POD_NAMESPACE)",
            "--pod-uid=$(POD_UID)",
            "--stagingpath=/var/lib/kubelet/plugins/kubernetes.io/csi/",
            ...election,
        ],
        ports: [{ containerPort: Number(flags.csiAddonsPort), protocol: "TCP" }],
        env: [
            field("NODE_ID", "spec.nodeName"),
            field("POD_UID", "metadata.uid"),
            field("POD_NAME", "metadata.name"),
            field("POD_NAMESPACE", "metadata.namespace"),
            { name: "CSIADDONS_ENDPOINT", value: ADDONS_SOCKET },
        ],
        volumeMounts: [SOCKETS],
    };
}

function plugin(flags: CsiFlags): V1Container {
    const addons = flags.csiAddons;
    return {
        name: "csi-rbdplugin",
        image: flags.images.plugin,
        args: [
            "--nodeid=$(NODE_ID)",
            "--endpoint=$(CSI_ENDPOINT)",
            `--v=${flags.logLevel}`,
            "--type=rbd",
            "--controllerserver=true",
            `--drivername=${RBD_DRIVER}`,
            "--pidlimit=-1",
            ...(addons ? ["--csi-addons-endpoint=$(CSIADDONS_ENDPOINT)"] : []),
            ...metadataArgs(flags),
        ],
        env: [
            field("POD_IP", "status.podIP"),
            field("NODE_ID", "spec.nodeName"),
            field("POD_NAMESPACE", "metadata.namespace"),
            { name: "CSI_ENDPOINT", value: CSI_SOCKET },
            ...(addons ? [{ name: "CSIADDONS_ENDPOINT", value: ADDONS_SOCKET }] : []),
        ],
        volumeMounts: [SOCKETS, CONFIGS, KEYS],
    };
}

function liveness(flags: CsiFlags): V1Container {
    return {
        name: "liveness-prometheus",
        image: flags.images.plugin,
        args: ["--type=liveness", "--endpoint=$(CSI_ENDPOINT)", "--metricsport=9080", "--metricspath=/metrics"],
        env: [{ name: "CSI_ENDPOINT", value: CSI_SOCKET }, field("POD_IP", "status.podIP")],
        volumeMounts: [SOCKETS],
    };
}
