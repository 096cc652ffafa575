/** A site whose claims and workloads were made by others. */
import { describe, expect, test } from "@jest/globals";
import { buildSite } from "../../components/site.js";
import type { Plan, VolumePlan } from "../../dr/model.js";
import { adoptedRecord } from "../unit/dr/claims/claims.js";
import { inputs, plan, record, siteConfig, type Registered } from "./harness.js";

const KEY = "shop/data-db-0";
const adopted = (changes: Partial<Plan> = {}, volume: Partial<VolumePlan> = {}): Plan =>
    plan(changes, {
        key: KEY,
        spec: { name: "data-db-0", namespace: "shop", size: "1Gi", adopt: true },
        source: "adopt",
        record: adoptedRecord(KEY),
        ...volume,
    });
const db = { kind: "StatefulSet", namespace: "shop", name: "db", note: { replicas: 3, at: "2026-01-01" } } as const;
const down = (changes: Partial<Plan> = {}) => ({
    operation: "planned-demotion" as const,
    replicationState: "secondary" as const,
    workload: "down" as const,
    workloads: [{ ...db, replicas: 0 }],
    ...changes,
});
const built = (of: Plan, config: Record<string, string> = {}, hooks?: Parameters<typeof inputs>[1]) =>
    record(() => buildSite(siteConfig({ demoApp: "true", ...config }), inputs(of, hooks)));
const ofVolume = (all: readonly Registered[]) =>
    all
        .filter((r) => r.type.startsWith("kubernetes:") && r.name.startsWith("shop/"))
        .map((r) => r.type.split(":").at(-1));
const named = (all: readonly Registered[], name: string) => all.find((r) => r.name === name)!;

describe("an adopted claim", () => {
    test("gets a VolumeReplication, and nothing else is made of it: no class, no namespace, no demo application", async () => {
        const all = await built(adopted());
        expect(ofVolume(all)).toEqual(["VolumeReplication"]);
        const kinds = all.map((r) => r.type.split(":").at(-1));
        for (const kind of ["StorageClass", "Namespace", "PersistentVolumeClaim", "Deployment"])
            expect(kinds).not.toContain(kind);
    });

    test("has its PV set to Retain where config says so, before it is replicated, and for good", async () => {
        const all = await built(adopted(), { setRetain: "true" });
        const patch = named(all, `${KEY}-retain`);
        expect(patch).toMatchObject({
            type: "kubernetes:core/v1:PersistentVolumePatch",
            retainOnDelete: true,
            inputs: { metadata: { name: "pvc-0a1b" }, spec: { persistentVolumeReclaimPolicy: "Retain" } },
        });
        expect(named(all, `${KEY}-vr`).dependencies.some((urn) => urn.endsWith(`::${patch.name}`))).toBe(true);
    });

    test.each([
        ["primary", true],
        ["secondary", false],
    ] as const)("restored on the other site, a %s: marked, and kept when the stack goes: %s", async (state, kept) => {
        const of = adopted({ replicationState: state }, { source: "restore" });
        const all = await built(of);
        for (const name of [`${KEY}-pv`, `${KEY}-pvc`]) {
            expect(named(all, name).retainOnDelete).toBe(kept);
            expect(named(all, name).inputs).toMatchObject({ metadata: { annotations: { "rbd-dr/restored": "true" } } });
        }
        expect(named(all, `${KEY}-pvc`).inputs).toMatchObject({
            metadata: { name: "data-db-0", labels: { app: "shop" } },
        });
        expect(all.some((r) => r.type.endsWith(":Namespace"))).toBe(true);
    });

    test("that is let go loses the protection of its VR, and of nothing else", async () => {
        const spec = { name: "data-db-0", namespace: "shop", size: "1Gi", adopt: true, release: true } as const;
        expect(named(await built(adopted({}, { spec })), `${KEY}-vr`).protect).toBe(false);
        expect(named(await built(adopted()), `${KEY}-vr`).protect).toBe(true);
    });
});

describe("a workload of others", () => {
    test("has its replicas set and noted, and nothing else; it stays as it is when the stack goes", async () => {
        const patch = named(
            await built(adopted({ workloads: [{ ...db, replicas: 3 }] })),
            "StatefulSet/shop/db-replicas",
        );
        expect(patch).toMatchObject({ type: "kubernetes:apps/v1:StatefulSetPatch", retainOnDelete: true });
        expect(patch.inputs).toEqual({
            apiVersion: "apps/v1",
            kind: "StatefulSet",
            metadata: {
                name: "db",
                namespace: "shop",
                annotations: { "pulumi.com/patchForce": "true", "rbd-dr/replicas": "3 at 2026-01-01" },
            },
            spec: { replicas: 3 },
        });
    });

    test("is stopped before the VR changes", async () => {
        const all = await built(adopted(down()));
        const patch = named(all, "StatefulSet/shop/db-replicas");
        expect(patch.inputs).toMatchObject({
            spec: { replicas: 0 },
            metadata: { annotations: { "rbd-dr/replicas": "3 at 2026-01-01" } },
        });
        expect(named(all, `${KEY}-vr`).dependencies.some((urn) => urn.endsWith(`::${patch.name}`))).toBe(true);
    });

    test("waits for the hook before it", async () => {
        const seen: string[] = [];
        const hooks = {
            beforeStop: () => Promise.resolve(void seen.push("beforeStop")),
            afterStop: (_: string, outOfUse: Promise<void>) => outOfUse,
            beforeStart: () => Promise.resolve(void seen.push("beforeStart")),
            afterStart: () => Promise.resolve(void seen.push("afterStart")),
        };
        await built(adopted(down()), {}, { hooks });
        expect(seen).toEqual(["beforeStop", "afterStart"]);
        seen.length = 0;
        await built(adopted({ workloads: [{ ...db, replicas: 3 }] }), {}, { hooks });
        expect(seen).toEqual(["beforeStart", "afterStart"]);
    });
});
