/** What the toolchain consists of: one pinned Go module per upstream project, and what to build from it. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Name of a tool, which is also the name of its binary. */
export type ToolName =
    | "etcd"
    | "kube-apiserver"
    | "kube-controller-manager"
    | "kube-scheduler"
    | "kubectl"
    | "kwok"
    | "kwokctl"
    | "csi-addons-manager"
    | "csi-addons-sidecar"
    | "csi-provisioner"
    | "pulumi"
    | "pulumi-language-nodejs"
    | "pulumi-resource-kubernetes"
    | "minikube";

/** How one tool is built, and what may stand in for it. */
export interface Tool {
    readonly name: ToolName;
    /** Folder below lab/toolchain/ with go.mod and go.sum, and main.go where we bring our own. */
    readonly module: string;
    /** Package to build. */
    readonly package: string;
    /** Version that the module pins, for messages. */
    readonly version: string;
    /** Build tags. */
    readonly tags?: string;
    /** Values set in the binary (`-X`): without them a Kubernetes binary calls itself v0.0.0-master, and kwokctl believes it. */
    readonly variables?: Readonly<Record<string, string>>;
    /** Needs a C compiler: some of its packages exist only with cgo. */
    readonly cgo?: boolean;
    /** Minutes that a cold build takes on two cores, for the announcement. */
    readonly coldMinutes: number;
    /** How to tell whether a copy found on PATH will do. Absent: always built. */
    readonly onPath?: PathCheck;
}

/** Check of a tool found on PATH. */
export interface PathCheck {
    /** Arguments that make it print its version. */
    readonly args: readonly string[];
    /** Lowest version that will do. */
    readonly from: string;
    /** First version that will not do any more; absent: any later one will. */
    readonly below?: string;
}

const KUBERNETES = "1.34.3";
const kubernetesVariables = {
    "k8s.io/component-base/version.gitVersion": `v${KUBERNETES}`,
    "k8s.io/component-base/version.gitMajor": "1",
    "k8s.io/component-base/version.gitMinor": "34",
};

function kubernetes(name: ToolName, coldMinutes: number, onPath: PathCheck): Tool {
    const common = { module: "kubernetes", version: KUBERNETES, variables: kubernetesVariables };
    return { ...common, name, package: `k8s.io/kubernetes/cmd/${name}`, coldMinutes, onPath };
}

const sameMinor = { args: ["--version"], from: "1.34.0", below: "1.35.0" };

/** Every tool, in the order in which they are built: what the lab needs first comes first. */
export const TOOLS: readonly Tool[] = [
    {
        name: "etcd",
        module: "etcd",
        package: "go.etcd.io/etcd/server/v3",
        version: "3.6.6",
        coldMinutes: 1,
        // Debian's 3.4 lacks RequestWatchProgress: kwok's watches fail, and it re-lists every 30 to 50 seconds.
        onPath: { args: ["--version"], from: "3.6.0", below: "3.7.0" },
    },
    kubernetes("kube-apiserver", 4, sameMinor),
    kubernetes("kube-controller-manager", 2, sameMinor),
    kubernetes("kube-scheduler", 0.2, sameMinor),
    kubernetes("kubectl", 0.5, { args: ["version", "--client"], from: "1.33.0", below: "1.36.0" }),
    { name: "kwok", module: "kwok", package: "sigs.k8s.io/kwok/cmd/kwok", version: "0.7.0", coldMinutes: 2 },
    { name: "kwokctl", module: "kwok", package: "sigs.k8s.io/kwok/cmd/kwokctl", version: "0.7.0", coldMinutes: 0.3 },
    {
        name: "csi-addons-manager",
        module: "csi-addons",
        package: "github.com/csi-addons/kubernetes-csi-addons/cmd/manager",
        version: "0.14.0",
        coldMinutes: 2,
    },
    {
        name: "csi-addons-sidecar",
        module: "csi-addons",
        package: "github.com/csi-addons/kubernetes-csi-addons/sidecar",
        version: "0.14.0",
        coldMinutes: 0.2,
    },
    {
        name: "csi-provisioner",
        module: "external-provisioner",
        package: "github.com/kubernetes-csi/external-provisioner/v5/cmd/csi-provisioner",
        version: "5.1.0",
        coldMinutes: 2,
    },
    {
        name: "pulumi",
        module: "pulumi",
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        version: "3.259.0",
        tags: "osusergo,grpcnotrace",
        variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "v3.259.0" },
        coldMinutes: 4,
        onPath: { args: ["version"], from: "3.248.0" },
    },
    {
        name: "pulumi-language-nodejs",
        module: "pulumi-language-nodejs",
        package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
        version: "3.68.0",
        variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "v3.68.0" },
        coldMinutes: 0.5,
    },
    {
        name: "pulumi-resource-kubernetes",
        module: "pulumi-resource-kubernetes",
        package: ".",
        version: "4.18.1",
        variables: { "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": "4.18.1" },
        coldMinutes: 8,
    },
];

