/** Workloads: which are stopped, how many replicas they are given, who else uses a claim. */
import { describe, expect, test } from "@jest/globals";
import { decide } from "../../../dr/decide.js";
import type { DecisionInput, Plan, Refusal } from "../../../dr/model.js";
import { planWorkload, type CountInput } from "../../../dr/workloads/counts.js";
import { formatMemory, parseMemory } from "../../../dr/workloads/keys.js";
import { managedWorkloads } from "../../../dr/workloads/managed.js";
import { mountedOf } from "../../../dr/workloads/mounted.js";
import type { ClaimUser, ManagedWorkload, WorkloadSeen, WorkloadSpec } from "../../../dr/workloads/types.js";
import * as w from "./world.js";

const seen = (more: Partial<WorkloadSeen> = {}): WorkloadSeen => ({
    kind: "StatefulSet",
    namespace: "shop",
    name: "db",
    labels: { app: "shop" },
    replicas: 3,
    claims: [],
    claimPrefixes: ["data-db-"],
    deletesClaims: false,
    ...more,
});
const managed = (more: Partial<ManagedWorkload> = {}): ManagedWorkload => ({
    kind: "StatefulSet",
    namespace: "shop",
    name: "db",
    why: "it runs on shop/data-db-0",
    seen: seen(),
    ...more,
});

describe("a workload's claims", () => {
    test.each([
        ["data-db-0", true],
        ["data-db-12", true],
        ["data-db-", false],
        ["data-db-x", false],
        ["data-db-0-old", false],
        ["config", true],
        ["other", false],
    ])("%s: %s", (name, expected) => {
        const key = `shop/${name}`;
        expect(mountedOf([key])(seen({ claims: ["config"] }))).toEqual(expected ? [key] : []);
        expect(mountedOf([`blog/${name}`])(seen({ claims: ["config"] }))).toEqual([]);
    });

    test("are found among many, each once, in the order in which they are asked about", () => {
        const keys = ["shop/data-db-12", "shop/config", "shop/other", "shop/data-db-0", "blog/data-db-0"];
        const mounted = mountedOf(keys);
        expect(mounted(seen({ claims: ["config", "data-db-0"] }))).toEqual([keys[0], keys[1], keys[3]]);
        expect(mounted(seen({ claims: ["other"], claimPrefixes: [] }))).toEqual(["shop/other"]);
    });
});

describe("managed are", () => {
    const of = (specs: readonly WorkloadSpec[], workloads: WorkloadSeen[], volumes = [adopted]) =>
        managedWorkloads(specs, volumes, { reach: "observed", at: w.AT, volumes: {}, workloads });
    const adopted = { name: "data-db-0", namespace: "shop", size: "1Gi", adopt: true } as const;
    const web = seen({ kind: "Deployment", name: "web", claims: ["web"], claimPrefixes: [] });

    test("those of config by name, also where they are not there", () => {
        const spec = { kind: "Deployment", namespace: "shop", name: "web", replicas: 2 } as const;
        expect(of([spec], [web])).toMatchObject([{ name: "web", replicas: 2, seen: web, why: "config names it" }]);
        expect(of([spec], [])).toMatchObject([{ name: "web", seen: undefined }]);
    });

    test("those that config selects", () => {
        const spec = { kind: "Deployment", selector: { matchLabels: { app: "shop" } } } as const;
        expect(of([spec], [web, seen({ name: "other", claimPrefixes: [] })], [])).toMatchObject([
            { name: "web", why: "config selects app=shop" },
        ]);
        expect(of([{ ...spec, namespaces: ["blog"] }], [web], [])).toEqual([]);
    });

    test("those that run on adopted claims, and not those on others", () => {
        expect(of([], [seen(), web])).toMatchObject([{ name: "db", why: "it runs on shop/data-db-0" }]);
        expect(of([], [seen({ namespace: "blog" })])).toEqual([]);
    });

    test("each once", () => {
        const named = { kind: "StatefulSet", namespace: "shop", name: "db" } as const;
        expect(of([named, { selector: {} }], [seen()])).toHaveLength(1);
    });
});

