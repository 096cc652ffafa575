/**
 * The stack files as they come, through the real `pulumi preview`: the whole plan from nothing, with no cluster running, and
 * a clear word where minikube is missing.
 */
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { PulumiCli } from "../../lab/program/pulumi-cli.js";
import { moduleDir, toolPath } from "../../lab/toolchain/index.js";
import { scriptedMinikube, type Scripted } from "./scripted.js";

jest.setTimeout(300_000);

const REPO = fileURLToPath(new URL("../..", import.meta.url));
const DOUBLE = fileURLToPath(new URL("../doubles/command-plugin/bin", import.meta.url));

let root: string;
let scripted: Scripted;
let manifests: { rook: string; csiAddons: string };

beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "rbd-dr-default-"));
    scripted = scriptedMinikube();
    const [rook, csiAddons] = await Promise.all([
        moduleDir("rook", "github.com/rook/rook"),
        moduleDir("csi-addons", "github.com/csi-addons/kubernetes-csi-addons"),
    ]);
    manifests = { rook: join(rook, "deploy/examples"), csiAddons: join(csiAddons, "deploy/controller") };
});
afterAll(() => {
    scripted?.remove();
    if (root !== undefined) rmSync(root, { recursive: true, force: true });
});

/** A workspace of its own with the checkout's project and stack file. */
async function workspace(stack: string, minikube: boolean, name = `${stack}-${minikube}`): Promise<PulumiCli> {
    const dir = join(root, name);
    for (const folder of [dir, join(dir, "state"), join(dir, "home")]) mkdirSync(folder, { recursive: true });
    const project = parseDocument(readFileSync(join(REPO, "Pulumi.yaml"), "utf8"));
    project.set("main", REPO);
    writeFileSync(join(dir, "Pulumi.yaml"), project.toString());
    copyFileSync(join(REPO, `Pulumi.${stack}.yaml`), join(dir, `Pulumi.${stack}.yaml`));
    const tools = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"] as const;
    const path = [
        DOUBLE,
        ...new Set(tools.map((tool) => dirname(toolPath(tool)))),
        dirname(process.execPath),
        "/usr/bin",
        "/bin",
    ];
    const first = minikube ? [scripted.env["PATH"]!.split(delimiter)[0]!] : [];
    const cli = new PulumiCli(dir, {
        MINIKUBE_HOME: scripted.home,
        KUBECONFIG: scripted.env["KUBECONFIG"]!,
        PATH: [...first, ...path].join(delimiter),
        PULUMI_HOME: join(dir, "home"),
        PULUMI_BACKEND_URL: `file://${join(dir, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_SKIP_UPDATE_CHECK: "1",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    });
    await cli.run(["stack", "init", stack]);
    // The releases' manifests, from the disk instead of the internet.
    await cli.run(["config", "set", "rookManifests", manifests.rook, "-s", stack]);
    await cli.run(["config", "set", "csiAddonsManifests", manifests.csiAddons, "-s", stack]);
    return cli;
}

test.each([
    ["cluster1", ["PersistentVolumeClaim", "VolumeReplication", "Deployment"]],
    ["cluster2", []],
])("preview of %s gives the whole plan from nothing, and runs nothing but checks", async (stack, ofPrimary) => {
    const cli = await workspace(stack, true);
    scripted.calls();
    const { stdout, text, exitCode } = await cli.run(["preview", "--json", "-s", stack], { mayFail: true });
    expect({ exitCode, text: exitCode === 0 ? "" : text }).toEqual({ exitCode: 0, text: "" });
    const { steps } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as {
        steps: { op: string; urn: string; newState: { type: string } }[];
    };
    expect([...new Set(steps.map((s) => s.op))].filter((op) => op !== "read")).toEqual(["create"]);
    const kinds = steps.map((s) => s.newState.type.split(":").at(-1));
    expect(kinds).toEqual(
        expect.arrayContaining([
            "MinikubeCluster",
            "Command",
            "CustomResourceDefinition",
            "CephCluster",
            "CephBlockPool",
            "CephRBDMirror",
            "StorageClass",
            "VolumeReplicationClass",
            ...ofPrimary,
        ]),
    );
    expect(scripted.verbs().filter((verb) => ["stop", "delete"].includes(verb))).toEqual([]);
});

test("an application of its own is a few keys more: each group is planned and said on its own", async () => {
    const cli = await workspace("cluster1", true, "groups");
    await cli.setAllConfig("cluster1", {
        "groups.shop.volumes[0].name": "db",
        "groups.shop.volumes[0].namespace": "shop",
        "groups.shop.volumes[0].size": "64Mi",
        "groups.blog.volumes[0].name": "blog",
        "groups.blog.volumes[0].size": "64Mi",
    });
    await cli.setConfig("cluster1", "groups.blog.replicationState", "secondary", { path: true });
    const { stdout, text, exitCode } = await cli.run(["preview", "--json", "-s", "cluster1"], { mayFail: true });
    expect({ exitCode, text: exitCode === 0 ? "" : text }).toEqual({ exitCode: 0, text: "" });
    for (const said of [
        "group default: primary: first deployment; the workload runs here",
        "group shop: primary: first deployment; the workload runs here",
        "group blog: secondary: joins as secondary; no workload runs here",
    ])
        expect(stdout).toContain(said);
    const { steps } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as { steps: { urn: string }[] };
    const made = (end: string) => steps.some((s) => s.urn.endsWith(`::${end}`));
    expect(["default-rbd-pvc-vr", "shop-db-vr", "default-blog-vr"].map(made)).toEqual([true, true, false]);
});

test("without minikube, the preview says that it is missing and where to get it", async () => {
    const cli = await workspace("cluster1", false);
    const { exitCode, text } = await cli.run(["preview", "-s", "cluster1"], { mayFail: true });
    expect(exitCode).not.toBe(0);
    expect(text).toContain("the program `minikube` is not on PATH");
    // A message for a person, not a stack of the program's own.
    expect(text).not.toMatch(/at .*\.ts:\d+/);
});
