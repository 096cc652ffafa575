/** What minikube says of its profiles: `profile list` and `status`. */
import { z } from "zod";

/** A profile as `profile list --output json` gives it, as far as it matters here. */
export interface Profile {
    readonly name: string;
    readonly driver: string;
    readonly cpus: number;
    /** MiB. */
    readonly memory: number;
    /** MiB. */
    readonly diskSize: number;
    readonly extraDisks: number;
    /** "" when none was given. */
    readonly network: string;
    readonly kubernetesVersion: string;
    readonly containerRuntime: string;
    readonly nodes: readonly ProfileNode[];
}

export interface ProfileNode {
    readonly ip: string;
    /** Port of the API server on that node. */
    readonly port: number;
    readonly controlPlane: boolean;
}

const node = z.object({
    IP: z.string().default(""),
    Port: z.number().default(8443),
    ControlPlane: z.boolean().default(false),
});
const listed = z.object({
    Name: z.string(),
    Config: z.object({
        Driver: z.string().default(""),
        CPUs: z.number().default(0),
        Memory: z.number().default(0),
        DiskSize: z.number().default(0),
        ExtraDisks: z.number().default(0),
        Network: z.string().default(""),
        // An older cluster's file, or one of a start that failed early, has null here.
        Nodes: z.array(node).nullish(),
        KubernetesConfig: z.object({
            KubernetesVersion: z.string().default(""),
            ContainerRuntime: z.string().default(""),
        }),
    }),
});
const list = z.object({ valid: z.array(listed) });

/**
 * Reads `minikube profile list --output json --light`.
 * @throws Error when it is not in the form known
 */
export function parseProfileList(text: string): Profile[] {
    return list.parse(JSON.parse(text)).valid.map(({ Name, Config: c }) => ({
        name: Name,
        driver: c.Driver,
        cpus: c.CPUs,
        memory: c.Memory,
        diskSize: c.DiskSize,
        extraDisks: c.ExtraDisks,
        network: c.Network,
        kubernetesVersion: c.KubernetesConfig.KubernetesVersion,
        containerRuntime: c.KubernetesConfig.ContainerRuntime,
        nodes: (c.Nodes ?? []).map((n) => ({ ip: n.IP, port: n.Port, controlPlane: n.ControlPlane })),
    }));
}

/** Bits of the exit code of `minikube status`. */
export const STATUS_BITS = { host: 1, cluster: 2, kubeconfig: 4 } as const;

/** One node in `minikube status --output json`. */
export interface NodeStatus {
    readonly name: string;
    readonly host: string;
    readonly kubelet: string;
    readonly apiServer: string;
    readonly kubeconfig: string;
    readonly worker: boolean;
}

export interface ClusterStatus {
    /**
     * `absent`: no such profile · `broken`: a profile without its machine · `running`: all of it · `stopped`, `paused`:
     * all of it · `partial`: neither.
     */
    readonly state: "absent" | "broken" | "running" | "stopped" | "paused" | "partial";
    readonly nodes: readonly NodeStatus[];
    /** What is not as it should be, in words, by the bits of the exit code. */
    readonly complaints: readonly string[];
}

const statusNode = z.object({
    Name: z.string(),
    Host: z.string(),
    Kubelet: z.string(),
    APIServer: z.string(),
    Kubeconfig: z.string(),
    Worker: z.boolean().default(false),
});
/** One node is an object, several are a list, and a profile without its machine is `null`. */
const statusAnswer = z.union([z.array(statusNode), statusNode.transform((n) => [n]), z.null().transform(() => [])]);

/** Whether an exit code of `minikube status` is one of its bitmasks, and no failure. */
export function isStatusBits(exitCode: number): boolean {
    return exitCode > 0 && exitCode <= 7;
}

/**
 * Reads `minikube status --output json`.
 *
 * @param stdout what it printed
 * @param exitCode its exit code, 0 to 7
 */
export function parseStatus(stdout: string, exitCode: number): ClusterStatus {
    const nodes = statusAnswer.parse(JSON.parse(stdout)).map((n) => ({
        name: n.Name,
        host: n.Host,
        kubelet: n.Kubelet,
        apiServer: n.APIServer,
        kubeconfig: n.Kubeconfig,
        worker: n.Worker,
    }));
    return { state: clusterState(nodes, exitCode), nodes, complaints: complaints(exitCode) };
}

function clusterState(nodes: readonly NodeStatus[], exitCode: number): ClusterStatus["state"] {
    if (nodes.length === 0 || nodes.some((n) => n.host === "Nonexistent")) return "broken";
    if (exitCode === 0) return "running";
    if (nodes.every((n) => n.host === "Stopped")) return "stopped";
    if (nodes.every((n) => n.apiServer === "Paused" || n.worker)) return "paused";
    return "partial";
}

function complaints(exitCode: number): string[] {
    return [
        exitCode & STATUS_BITS.host ? "a machine is not running" : "",
        exitCode & STATUS_BITS.cluster ? "kubelet or API server is not running" : "",
        exitCode & STATUS_BITS.kubeconfig ? "the kubeconfig does not point at it" : "",
    ].filter((c) => c !== "");
}