/** Tools that only tests need: not part of the set, built when a test asks for them (`lab/toolchain/test-tools.ts`). */
export const TEST_TOOLS: readonly Tool[] = [
    {
        name: "minikube",
        module: "minikube",
        package: "k8s.io/minikube/cmd/minikube",
        version: "1.38.1",
        // As its own Makefile builds it: the kvm2 driver loads libvirt when it is asked for, and needs no headers.
        tags: "libvirt_dlopen",
        cgo: true,
        variables: {
            "k8s.io/minikube/pkg/version.version": "v1.38.1",
            "k8s.io/minikube/pkg/version.isoVersion": "v1.38.0",
            "k8s.io/minikube/pkg/version.storageProvisionerVersion": "v5",
        },
        coldMinutes: 4,
        // Its answers are what the tests compare: another version is another subject.
        onPath: { args: ["version", "--short"], from: "1.38.1", below: "1.38.2" },
    },
];

/** Looks a tool up by its name. */
export function findTool(name: ToolName): Tool {
    const tool = [...TOOLS, ...TEST_TOOLS].find((known) => known.name === name);
    if (!tool) throw new Error(`There is no tool "${name}" in the toolchain.`);
    return tool;
}

/** Folder of a pinned Go module. */
export function moduleFolder(module: string): string {
    return fileURLToPath(new URL(module, import.meta.url));
}

/** The files that pin a module: their content decides what is built. */
export function pinFiles(module: string): string[] {
    return ["go.mod", "go.sum", "main.go"]
        .map((name) => join(moduleFolder(module), name))
        .filter((file) => existsSync(file));
}

/** The arguments of `go build` for a tool, except where the output goes. */
export function buildFlags(tool: Tool): string[] {
    const variables = Object.entries(tool.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
    const tags = tool.tags ? ["-tags", tool.tags] : [];
    return ["-mod=readonly", "-trimpath", "-buildvcs=false", ...tags, "-ldflags", ["-w", "-s", ...variables].join(" ")];
}

/** Digest of what decides a tool's binary besides Go itself. */
export function toolDigest(tool: Tool, extra: readonly string[] = []): string {
    const hash = createHash("sha256");
    for (const file of pinFiles(tool.module)) hash.update(readFileSync(file)).update("\0");
    hash.update(JSON.stringify([tool.package, buildFlags(tool), ...extra]));
    return hash.digest("hex").slice(0, 20);
}

let pins: string | undefined;

/** Digest of the whole toolchain's pins: checkouts with other pins keep sets of their own. */
export function pinsDigest(): string {
    pins ??= createHash("sha256")
        .update(TOOLS.map((tool) => `${tool.name} ${toolDigest(tool)}`).join("\n"))
        .digest("hex")
        .slice(0, 20);
    return pins;
}
