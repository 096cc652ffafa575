/** Two groups on one site: what is built for one neither waits for the other nor changes with it. */
import { describe, expect, jest, test } from "@jest/globals";
import { buildSite } from "../../components/site.js";
import { siteState, volumeLines } from "../../outputs.js";
import type { Plan, SiteOutputs, VolumePlan } from "../../dr/model.js";
import type { WorkloadPlan } from "../../dr/workloads/types.js";
import * as w from "../unit/dr/world.js";
import { inputs, plan, record, siteConfig, type Registered } from "./harness.js";

jest.setTimeout(60_000);

const VR = "kubernetes:replication.storage.openshift.io/v1alpha1:VolumeReplication";
const config = () =>
    siteConfig({
        groups: JSON.stringify({
            shop: {
                volumes: [{ name: "db", namespace: "shop", size: "1Gi" }],
                workloads: [{ kind: "Deployment", namespace: "shop", name: "web", replicas: 3 }],
            },
        }),
        workloads: JSON.stringify([{ kind: "Deployment", name: "portal", replicas: 2 }]),
    });
/** A Deployment of config, as the plan has it. */
const scaled = (namespace: string, name: string, replicas: number): WorkloadPlan => ({
    kind: "Deployment",
    namespace,
    name,
    replicas,
    note: { replicas: Math.max(replicas, 1), at: w.AT },
});
const ofDefault = (changes: Partial<Plan> = {}) => plan({ workloads: [scaled("default", "portal", 2)], ...changes });
const ofShop = (changes: Partial<Plan> = {}, replicationState: "primary" | "secondary" = "primary"): Plan => ({
    ...plan({ ...changes, replicationState, workload: replicationState === "primary" ? "up" : "down" }),
    group: "shop",
    workloads: [scaled("shop", "web", replicationState === "primary" ? 3 : 0)],
    volumes: [
        {
            key: "shop/db",
            spec: { name: "db", namespace: "shop", size: "1Gi", group: "shop" },
            source: "provision",
            vr: { replicationState, autoResync: false, waitFor: "promoted", term: 1 },
            summary: "",
        },
    ],
});
const build = (plans: readonly Plan[], options = {}) => record(() => buildSite(config(), inputs(plans, options)));
const isOfShop = (r: Registered) => /^shop-|\/shop\//.test(r.name);
const shared = (r: Registered) => !isOfShop(r) && !/^default-|\/default\//.test(r.name);
const names = (all: readonly Registered[]) => all.map((r) => r.name).sort();

describe("two groups", () => {
    test("wait for nothing of each other", async () => {
        const all = await build([ofDefault(), ofShop({}, "secondary")]);
        const waits = (from: (r: Registered) => boolean, to: (r: Registered) => boolean) =>
            all
                .filter(from)
                .flatMap((r) => r.dependencies.filter((urn) => all.some((o) => to(o) && urn.endsWith(`::${o.name}`))));
        const isOfDefault = (r: Registered) => !isOfShop(r) && !shared(r);
        expect(all.filter(isOfDefault).length).toBeGreaterThan(4);
        expect(all.filter(isOfShop).length).toBeGreaterThan(4);
        expect(waits(isOfDefault, isOfShop)).toEqual([]);
        expect(waits(isOfShop, isOfDefault)).toEqual([]);
    });

    test("one flips: everything registered for the other is the same, and so is what they share", async () => {
        const before = await build([ofDefault(), ofShop()]);
        const after = await build([ofDefault(), ofShop({}, "secondary")]);
        const others = (all: readonly Registered[]) =>
            all.filter((r) => !isOfShop(r)).sort((a, b) => a.name.localeCompare(b.name));
        expect(others(after)).toEqual(others(before));
        expect(names(after)).toEqual(names(before));
        const replicas = (all: readonly Registered[], name: string) =>
            (all.find((r) => r.name === name)!.inputs["spec"] as { replicas: number }).replicas;
        expect(replicas(before, "Deployment/shop/web-replicas")).toBe(3);
        expect(replicas(after, "Deployment/shop/web-replicas")).toBe(0);
        expect(replicas(after, "shop-db-app-deployment")).toBe(0);
        expect(replicas(after, "Deployment/default/portal-replicas")).toBe(2);
        expect(replicas(after, "default-rbd-pvc-app-deployment")).toBe(1);
    });

    test("a gate that never opens for one holds nothing of the other back", async () => {
        const site = inputs([ofDefault(), ofShop()]);
        const never = () => new Promise<void>(() => undefined);
        const groups = site.groups.map((g) =>
            g.plan.group === "shop"
                ? { ...g, gates: (v: VolumePlan) => ({ ...g.gates(v), beforeReplication: never }) }
                : g,
        );
        const all = await record(() => buildSite(config(), { ...site, groups }));
        expect(all.filter((r) => r.type === VR).map((r) => r.name)).toEqual(["default-rbd-pvc-vr"]);
        const app = all.find((r) => r.name === "default-rbd-pvc-app-deployment");
        expect(app?.inputs["spec"]).toMatchObject({ replicas: 1 });
    });
});

test("a volume has the same resources in any group: a change of group, or an upgrade, replaces nothing", async () => {
    const volume = ofDefault().volumes[0]!;
    const grouped = {
        ...ofDefault(),
        group: "shop",
        volumes: [{ ...volume, spec: { ...volume.spec, group: "shop" } }],
    };
    const alone = await record(() => buildSite(siteConfig(), inputs(ofDefault())));
    const inGroup = await record(() => buildSite(siteConfig(), inputs(grouped)));
    expect(inGroup).toEqual(alone);
});

describe("outputs", () => {
    const state = (plans: readonly Plan[]) =>
        siteState(
            config(),
            plans.map((p) => ({ plan: p, handedOver: () => Promise.resolve([...p.handedOver]) })),
            w.ask("primary"),
            {},
        );

    test("say of each group what it was left in", async () => {
        const shop = { ...ofShop({}, "secondary"), lostSite: "cluster2" };
        let made: ReturnType<typeof state> | undefined;
        await record(() => {
            made = state([ofDefault(), shop]);
        });
        expect(made).toMatchObject({
            replicationState: "primary",
            groups: {
                default: { replicationState: "primary", volumes: ["default/rbd-pvc"] },
                shop: { replicationState: "secondary", volumes: ["shop/db"], lostSite: "cluster2" },
            },
        } satisfies Partial<SiteOutputs>);
        const lines = volumeLines({ kind: "plan", groups: [ofDefault(), shop] }, made!, {});
        expect(lines.map((l) => [l.pvc, l.group, l.role])).toEqual([
            ["default/rbd-pvc", undefined, "primary"],
            ["shop/db", "shop", "secondary"],
        ]);
    });

    test("never let a version without groups take one group's handover for the site's", async () => {
        const blog = { ...ofShop(), group: "blog" };
        const shop = { ...ofShop({ handedOver: ["shop/db"] }, "secondary") };
        let made: ReturnType<typeof state> | undefined;
        await record(() => {
            made = state([shop, blog]);
        });
        expect(made!.replicationState).toBe("primary");
    });
});
