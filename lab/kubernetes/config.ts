/** kwokctl's configuration for one site: real control plane, binary runtime, loopback only. */
import { stringify } from "yaml";
import { toolPath } from "../toolchain/index.js";

/** Ports of a site's control plane. Chosen free when the site is made, and kept: clients have the API server's in their files. */
export interface KubernetesPorts {
    readonly apiServer: number;
    readonly etcd: number;
    readonly etcdPeer: number;
    readonly controllerManager: number;
    readonly scheduler: number;
    readonly kwokController: number;
}

/** Names of the components, as kwokctl calls them and their pid files and logs. */
export const COMPONENTS = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kwok-controller",
] as const;

/** There is one of each. With an election they would end themselves after a freeze, as their lease has run out. */
const NO_ELECTION = { "leader-elect": "false" };

/** The text of kwokctl's configuration file. */
export function kwokctlConfig(ports: KubernetesPorts): string {
    return stringify({
        apiVersion: "config.kwok.x-k8s.io/v1alpha1",
        kind: "KwokctlConfiguration",
        options: {
            runtime: "binary",
            // The default is every address, etcd without a password included.
            bindAddress: "127.0.0.1",
            etcdBinary: toolPath("etcd"),
            kubeApiserverBinary: toolPath("kube-apiserver"),
            kubeControllerManagerBinary: toolPath("kube-controller-manager"),
            kubeSchedulerBinary: toolPath("kube-scheduler"),
            kwokControllerBinary: toolPath("kwok"),
            kubectlBinary: toolPath("kubectl"),
            kubeAuthorization: true,
            kubeAdmission: true,
            kubeApiserverPort: ports.apiServer,
            etcdPort: ports.etcd,
            etcdPeerPort: ports.etcdPeer,
            kubeControllerManagerPort: ports.controllerManager,
            kubeSchedulerPort: ports.scheduler,
            kwokControllerPort: ports.kwokController,
        },
        componentsPatches: [
            // What a killed process has written survives in the page cache; waiting for the disk only slows the lab.
            patch("etcd", { "unsafe-no-fsync": "true" }),
            // Without these the API server wants a network interface to advertise, and a laptop may be offline.
            patch("kube-apiserver", { "advertise-address": "127.0.0.1", "endpoint-reconciler-type": "none" }),
            // The site agent plays attacher. This controller would delete its VolumeAttachments at the next restart, as it
            // knows of no pod that wants them on a node without a kubelet.
            patch("kube-controller-manager", {
                controllers: "*,-persistentvolume-attach-detach-controller",
                ...NO_ELECTION,
            }),
            patch("kube-scheduler", NO_ELECTION),
        ],
    });
}

function patch(name: string, extraArgs: Readonly<Record<string, string>>): object {
    return { name, extraArgs: Object.entries(extraArgs).map(([key, value]) => ({ key, value })) };
}

/** The site's one node: no taint, so that real Deployments land on it; kwok keeps it ready and its pods running. */
export function nodeManifest(name: string): object {
    const resources = { cpu: "16", memory: "64Gi", pods: "110", "ephemeral-storage": "100Gi" };
    return {
        apiVersion: "v1",
        kind: "Node",
        metadata: {
            name,
            annotations: { "kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0" },
            labels: {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": process.arch === "arm64" ? "arm64" : "amd64",
                "node-role.kubernetes.io/control-plane": "",
                type: "kwok",
            },
        },
        status: { allocatable: resources, capacity: resources },
    };
}
