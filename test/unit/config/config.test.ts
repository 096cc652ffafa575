import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { parseConfig } from "../../../config.js";
import { CONFIG_KEYS } from "../../../config-schema.js";
import { rawConfig } from "../../program/harness.js";

const id = { project: "rbd-dr", organization: "organization", stack: "cluster1" };
const problem = (changes: Record<string, string | undefined>): string => {
    try {
        parseConfig(rawConfig(changes), id);
    } catch (error) {
        return (error as Error).message;
    }
    throw new Error("was accepted");
};

const groups = (changes: Record<string, object>): string =>
    JSON.stringify(
        Object.fromEntries(
            Object.entries(changes).map(([name, group]) => [
                name,
                { volumes: [{ name: "db", namespace: "shop", size: "1Gi" }], ...group },
            ]),
        ),
    );

test("groups follow the stack's state, or have their own; what is in them carries their name", () => {
    const { intent, workloads } = parseConfig(
        rawConfig({
            groups: groups({
                shop: { workloads: [{ kind: "Deployment", namespace: "shop", name: "web", replicas: 2 }] },
                blog: { replicationState: "secondary", volumes: [{ name: "blog", size: "1Gi" }] },
            }),
        }),
        id,
    );
    expect(intent.groups).toEqual([
        { name: "shop", replicationState: "primary" },
        { name: "blog", replicationState: "secondary" },
    ]);
    expect(intent.volumes.map((v) => [v.name, v.group])).toEqual([
        ["rbd-pvc", undefined],
        ["db", "shop"],
        ["blog", "blog"],
    ]);
    expect(workloads).toMatchObject([{ name: "web", group: "shop" }]);
});

test("every volume may be in a group", () => {
    expect(parseConfig(rawConfig({ volumes: "[]", groups: groups({ shop: {} }) }), id).intent.volumes).toHaveLength(1);
});

test("a good config becomes a typed object", () => {
    const config = parseConfig(
        rawConfig({
            volumes: '[{"name":"a","size":"2Gi"},{"name":"b","namespace":"shop","size":"500Mi"}]',
            quiesceTimeout: "90s",
        }),
        id,
    );
    expect(config.intent).toMatchObject({
        site: "cluster1",
        peer: "cluster2",
        replicationState: "primary",
        teardown: false,
        volumes: [
            { name: "a", namespace: "default", size: "2Gi" },
            { name: "b", namespace: "shop", size: "500Mi" },
        ],
    });
    expect(config.intent.lostSite).toBeUndefined();
    expect(config.timeouts).toEqual({
        quiesce: 90,
        handover: 600,
        resync: 3600,
        provisioner: 600,
        peerHandover: 0,
        ceph: 1800,
    });
    expect(config.peerAccess).toBeUndefined();
});

test("the release's version is filled into the manifests' address", () => {
    const config = parseConfig(
        rawConfig({ rookVersion: "v1.17.9", rookManifests: "https://x/v{version}/deploy/" }),
        id,
    );
    expect(config.rook).toEqual({ version: "1.17.9", manifests: "https://x/v1.17.9/deploy" });
});

