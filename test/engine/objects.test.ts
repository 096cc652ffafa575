/**
 * Every Kubernetes object that the program makes, held against a real API server with the CRDs of Rook 1.17.9 and csi-addons
 * 0.14.0: a server-side dry run with strict validation, so that a misspelt field is an error.
 */
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { execa } from "execa";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClientProfileMapping } from "../../components/pool-mapping.js";
import { buildSite } from "../../components/site.js";
import { kubernetesUp, type KubernetesArgs, type KubernetesCluster } from "../../lab/kubernetes/index.js";
import { killAll } from "../../lab/process.js";
import { moduleDir, toolPath } from "../../lab/toolchain/index.js";
import type { Inventory } from "../../dr/adoption.js";
import { connect } from "../../observe/cluster.js";
import { takeStock } from "../../observe/inventory.js";
import { loadManifests } from "../../observe/manifests.js";
import { inputs, plan, record, siteConfig, type Registered } from "../program/harness.js";

jest.setTimeout(180_000);

let root: string;
let args: KubernetesArgs;
let cluster: KubernetesCluster;
let rook: string;
let csiAddons: string;
/** What was found before anything was installed, kinds included. */
let empty: Inventory;

beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "rbd-dr-objects-"));
    args = { dir: join(root, "kubernetes"), runDir: join(root, "run"), name: "objects" };
    for (const dir of [args.dir, args.runDir]) mkdirSync(dir, { mode: 0o700 });
    cluster = await kubernetesUp(args);
    empty = await takeStock(connect(cluster), "replicapool");
    rook = join(await moduleDir("rook", "github.com/rook/rook"), "deploy/examples");
    csiAddons = join(await moduleDir("csi-addons", "github.com/csi-addons/kubernetes-csi-addons"), "deploy/controller");
    for (const file of [
        join(rook, "crds.yaml"),
        join(rook, "common.yaml"),
        join(rook, "csi-operator.yaml"),
        join(csiAddons, "crds.yaml"),
        join(csiAddons, "setup-controller.yaml"),
    ])
        await kubectl(["apply", "--server-side", "--force-conflicts", "-f", file]);
    // Kinds are served a moment after their definitions.
    await kubectl(["wait", "crd", "--all", "--for=condition=Established", "--timeout=60s"]);
});

afterAll(async () => {
    if (args !== undefined) await killAll(args.runDir);
    if (root !== undefined) rmSync(root, { recursive: true, force: true });
});

async function kubectl(params: string[], input?: string): Promise<string> {
    const access = ["--kubeconfig", cluster.kubeconfig, "--context", cluster.context];
    const { stdout } = await execa(toolPath("kubectl"), [...access, ...params], { input: input ?? "" });
    return stdout;
}

/** Has the API server check objects, each as it would be applied. @returns one line per object */
async function dryRun(items: readonly unknown[]): Promise<string[]> {
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    const flags = ["--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict"];
    return (await kubectl(["apply", ...flags, "-f", "-"], list)).split("\n");
}