describe("replicas", () => {
    const old = { replicas: 5, at: "2026-01-01T00:00:00.000Z" };
    const newer = { replicas: 7, at: "2026-02-01T00:00:00.000Z" };
    const key = "StatefulSet/shop/db";
    const input = (more: Partial<CountInput> = {}): CountInput => ({
        own: {},
        peer: {},
        serving: false,
        now: w.AT,
        ...more,
    });
    const plan = (direction: "up" | "down", workload: ManagedWorkload, more: Partial<CountInput> = {}) =>
        planWorkload(workload, direction, input(more));
    const fresh = { replicas: 3, at: w.AT };

    test("adopted while it runs: left as it is, and remembered", () => {
        expect(plan("up", managed())).toMatchObject({ replicas: 3, note: fresh, memory: fresh });
    });

    test("stopped: 0, and what ran at that moment is noted", () => {
        const scaled = managed({ seen: seen({ replicas: 4, memory: old }) });
        const now = { replicas: 4, at: w.AT };
        expect(plan("down", scaled, { serving: true })).toMatchObject({ replicas: 0, note: now, memory: now });
    });

    test("stopped by a run that was killed: the note still says how many there were", () => {
        const stopped = managed({ seen: seen({ replicas: 0, memory: newer }) });
        const later = plan("down", stopped, { serving: true, own: { [key]: old } });
        expect(later).toMatchObject({ replicas: 0, note: newer, memory: newer });
    });

    test("on the other site: as many as the first one had, whatever stands in the manifests there", () => {
        for (const replicas of [0, 1, 9]) {
            const there = managed({ seen: seen({ replicas }) });
            expect(plan("up", there, { peer: { [key]: newer } })).toMatchObject({
                replicas: 7,
                note: newer,
                memory: newer,
            });
        }
    });

    test("on failback: the newest number, not the one that this site remembers", () => {
        const stopped = managed({ seen: seen({ replicas: 0, memory: old }) });
        expect(plan("up", stopped, { own: { [key]: old }, peer: { [key]: newer } })).toMatchObject({ replicas: 7 });
    });

    test("scaled by an autoscaler since: not overruled, and remembered", () => {
        const scaled = managed({ seen: seen({ replicas: 9, memory: old }) });
        const planned = plan("up", scaled, { serving: true });
        expect(planned).toMatchObject({ replicas: 5, note: old, memory: { replicas: 9, at: w.AT } });
    });

    test("a secondary that is looked at again changes nothing", () => {
        const stopped = managed({ seen: seen({ replicas: 0, memory: old }) });
        expect(plan("down", stopped, { peer: { [key]: newer } })).toMatchObject({ note: old, memory: newer });
    });

    test("what config fixes goes before everything", () => {
        const fixed = managed({ replicas: 2, seen: seen({ replicas: 9, memory: old }) });
        expect(plan("up", fixed, { serving: true, peer: { [key]: newer } })).toMatchObject({ replicas: 2 });
        const settled = managed({ replicas: 5, seen: seen({ replicas: 5, memory: old }) });
        expect(plan("up", settled, { serving: true })).toMatchObject({ replicas: 5, note: old });
    });

    test("nothing is started that nobody ever saw run, and nothing set that is not there", () => {
        expect(plan("up", managed({ seen: seen({ replicas: 0 }) }))).toBeUndefined();
        expect(plan("up", managed({ seen: undefined, replicas: 2 }))).toBeUndefined();
        expect(plan("down", managed({ seen: undefined }))).toBeUndefined();
    });

    test("the note reads back as written", () => {
        expect(parseMemory(formatMemory(old))).toEqual(old);
        for (const text of [undefined, "", "many at noon", "3"]) expect(parseMemory(text)).toBeUndefined();
    });
});