describe("what is wrong is said with key, value and fix", () => {
    test.each<[string, Record<string, string | undefined>, string[]]>([
        [
            "an unknown key",
            { replicationstate: "primary" },
            ["rbd-dr:replicationstate", "did you mean replicationState?", "pulumi config rm"],
        ],
        [
            "a key far from any other",
            { colour: "red" },
            ["rbd-dr:colour is not a key of this program.", "pulumi config rm colour"],
        ],
        ["a missing key", { peer: undefined }, ["rbd-dr:peer is not set", "pulumi config set peer"]],
        [
            "a state that does not exist",
            { replicationState: "primry" },
            ["rbd-dr:replicationState", '"primry"', "primary, secondary or resync"],
        ],
        ["a boolean that is none", { teardown: "yes" }, ["rbd-dr:teardown", '"yes"', "true or false"]],
        ["an impossible size", { volumes: '[{"name":"a","size":"1 Gb"}]' }, ["rbd-dr:volumes.0.size", '"1 Gb"', "1Gi"]],
        ["a size of nothing", { volumes: '[{"name":"a","size":"0"}]' }, ["rbd-dr:volumes.0.size", "1Mi"]],
        [
            "a name that Kubernetes refuses",
            { volumes: '[{"name":"My_PVC","size":"1Gi"}]' },
            ["rbd-dr:volumes.0.name", '"My_PVC"', "lower case"],
        ],
        ["a name that is too long", { pool: "a".repeat(64) }, ["rbd-dr:pool", "63 characters"]],
        [
            "a volume twice",
            { volumes: '[{"name":"a","size":"1Gi"},{"name":"a","size":"1Gi"}]' },
            ["default/a is named twice"],
        ],
        ["no volume at all", { volumes: "[]" }, ["rbd-dr:volumes", "at least one"]],
        [
            "a volume's unknown field",
            { volumes: '[{"name":"a","size":"1Gi","sice":"2Gi"}]' },
            ["rbd-dr:volumes.0", "sice"],
        ],
        ["a list that is none", { volumes: "rbd-pvc" }, ["rbd-dr:volumes", '"rbd-pvc"', "--path"]],
        ["an interval in seconds", { schedulingInterval: "30s" }, ["rbd-dr:schedulingInterval", '"30s"', "5m"]],
        ["itself as the peer", { peer: "cluster1" }, ["rbd-dr:peer is cluster1, this stack itself"]],
        ["a lost site that is not the peer", { lostSite: "cluster9" }, ["rbd-dr:lostSite is cluster9", "cluster2"]],
        ["no context", { context: "" }, ["rbd-dr:context", "kubeconfig context", "cluster minikube"]],
        [
            "a context beside minikube's",
            { cluster: "minikube", context: "other" },
            ["rbd-dr:context is other", "profile, cluster1", "pulumi config rm context"],
        ],
        [
            "a minikube driver that does not exist",
            { cluster: "minikube", context: "", minikube: '{"driver":"kvm"}' },
            ["rbd-dr:minikube.driver", '"kvm"', "kvm2"],
        ],
        ["a Ceph that is both", { ceph: "internal" }, ["ceph is internal", "externalCeph", "ceph external"]],
        ["an even number of monitors", { internalCeph: '{"mons":2}' }, ["rbd-dr:internalCeph.mons", "odd"]],
        [
            "disks chosen twice",
            { internalCeph: '{"devices":["vdb"],"deviceFilter":"^vd"}' },
            ["rbd-dr:internalCeph.deviceFilter", "devices is set too"],
        ],
        [
            "a single copy in production",
            {
                ceph: "internal",
                externalCeph: "{}",
                externalCephAdminKey: "",
                internalCeph: '{"kind":"production"}',
                poolReplicas: "1",
            },
            ["rbd-dr:poolReplicas is 1", "poolReplicas 3"],
        ],
        ["a part that cannot be managed", { manage: '["roook"]' }, ["rbd-dr:manage.0", '"roook"', "csi-addons"]],
        ["an external Ceph without its key", { externalCephAdminKey: "" }, ["externalCephAdminKey", "--secret"]],
        [
            "an external Ceph without monitors",
            { externalCeph: '{"fsid":"6e2b1c3e-1111-4222-8333-444444444444"}' },
            ["rbd-dr:externalCeph"],
        ],
        ["a version that is none", { rookVersion: "latest" }, ["rbd-dr:rookVersion", '"latest"', "1.17.9"]],
        ["a timeout without a unit", { handoverTimeout: "600" }, ["rbd-dr:handoverTimeout", '"600"', "10m"]],
        ["too many copies", { poolReplicas: "99" }, ["rbd-dr:poolReplicas", '"99"']],
        [
            "a group of the default's name",
            { groups: groups({ default: {} }) },
            ["rbd-dr:groups.default", "is the group default already"],
        ],
        ["a group of an impossible name", { groups: groups({ "My Shop": {} }) }, ["rbd-dr:groups", "My Shop"]],
        [
            "a group without volumes",
            { groups: groups({ shop: { volumes: [] } }) },
            ["rbd-dr:groups.shop.volumes", "at least one"],
        ],
        [
            "a group that was only flipped on this stack and never given",
            { groups: JSON.stringify({ shop: { replicationState: "primary" } }) },
            ["rbd-dr:groups.shop.volumes", "give a list of PVCs"],
        ],
        ["a group's unknown field", { groups: groups({ shop: { volums: [] } }) }, ["rbd-dr:groups.shop", "volums"]],
        [
            "a group's state that does not exist",
            { groups: groups({ shop: { replicationState: "primry" } }) },
            ["rbd-dr:groups.shop.replicationState", '"primry"', "primary, secondary or resync"],
        ],
        [
            "a volume of two groups",
            { groups: groups({ shop: {}, blog: { volumes: [{ name: "db", namespace: "shop", size: "1Gi" }] } }) },
            ["rbd-dr:groups.blog.volumes has shop/db, and so has rbd-dr:groups.shop.volumes", "one group only"],
        ],
        [
            "a volume of a group and of the top",
            { groups: groups({ shop: { volumes: [{ name: "rbd-pvc", size: "1Gi" }] } }) },
            ["rbd-dr:groups.shop.volumes has default/rbd-pvc, and so has rbd-dr:volumes"],
        ],
        [
            "a workload of two groups",
            {
                workloads: '[{"kind":"Deployment","namespace":"shop","name":"web","replicas":1}]',
                groups: groups({
                    shop: { workloads: [{ kind: "Deployment", namespace: "shop", name: "web", replicas: 1 }] },
                }),
            },
            ["rbd-dr:groups.shop.workloads has Deployment shop/web, and so has rbd-dr:workloads"],
        ],
        [
            "a consistency group, with what is missing for it",
            { groups: groups({ shop: { consistency: true } }) },
            [
                "rbd-dr:groups.shop.consistency is true",
                "VolumeGroupReplication",
                "rbd-mirror",
                "ceph-csi",
                "config rm --path",
            ],
        ],
        [
            "a workload of an unknown kind",
            { workloads: '[{"kind":"DaemonSet","name":"x","replicas":1}]' },
            ["rbd-dr:workloads.0.kind", "Deployment or StatefulSet"],
        ],
    ])("%s", (_, changes, texts) => {
        const text = problem(changes);
        for (const part of texts) expect(text).toContain(part);
    });

    test("everything wrong is said at once", () => {
        const text = problem({ replicationState: "x", schedulingInterval: "y", colour: "z" });
        expect(text.split("\n  - ")).toHaveLength(4);
    });

    test("the value of a secret is never shown", () => {
        expect(problem({ externalCephAdminKey: "sesame", peer: "cluster1" })).not.toContain("sesame");
    });
});

