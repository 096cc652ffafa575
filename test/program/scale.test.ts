/** What a site registers grows with its volumes, and not with their square. */
import { describe, expect, jest, test } from "@jest/globals";
import { buildSite } from "../../components/site.js";
import type { Plan, VolumePlan } from "../../dr/model.js";
import type { ManagedWorkload, WorkloadPlan } from "../../dr/workloads/types.js";
import { inputs, plan, record, siteConfig, type Registered } from "./harness.js";

jest.setTimeout(120_000);

const VR = "kubernetes:replication.storage.openshift.io/v1alpha1:VolumeReplication";
/** Half of the volumes have a demo application, half one of others; each ten share a namespace. */
const many = (count: number, role: "primary" | "secondary"): Plan => {
    const one = plan({ replicationState: role, workload: role === "primary" ? "up" : "down" });
    const volumes = Array.from({ length: count }, (_, i): VolumePlan => {
        const spec = { name: `data-${i}`, namespace: `shop-${Math.floor(i / 10)}`, size: "1Gi" };
        const vr = { ...one.volumes[0]!.vr!, replicationState: role };
        return { ...one.volumes[0]!, key: `${spec.namespace}/${spec.name}`, spec, vr };
    });
    const workloads = volumes.map((v): WorkloadPlan => ({
        ...nameOf(v),
        replicas: role === "primary" ? 1 : 0,
        note: { replicas: 1, at: "2026-01-01" },
    }));
    return { ...one, volumes, workloads };
};
const nameOf = ({ spec }: VolumePlan) => ({
    kind: "Deployment" as const,
    namespace: spec.namespace,
    name: `app-${spec.name}`,
});
const build = (of: Plan, options: Parameters<typeof inputs>[1] = {}, halfway?: (all: Registered[]) => void) => {
    const config = siteConfig();
    const workloads = of.volumes.map((v): ManagedWorkload => {
        const claims = { claims: [v.spec.name], claimPrefixes: [], deletesClaims: false };
        return { ...nameOf(v), why: "config names it", seen: { ...nameOf(v), labels: {}, replicas: 1, ...claims } };
    });
    return record(
        () => buildSite({ ...config, intent: { ...config.intent, workloads } }, inputs(of, options)),
        false,
        halfway,
    );
};
const edges = (all: readonly Registered[]) =>
    all.reduce((sum, r) => sum + r.dependencies.length + r.propertyDependencies.length, 0);

describe.each(["primary", "secondary"] as const)("a %s", (role) => {
    test("with ten times the volumes has ten times the dependencies", async () => {
        const ten = await build(many(10, role));
        const hundred = await build(many(100, role));
        expect(hundred.filter((r) => r.type === VR)).toHaveLength(100);
        expect(edges(ten)).toBeGreaterThan(50);
        expect(edges(hundred)).toBeLessThanOrEqual(11 * edges(ten));
    });
});

describe("the order of a group, whatever the graph says", () => {
    test("no VR is changed before every workload is down", async () => {
        let open: () => void = () => undefined;
        const opened = new Promise<void>((resolve) => (open = resolve));
        let stops = 0;
        const site = inputs(many(3, "secondary"));
        const hooks = {
            ...site.groups[0]!.hooks,
            // The first is let through, the others are held.
            beforeStop: () => (stops++ === 0 ? Promise.resolve() : opened),
        };
        let seen: Registered[] = [];
        const all = await build(many(3, "secondary"), { hooks }, (registered) => {
            seen = registered;
            open();
        });
        expect(seen.filter((r) => r.type.includes("Deployment"))).toHaveLength(1);
        expect(seen.filter((r) => r.type === VR)).toEqual([]);
        expect(all.filter((r) => r.type === VR)).toHaveLength(3);
        const last = Math.max(...all.map((r, i) => (r.type.includes("Deployment") ? i : -1)));
        expect(all.findIndex((r) => r.type === VR)).toBeGreaterThan(last);
    });

    test("no workload is stopped before every claim is there: what can fail earlier, fails while it runs", async () => {
        const all = await build(many(3, "secondary"));
        const of = (part: string) => all.flatMap((r, i) => (r.type.includes(part) ? [i] : []));
        expect([of(":PersistentVolumeClaim").length, of("Deployment").length]).toEqual([3, 6]);
        expect(Math.max(...of(":PersistentVolumeClaim"))).toBeLessThan(Math.min(...of("Deployment")));
    });

    /** Builds a primary of three volumes, of which a gate lets one through; tells what was there while it held the others. */
    async function held(gate: "beforeReplication" | "afterReplication") {
        let open: () => void = () => undefined;
        const opened = new Promise<void>((resolve) => (open = resolve));
        let passed = 0;
        const gates = { [gate]: () => (passed++ === 0 ? Promise.resolve() : opened) };
        let before: Registered[] = [];
        const all = await build(many(3, "primary"), { gates }, (registered) => {
            before = registered;
            open();
        });
        return { before, all };
    }

    test.each([
        ["has said that it is promoted", "afterReplication", 3],
        ["is asked", "beforeReplication", 1],
    ] as const)("no workload comes up before every VR %s", async (_, gate, asked) => {
        const { before, all } = await held(gate);
        expect(before.filter((r) => r.type === VR)).toHaveLength(asked);
        expect(before.filter((r) => r.type.includes("Deployment"))).toEqual([]);
        expect(all.filter((r) => r.type.includes("Deployment"))).toHaveLength(6);
    });
});
