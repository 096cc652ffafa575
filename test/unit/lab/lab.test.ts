import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labUp, siteFreeze, siteStart } from "../../../lab/index.js";
import { writeKubeconfig } from "../../../lab/kubernetes/kubeconfig.js";
import { nodeManifest } from "../../../lab/kubernetes/config.js";
import { planPackages } from "../../../lab/packages.js";
import { allLabs, checkStandIns, freeAddresses, readLab, writeLab } from "../../../lab/record.js";
import { age, renderStatus } from "../../../lab/render.js";
import { readSite, writeSite, type SiteInfo } from "../../../lab/site.js";
import { labStatus, stateOf, type LabStatus } from "../../../lab/status.js";
import { parse } from "yaml";
import { privateDir } from "../../../host/files.js";
import { labDir, siteDir } from "../../../lab/paths.js";
import { readFileSync } from "node:fs";

let dir: string;
const before = process.env.XDG_CACHE_HOME;
beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "lab-"));
    process.env.XDG_CACHE_HOME = dir;
});
afterEach(() => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
    rmSync(dir, { recursive: true });
});

describe("the record of a site", () => {
    const info: SiteInfo = {
        lab: "x",
        site: "cluster1",
        dir: "/x/cluster1",
        address: "127.0.1.1",
        ceph: { conf: "/c", keyring: "/k", fsid: "f", monEndpoint: "127.0.1.1:3300" },
        kubernetes: { kubeconfig: "/q", context: "kwok-cluster1", server: "https://127.0.0.1:21000", caFile: "/ca" },
        node: "cluster1-node",
    };

    test("is read back, from a private file", () => {
        writeSite(info);
        expect(readSite("x", "cluster1")).toEqual(info);
        expect(statSync(join(siteDir("x", "cluster1"), "site.json")).mode & 0o777).toBe(0o600);
    });

    test("that is missing names the command to type", () => {
        expect(() => readSite("x", "cluster1")).toThrow("Bring it up with `npm run lab -- up`.");
    });

    test("of another version says so", () => {
        privateDir(siteDir("x", "cluster1"));
        writeFileSync(join(siteDir("x", "cluster1"), "site.json"), '{"lab":"x"}');
        expect(() => readSite("x", "cluster1")).toThrow(/was not written by this version of the lab/);
    });
});

describe("addresses", () => {
    test("go to labs in pairs, and are not given twice", async () => {
        const first = await freeAddresses();
        expect(first.cluster1).toMatch(/^127\.0\.\d+\.1$/);
        writeLab("one", { addresses: first, without: [] });
        const second = await freeAddresses();
        expect(Object.values(second)).not.toEqual(expect.arrayContaining(Object.values(first)));
        expect(allLabs()).toEqual(["one"]);
    });

    test("on which something listens are passed over", async () => {
        const free = await freeAddresses();
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(3300, free.cluster2, resolve));
        const next = await freeAddresses();
        server.close();
        expect(next.cluster1).not.toBe(free.cluster1);
    });
});

test("parts to leave out are remembered, and unknown ones refused", () => {
    writeLab("x", { addresses: { cluster1: "a", cluster2: "b" }, without: checkStandIns(["rook", "rbd-driver"]) });
    expect(readLab("x")?.without).toEqual(["rook", "rbd-driver"]);
    expect(() => checkStandIns(["ceph"])).toThrow('The lab has no part "ceph" to leave out: use rbd-driver, rook,');
});

test("commands on a lab that does not exist name the one that makes it", async () => {
    await expect(siteFreeze("nolab", "cluster1")).rejects.toThrow(
        'There is no lab "nolab". Bring it up with `npm run lab -- up`.',
    );
    await expect(siteStart("nolab", "cluster1")).rejects.toThrow(/There is no lab/);
    expect(await labStatus("nolab")).toMatchObject({ exists: false, sites: [] });
});

test("a cache folder too deep for sockets is refused before anything is made", async () => {
    process.env.XDG_CACHE_HOME = join(dir, "d".repeat(80));
    await expect(labUp({ lab: "x" })).rejects.toThrow(
        /too deep: sockets below it .* Set XDG_CACHE_HOME to a shorter path/s,
    );
});

