/** A site on minikube with Ceph inside, as the default stack files ask for it. */
import { describe, expect, test } from "@jest/globals";
import { buildSite } from "../../components/site.js";
import { inputs, plan, record, siteConfig, type Registered } from "./harness.js";

const POOL = "kubernetes:ceph.rook.io/v1:CephBlockPool";
const changes = {
    cluster: "minikube",
    context: "",
    minikube: JSON.stringify({ driver: "docker" }),
    ceph: "internal",
    externalCeph: "{}",
    externalCephAdminKey: "",
};
const named = (all: readonly Registered[], name: string): Registered => {
    const found = all.find((r) => r.name === name);
    if (found === undefined) throw new Error(`${name} is not among ${all.map((r) => r.name).join(", ")}`);
    return found;
};

describe("a site on minikube with Ceph inside", () => {
    test("everything is registered with the cluster's own context", async () => {
        const all = await record(() => buildSite(siteConfig(changes), inputs(plan())));
        expect(named(all, "cluster-profile").type).toBe("command:local:Command");
        const provider = all.find((r) => r.type === "pulumi:providers:kubernetes")!;
        expect(provider.inputs).toMatchObject({ context: "cluster1", clusterIdentifier: "cluster1" });
        expect(provider.dependencies.some((urn) => urn.endsWith("::cluster-profile"))).toBe(true);
    });

    test("a preview before anything is there has the whole plan", async () => {
        const all = await record(() => buildSite(siteConfig(changes), inputs(plan())), true);
        for (const name of [
            "cluster-profile",
            "ceph-cluster",
            "ceph-pool",
            "ceph-rbd-mirror",
            "ceph-toolbox",
            "storage-class",
            "default-rbd-pvc-vr",
        ])
            named(all, name);
    });

    test("Rook makes the Ceph cluster; no credentials of another are stored", async () => {
        const all = await record(() => buildSite(siteConfig(changes), inputs(plan())));
        expect(named(all, "ceph-cluster").inputs).toMatchObject({
            metadata: { name: "rook-ceph", namespace: "rook-ceph" },
            spec: { mon: { count: 1 }, network: { provider: "host" } },
        });
        expect(named(all, "ceph-cluster").retainOnDelete).toBe(true);
        expect(all.filter((r) => r.name.startsWith("ceph-mon"))).toEqual([]);
        expect(named(all, "ceph-toolbox").inputs).toMatchObject({ metadata: { name: "rook-ceph-tools" } });
    });

    test("the pool waits until Ceph is up", async () => {
        let up: () => void = () => undefined;
        const cephUp = () => new Promise<void>((resolve) => (up = resolve));
        const before: string[] = [];
        const all = await record(
            () => buildSite(siteConfig(changes), inputs(plan(), { cephUp })),
            false,
            (registered) => {
                before.push(...registered.map((r) => r.type));
                up();
            },
        );
        expect(before).toContain("kubernetes:ceph.rook.io/v1:CephCluster");
        expect(before).not.toContain(POOL);
        expect(all.map((r) => r.type)).toContain(POOL);
    });

    test("the cluster is protected while it holds the primary, and given up in a teardown", async () => {
        const of = async (config: Record<string, string>, protect: boolean) =>
            named(
                await record(() => buildSite(siteConfig({ ...changes, ...config }), inputs(plan({ protect })))),
                "cluster-profile",
            ).protect;
        expect(await of({}, true)).toBe(true);
        expect(await of({}, false)).toBe(true);
        expect(await of({ teardown: "true" }, false)).toBe(false);
    });

    test("no toolbox where none is wanted, and no cluster where it is not ours to make", async () => {
        const without = { ...changes, internalCeph: JSON.stringify({ toolbox: false }) };
        const none = await record(() => buildSite(siteConfig(without), inputs(plan())));
        expect(none.map((r) => r.name)).not.toContain("ceph-toolbox");
        const pool = await record(() => buildSite(siteConfig({ ...changes, manage: '["pool"]' }), inputs(plan())));
        expect(pool.map((r) => r.name)).toEqual(expect.arrayContaining(["ceph-pool"]));
        expect(pool.map((r) => r.name)).not.toEqual(expect.arrayContaining(["ceph-cluster"]));
    });
});