describe("Pulumi.yaml", () => {
    const project = parse(readFileSync("Pulumi.yaml", "utf8")) as {
        config: Record<string, { type?: string; description?: string; default?: unknown }>;
    };

    test("declares every key of the program, and no other, each with type and description", () => {
        expect(Object.keys(project.config).sort()).toEqual([...CONFIG_KEYS].sort());
        for (const [key, entry] of Object.entries(project.config)) {
            expect([key, typeof entry.description, typeof entry.type]).toEqual([key, "string", "string"]);
        }
    });

    test.each(["cluster1", "cluster2"])("Pulumi.%s.yaml is a good config on top of the defaults", (stack) => {
        const defaults = Object.entries(project.config).flatMap(([key, { default: value }]) =>
            value === undefined ? [] : [[key, asText(value)] as const],
        );
        const own = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Record<string, unknown> };
        const set = Object.entries(own.config).map(
            ([key, value]) => [key.replace("rbd-dr:", ""), asText(value)] as const,
        );
        const config = parseConfig(Object.fromEntries([...defaults, ...set]), { ...id, stack });
        expect(config.intent.replicationState).toBe(stack === "cluster1" ? "primary" : "secondary");
        expect(config.access.context).toBe(stack);
        expect(config.minikube).toMatchObject({ profile: stack, peerProfile: config.intent.peer });
        expect(config.internalCeph).toMatchObject({ kind: "test", mons: 1, hostNetwork: true });
    });
});