/** The objects among what was registered, with kind and version from the type where the inputs lack them. */
function objectsOf(all: readonly Registered[]): Record<string, unknown>[] {
    return all
        .filter((r) => r.type.startsWith("kubernetes:") && !r.type.endsWith("Patch") && "metadata" in r.inputs)
        .map((r) => {
            const [, group, kind] = r.type.split(":") as [string, string, string];
            return { apiVersion: group.replace(/^core\//, ""), kind, ...(revealed(r.inputs) as object) };
        });
}

/** Key by which Pulumi marks a secret among a resource's inputs; the value lies beside it. */
const SECRET = "4dabf18193072939515e22adb298388d";

/** The inputs as the provider would send them: secrets are plain text to the API server. */
function revealed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(revealed);
    if (typeof value !== "object" || value === null) return value;
    if (SECRET in value) return revealed((value as unknown as { value: unknown }).value);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}

const internal = {
    cluster: "minikube",
    context: "",
    minikube: JSON.stringify({ driver: "docker" }),
    ceph: "internal",
    externalCeph: "{}",
    externalCephAdminKey: "",
};
const production = { kind: "production", devices: ["vdb", "/dev/disk/by-id/x"], dataDir: "/var/lib/rook" };

test.each<[string, Record<string, string>]>([
    ["an external Ceph", {}],
    ["a test Ceph inside", internal],
    [
        "a production Ceph inside",
        { ...internal, cluster: "existing", context: "c", internalCeph: JSON.stringify(production), poolReplicas: "3" },
    ],
    [
        "disks by a filter",
        { ...internal, internalCeph: JSON.stringify({ deviceFilter: "^vd[b-d]", hostNetwork: false }) },
    ],
])("a site with %s: the API server takes every object", async (_, changes) => {
    const all = await record(() => buildSite(siteConfig(changes), inputs(plan(), { peerToken: "dG9rZW4=" })));
    const objects = objectsOf(all);
    const lines = await dryRun(objects);
    expect(lines).toHaveLength(objects.length);
    expect(objects.map((o) => o["kind"])).toEqual(
        expect.arrayContaining([
            "CephCluster",
            "CephBlockPool",
            "CephRBDMirror",
            "StorageClass",
            "VolumeReplicationClass",
            "VolumeReplication",
            "PersistentVolumeClaim",
        ]),
    );
});

test("Rook and csi-addons as the program installs them", async () => {
    const changes = { manage: '["rook","csi-addons"]', rookManifests: rook, csiAddonsManifests: csiAddons };
    const objects = objectsOf(await record(() => buildSite(siteConfig(changes), inputs(plan({ volumes: [] })))));
    await dryRun(objects);
    const settings = objects.find((o) => (o["metadata"] as { name: string }).name === "rook-ceph-operator-config")!;
    expect(settings["data"]).toMatchObject({
        CSI_ENABLE_CSIADDONS: "true",
        CSI_ENABLE_OMAP_GENERATOR: "true",
        ROOK_CSIADDONS_IMAGE: "quay.io/csiaddons/k8s-sidecar:v0.14.0",
    });
    expect(JSON.stringify(objects)).toContain("quay.io/csiaddons/k8s-controller:v0.14.0");
    expect(JSON.stringify(objects)).not.toContain("k8s-controller:latest");
});

test("the mapping of pools with different ids, in the API of the release at hand", async () => {
    const mapping = { mapping: { local: 2, remote: 3 }, apiVersion: "csi.ceph.io/v1alpha1" };
    const [object] = objectsOf(await record(() => new ClientProfileMapping("pools", mapping)));
    expect(object).toMatchObject({ spec: { mappings: [{ blockPoolIdMapping: [["2", "3"]] }] } });
    expect(await dryRun([object])).toHaveLength(1);
});

test("a cluster's stock: nothing on an empty one, and what others have installed as theirs", async () => {
    expect(empty).toEqual({ settings: {}, replicationCrds: false, mirrorDaemon: false });
    const operator = loadManifests(rook, ["operator.yaml"], "rookManifests");
    const pool = {
        apiVersion: "ceph.rook.io/v1",
        kind: "CephBlockPool",
        metadata: { name: "replicapool", namespace: "rook-ceph" },
        spec: { replicated: { size: 3 }, mirroring: { enabled: true, mode: "image" } },
    };
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: [...(await operator), pool] });
    await kubectl(["apply", "--server-side", "-f", "-"], list);
    const found = await takeStock(connect(cluster), "replicapool");
    expect(found).toMatchObject({
        rook: { version: "1.17.9", ours: false },
        settings: { ROOK_USE_CSI_OPERATOR: "false" },
        // The sources of csi-addons name no version in their manifests.
        csiAddons: { ours: false },
        replicationCrds: true,
        pool: { ours: false, mirrored: true, replicas: 3 },
        mirrorDaemon: false,
    });
    // The kinds of the ceph-csi operator are there, but no driver of its own.
    expect(found.csiOperator).toBeUndefined();
    expect(found.ceph).toBeUndefined();
});

test("the dry run refuses what is wrong", async () => {
    const all = await record(() => buildSite(siteConfig(internal), inputs(plan())));
    const good = objectsOf(all).find((o) => o["kind"] === "CephCluster")!;
    const misspelt = { ...good, spec: { ...(good["spec"] as object), storrage: {} } };
    await expect(dryRun([misspelt])).rejects.toThrow(/storrage/);
    const wrong = { ...good, spec: { ...(good["spec"] as object), mon: { count: 99 } } };
    await expect(dryRun([wrong])).rejects.toThrow(/mon/);
});