describe("decided", () => {
    const primary = (users: ClaimUser[] = []) =>
        w.volume({ vr: w.vr("primary", "TFF", { term: 1 }), image: w.image("primary"), users });
    const replaying = w.volume({ vr: w.vr("secondary", "TTT"), image: w.image("secondary") });
    const deployment = (name: string, pods = ["p"]): ClaimUser => ({ kind: "Deployment", name, pods });
    const input = (state: "primary" | "secondary", users: ClaimUser[], more: DecisionInput["intent"] | object = {}) =>
        w.ask(state, {
            own: w.seen(primary(users)),
            peer: w.seen(replaying),
            ownOutputs: w.outputs("cluster1", "primary", { term: 1, sources: { [w.KEY]: "provision" } }),
            peerOutputs: w.outputs("cluster2", "secondary", { records: {} }),
            intent: { workloads: [], demoApp: true, ...more },
        });
    const refusal = (of: DecisionInput): Refusal => {
        const decision = decide(of);
        expect(decision.kind).toBe("refusal");
        return decision as Refusal;
    };
    const plan = (of: DecisionInput): Plan => {
        const decision = decide(of);
        if (decision.kind === "refusal") throw new Error(`${decision.code}: ${decision.reason}`);
        return decision;
    };

    test.each<[ClaimUser, string]>([
        [{ kind: "Pod", name: "shell", pods: ["shell"] }, "kubectl delete pod shell -n default"],
        [{ kind: "Job", name: "dump", pods: ["dump-1"] }, `kubectl patch job dump -n default`],
        [
            { kind: "CronJob", name: "nightly", pods: [] },
            `kubectl patch cronjob nightly -n default --type merge -p '{"spec":{"suspend":true}}'`,
        ],
        [{ kind: "DaemonSet", name: "agent", pods: ["a"] }, "kubectl delete daemonset agent -n default"],
        [{ kind: "ReplicaSet", name: "old", pods: ["o"] }, "kubectl scale replicaset old -n default --replicas=0"],
        [deployment("web"), "add {kind: Deployment, namespace: default, name: web} to workloads"],
        [
            { kind: "VirtualMachineInstance", name: "vm", pods: ["v"] },
            "stop VirtualMachineInstance vm in default by its own means",
        ],
    ])("%j keeps a volume from being demoted, and the way out is told", (user, command) => {
        const refused = refusal(input("secondary", [user]));
        expect(refused.code).toBe("USED_BY_OTHERS");
        expect(refused.seen.join()).toContain(user.name);
        expect(refused.next.join("\n")).toContain(command);
    });

    test("what this program stops itself is no obstacle: the demo application, and what it manages", () => {
        const web = managed({
            kind: "Deployment",
            namespace: "default",
            name: "web",
            seen: seen({ kind: "Deployment", namespace: "default", name: "web" }),
        });
        const p = plan(input("secondary", [deployment("rbd-pvc-app"), deployment("web")], { workloads: [web] }));
        expect(p).toMatchObject({
            operation: "planned-demotion",
            hooks: "stop",
            workloads: [{ name: "web", replicas: 0, note: { replicas: 3 } }],
            memories: { "Deployment/default/web": { replicas: 3, at: w.AT } },
        });
    });

    test("a primary is told beforehand what would stand in the way", () => {
        const p = plan(input("primary", [{ kind: "CronJob", name: "nightly", pods: [] }]));
        expect(p.hooks).toBeUndefined();
        expect(p.warnings.join()).toContain("a flip would be refused as things are: CronJob nightly");
    });

    test("a StatefulSet that would delete its claims when it is scaled down is not scaled down", () => {
        const db = managed({ namespace: "default", seen: seen({ namespace: "default", deletesClaims: true }) });
        const refused = refusal(input("secondary", [], { workloads: [db] }));
        expect(refused.code).toBe("WORKLOAD_DELETES_CLAIMS");
        expect(refused.next.join()).toContain(`"whenScaled":"Retain"`);
        expect(plan(input("primary", [], { workloads: [db] })).warnings.join()).toContain("whenScaled");
    });

    test("a workload that is not on the site that takes over is named, with what to do", () => {
        const handed = w.volume({ vr: w.vr("secondary", "TFF", { term: 1 }) });
        const p = plan(
            w.ask("primary", {
                own: { ...w.seen(w.nothing()), workloads: [] } as DecisionInput["own"],
                peer: w.seen(handed),
                ownOutputs: w.outputs("cluster1", "secondary", { records: {} }),
                peerOutputs: w.outputs("cluster2", "secondary", {
                    handedOver: [w.KEY],
                    term: 1,
                    workloads: { "Deployment/shop/web": { replicas: 2, at: w.AT } },
                }),
                intent: { workloads: [] },
            }),
        );
        expect(p).toMatchObject({ operation: "planned-promotion", hooks: "start" });
        expect(p.warnings.join()).toContain(
            "Deployment shop/web is not on cluster1: deploy its manifests there, with 0 replicas",
        );
    });

    test("hooks of a flip that failed run again; those of one that is over do not", () => {
        const again = { ...input("primary", []), ownOutputs: w.outputs("cluster1", "secondary", { term: 1 }) };
        expect(plan(again)).toMatchObject({ operation: "steady", hooks: "start" });
        expect(plan(input("primary", [])).hooks).toBeUndefined();
    });

    test("a group that is new here has nothing to be started", () => {
        const fresh = w.ask("primary", {
            own: w.seen(w.nothing()),
            ownOutputs: w.outputs("cluster1", "secondary", { records: {} }),
        });
        expect(plan({ ...fresh, peer: w.UNKNOWN })).toMatchObject({ operation: "provision" });
        expect(plan({ ...fresh, peer: w.UNKNOWN }).hooks).toBeUndefined();
    });

    test("operators and autoscalers are told of", () => {
        const db = managed({ seen: seen({ owner: "Cluster pg", autoscaler: "db-hpa" }) });
        const p = plan(input("primary", [], { workloads: [db] }));
        expect(p.warnings.join()).toContain("belongs to Cluster pg");
        expect(p.notes.join()).toContain("HorizontalPodAutoscaler db-hpa rests");
    });
});