function asText(value: unknown): string {
    return typeof value === "object" ? JSON.stringify(value) : String(value);
}

describe("what exists already", () => {
    const parse = (changes: Record<string, string>) => parseConfig(rawConfig(changes), id);

    test("volumes are told apart by their fields", () => {
        const volumes = [
            { adopt: "data-db-0", namespace: "shop" },
            { adopt: { matchLabels: { app: "shop" } }, namespaces: ["shop"] },
            { name: "new", size: "1Gi" },
        ];
        expect(parse({ volumes: JSON.stringify(volumes) }).intent).toMatchObject({
            volumes: [{ name: "new", namespace: "default", size: "1Gi" }],
            adopt: [
                { name: "data-db-0", namespace: "shop" },
                { selector: { matchLabels: { app: "shop" } }, namespaces: ["shop"] },
            ],
        });
    });

    test("a group adopts for itself", () => {
        const groups = {
            shop: {
                volumes: [{ adopt: "data", namespace: "shop" }],
                workloads: [{ select: {}, namespaces: ["shop"] }],
            },
        };
        const config = parse({ groups: JSON.stringify(groups) });
        expect(config.intent.adopt).toEqual([{ name: "data", namespace: "shop", group: "shop" }]);
        expect(config.workloads).toEqual([{ selector: {}, namespaces: ["shop"], group: "shop" }]);
    });

    test("workloads go without a number of replicas, and by label", () => {
        const workloads = [
            { kind: "Deployment", name: "web" },
            { select: { matchExpressions: [{ key: "tier", operator: "Exists" }] }, kind: "StatefulSet" },
        ];
        expect(parse({ workloads: JSON.stringify(workloads) }).workloads).toMatchObject([
            { kind: "Deployment", namespace: "default", name: "web" },
            { kind: "StatefulSet", selector: { matchExpressions: [{ key: "tier", operator: "Exists" }] } },
        ]);
    });

    test("hooks are argv lists, with five minutes unless they say otherwise", () => {
        const hooks = { beforeStop: ["./a", "b c"], afterStart: { command: ["./d"], timeout: "90s" } };
        expect(parse({ hooks: JSON.stringify(hooks) }).hooks).toEqual({
            beforeStop: { command: ["./a", "b c"], timeout: 300 },
            afterStart: { command: ["./d"], timeout: 90 },
        });
    });

    test.each<[string, Record<string, string>, string]>([
        ["everything selected", { volumes: '[{"adopt":{}}]' }, "selects every claim of every namespace"],
        ["an adopted volume with a size", { volumes: '[{"adopt":"a","size":"1Gi"}]' }, "unknown field size"],
        [
            "In without values",
            { volumes: '[{"adopt":{"matchExpressions":[{"key":"a","operator":"In"}]}}]' },
            "In needs values",
        ],
        [
            "an unknown operator",
            { volumes: '[{"adopt":{"matchExpressions":[{"key":"a","operator":"is"}]}}]' },
            "give In, NotIn",
        ],
        [
            "a claim adopted and made",
            { volumes: '[{"adopt":"a"},{"name":"a","size":"1Gi"}]' },
            "default/a is named twice",
        ],
        ["a release without a namespace", { release: '["data"]' }, "NAMESPACE/NAME"],
        ["a hook that is a command line", { hooks: '{"beforeStop":"./a b"}' }, "rbd-dr:hooks.beforeStop"],
        ["a hook that does not exist", { hooks: '{"beforeFlip":["./a"]}' }, "unknown field beforeFlip"],
    ])("%s is refused", (_, changes, text) => {
        expect(problem(changes)).toContain(text);
    });
});