describe("packages", () => {
    const missing = ["ceph-mon", "rbd-mirror"];
    test("are installed as root on Debian, else named with the command", () => {
        expect(planPackages({ missing: [], debian: false, root: false })).toEqual({ kind: "complete" });
        expect(planPackages({ missing, debian: true, root: true })).toEqual({ kind: "install", names: missing });
        const plan = planPackages({ missing, debian: true, root: false });
        expect(plan).toMatchObject({ kind: "ask" });
        expect(plan.kind === "ask" && plan.message).toContain(
            "sudo apt-get install --no-install-recommends ceph-mon rbd-mirror",
        );
        expect(planPackages({ missing, debian: false, root: true }).kind).toBe("ask");
    });
});

test("the kubeconfig holds both sites' contexts, with certificates inside and no paths", () => {
    const sites = ["cluster1", "cluster2"].map((name) => {
        const part = (kind: string): string => {
            const file = join(dir, `${name}.${kind}`);
            writeFileSync(file, `${kind} of ${name}`);
            return file;
        };
        const file = join(dir, `${name}.yaml`);
        writeFileSync(
            file,
            JSON.stringify({
                clusters: [{ name, cluster: { server: "https://127.0.0.1:1", "certificate-authority": part("ca") } }],
                users: [{ name, user: { "client-certificate": part("crt"), "client-key": part("key") } }],
                contexts: [{ name: `kwok-${name}`, context: { cluster: name, user: name } }],
            }),
        );
        return file;
    });
    const file = join(labDir("x"), "kubeconfig");
    writeKubeconfig(file, [...sites, join(dir, "not-made-yet.yaml")], "kwok-cluster1");
    const text = readFileSync(file, "utf8");
    const config = parse(text) as { contexts: Array<{ name: string }>; users: Array<{ user: Record<string, string> }> };
    expect(config.contexts.map(({ name }) => name)).toEqual(["kwok-cluster1", "kwok-cluster2"]);
    expect(Buffer.from(config.users[1]?.user["client-key-data"] ?? "", "base64").toString()).toBe("key of cluster2");
    expect(text).not.toContain(dir);
    expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("the node takes ordinary pods and leaves attaching to the agent", () => {
    const node = nodeManifest("cluster1-node") as { metadata: { annotations: object }; spec?: { taints?: unknown } };
    expect(node.spec?.taints).toBeUndefined();
    expect(node.metadata.annotations).not.toHaveProperty(["volumes.kubernetes.io/controller-managed-attach-detach"]);
    expect(node.metadata.annotations).toHaveProperty(["kwok.x-k8s.io/node"], "fake");
});

describe("status", () => {
    test.each([
        [["running", "running"], "running"],
        [["running", "dead"], "degraded"],
        [["frozen", "running"], "frozen"],
        [["dead"], "stopped"],
        [[], "stopped"],
    ] as const)("%j makes a site %s", (states, expected) => {
        expect(stateOf(states.map((state) => ({ state })))).toBe(expected);
    });

    test("is a table, and names who could be reached from other machines", () => {
        const status: LabStatus = {
            lab: "x",
            exists: true,
            without: ["rook"],
            exposed: ["cluster1/csi-addons-manager [::]:9443"],
            sites: [
                {
                    site: "cluster1",
                    address: "127.0.1.1",
                    state: "running",
                    kubernetesReady: true,
                    ceph: "HEALTH_OK",
                    processes: [
                        {
                            name: "etcd",
                            pid: 42,
                            state: "running",
                            since: "2026-01-01T00:00:00.000Z",
                            listens: ["127.0.0.1:2"],
                            log: "",
                        },
                        { name: "agent", pid: 43, state: "dead", listens: [], log: "" },
                    ],
                },
            ],
        };
        const text = renderStatus(status, new Date("2026-01-01T00:03:00.000Z"));
        expect(text).toContain("cluster1 (127.0.1.1): ");
        expect(text).toMatch(/etcd +│ 42 +│ .*running.* │ 3 min │ 127\.0\.0\.1:2/);
        expect(text).toMatch(/agent +│ +│ .*dead/);
        expect(text).toContain("left out: rook");
        expect(text).toContain("reachable from other machines: cluster1/csi-addons-manager [::]:9443");
    });

    test.each([
        [-5, "0 s"],
        [59_000, "59 s"],
        [61_000, "1 min"],
        [3_600_000, "1 h"],
        [200_000_000, "2 d"],
    ])("%d ms is %s", (milliseconds, text) => {
        expect(age(milliseconds)).toBe(text);
    });
});
