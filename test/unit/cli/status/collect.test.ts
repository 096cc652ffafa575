/** A look at two sites over the network, one of which is silent. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { collect, type StatusStack } from "../../../../cli/status/collect.js";
import { statusReport } from "../../../../cli/status/model.js";
import type { SiteConfig } from "../../../../config.js";
import { outputs } from "../../dr/world.js";
import { KEYS, startServers, type Servers } from "./servers.js";

let servers: Servers;
beforeAll(async () => void (servers = await startServers()));
afterAll(() => servers.close());

/** A stack whose cluster is behind a kubeconfig. */
function stack(site: "cluster1" | "cluster2", kubeconfig: string): StatusStack {
    const volumes = KEYS.map((key) => ({ namespace: "shop", name: key.split("/")[1]!, size: "16Mi" }));
    const replicationState = site === "cluster1" ? "primary" : "secondary";
    const peer = site === "cluster1" ? "cluster2" : "cluster1";
    const intent = { site, peer, replicationState, volumes, teardown: false, schedulingInterval: "5m" };
    const config = { intent, access: { kubeconfig, context: "c" }, pool: { name: "replicapool" }, workloads: [] };
    return {
        config: () => Promise.resolve(config as unknown as SiteConfig),
        outputs: () => Promise.resolve({ state: outputs(site, replicationState, { records: {} }) }),
    };
}

test("what needs no volume's name is asked while pulumi reads the outputs, which name them", async () => {
    const asked = () => servers.requests.some((path) => path.includes("/cephblockpools/"));
    const outputsOnceAsked = async () => {
        while (!asked()) await sleep(10);
        return { state: outputs("cluster2", "secondary", { records: {} }) };
    };
    const waiting = { ...stack("cluster2", servers.answering), outputs: outputsOnceAsked };
    const { sites } = await collect([stack("cluster1", servers.silent), waiting], 1);
    expect(sites[1].snapshot.reach).toBe("observed");
}, 60_000);

test("outputs that cannot be read end the look, whatever was asked meanwhile", async () => {
    const broken = { ...stack("cluster2", "/nowhere"), outputs: () => Promise.reject(new Error("no passphrase")) };
    await expect(collect([stack("cluster1", servers.silent), broken], 1)).rejects.toThrow("no passphrase");
    const unusable = { ...broken, config: () => Promise.reject(new Error("no peer")) };
    await expect(collect([stack("cluster1", servers.silent), unusable], 1)).rejects.toThrow("no peer");
}, 60_000);

test("a hundred volumes take as many requests as one; a silent site hides nothing of the other", async () => {
    // Long enough for the one that answers, on a machine that is busy with other tests.
    const seconds = 10;
    const before = servers.requests.length;
    const report = statusReport(
        await collect([stack("cluster1", servers.silent), stack("cluster2", servers.answering)], seconds),
    );
    expect(report.sites).toMatchObject([
        { reach: "unreachable", live: "unknown" },
        { reach: "observed", live: "secondary" },
    ]);
    expect(report.sites[0]?.why).toContain(`no answer within ${seconds} s`);
    expect(report.volumes).toHaveLength(100);
    expect(report.volumes.every((v) => v.sites["cluster2"]?.pvc === "Bound")).toBe(true);
    expect(servers.requests.length - before).toBeLessThan(20);
}, 60_000);
