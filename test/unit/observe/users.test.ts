import { describe, expect, test } from "@jest/globals";
import type * as k8s from "@kubernetes/client-node";
import { claimUsers } from "../../../observe/users.js";
import { workloadsSeen, type ControllerLists } from "../../../observe/workloads.js";

const NONE: ControllerLists = {
    deployments: [],
    statefulSets: [],
    replicaSets: [],
    daemonSets: [],
    jobs: [],
    cronJobs: [],
    autoscalers: [],
};
const KEY = "shop/data";
const meta = (name: string, owner?: string): k8s.V1ObjectMeta => {
    const [kind, of] = (owner ?? "").split("/");
    const ownerReferences =
        owner === undefined ? undefined : [{ kind: kind!, name: of!, uid: "u", apiVersion: "v1", controller: true }];
    return { name, namespace: "shop", ownerReferences };
};
const spec = (claim = "data"): k8s.V1PodSpec => ({
    containers: [],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: claim } }],
});
const pod = (name: string, owner?: string): k8s.V1Pod => ({ metadata: meta(name, owner), spec: spec() });
const template = (claim = "data") => ({ spec: spec(claim) });
const selector = { matchLabels: {} };
const users = (pods: k8s.V1Pod[], lists: Partial<ControllerLists> = {}) =>
    claimUsers(pods, { ...NONE, ...lists }, [KEY]).get(KEY);

describe("a pod's user is", () => {
    test.each<[string, k8s.V1Pod, Partial<ControllerLists>, string]>([
        ["the pod itself where nothing controls it", pod("shell"), {}, "Pod/shell"],
        [
            "its Deployment, behind the ReplicaSet",
            pod("web-1", "ReplicaSet/web-a"),
            { replicaSets: [{ metadata: meta("web-a", "Deployment/web") }] },
            "Deployment/web",
        ],
        [
            "a ReplicaSet that nobody owns",
            pod("r-1", "ReplicaSet/r"),
            { replicaSets: [{ metadata: meta("r") }] },
            "ReplicaSet/r",
        ],
        ["its StatefulSet", pod("db-0", "StatefulSet/db"), {}, "StatefulSet/db"],
        [
            "its Job, also where a CronJob made that",
            pod("n-1", "Job/n"),
            { jobs: [{ metadata: meta("n", "CronJob/nightly") }] },
            "Job/n",
        ],
        ["a kind of some operator", pod("vm-1", "VirtualMachineInstance/vm"), {}, "VirtualMachineInstance/vm"],
    ])("%s", (_, of, lists, expected) => {
        expect(users([of], lists)?.map(({ kind, name, pods }) => `${kind}/${name} ${pods.join()}`)).toEqual([
            `${expected} ${of.metadata!.name}`,
        ]);
    });

    test("nobody, once it is being deleted", () => {
        expect(users([{ ...pod("web-1"), metadata: { ...meta("web-1"), deletionTimestamp: new Date(0) } }])).toEqual(
            [],
        );
    });

    test("named once for all its pods, and per claim", () => {
        expect(users([pod("db-0", "StatefulSet/db"), pod("db-1", "StatefulSet/db")])).toEqual([
            { kind: "StatefulSet", name: "db", pods: ["db-0", "db-1"] },
        ]);
        expect(users([{ metadata: meta("other"), spec: spec("logs") }])).toEqual([]);
    });
});

describe("about to start a pod is", () => {
    test.each<[string, Partial<ControllerLists>, string[]]>([
        [
            "a Deployment with replicas",
            { deployments: [{ metadata: meta("web"), spec: { replicas: 1, selector, template: template() } }] },
            ["Deployment/web"],
        ],
        [
            "not one with none",
            { deployments: [{ metadata: meta("web"), spec: { replicas: 0, selector, template: template() } }] },
            [],
        ],
        [
            "not one on another claim",
            { deployments: [{ metadata: meta("web"), spec: { replicas: 1, selector, template: template("logs") } }] },
            [],
        ],
        [
            "a DaemonSet",
            { daemonSets: [{ metadata: meta("agent"), spec: { selector, template: template() } }] },
            ["DaemonSet/agent"],
        ],
        [
            "a CronJob",
            {
                cronJobs: [
                    {
                        metadata: meta("nightly"),
                        spec: { schedule: "", jobTemplate: { spec: { template: template() } } },
                    },
                ],
            },
            ["CronJob/nightly"],
        ],
        [
            "not a suspended one",
            {
                cronJobs: [
                    {
                        metadata: meta("nightly"),
                        spec: { suspend: true, schedule: "", jobTemplate: { spec: { template: template() } } },
                    },
                ],
            },
            [],
        ],
        [
            "a Job that is not over",
            { jobs: [{ metadata: meta("dump"), spec: { template: template() } }] },
            ["Job/dump"],
        ],
        [
            "not one that is",
            {
                jobs: [
                    {
                        metadata: meta("dump"),
                        spec: { template: template() },
                        status: { conditions: [{ type: "Complete", status: "True" }] },
                    },
                ],
            },
            [],
        ],
        [
            "not a suspended one",
            { jobs: [{ metadata: meta("dump"), spec: { suspend: true, template: template() } }] },
            [],
        ],
        [
            "a ReplicaSet of its own",
            { replicaSets: [{ metadata: meta("r"), spec: { selector, replicas: 2, template: template() } }] },
            ["ReplicaSet/r"],
        ],
    ])("%s", (_, lists, expected) => {
        expect(users([], lists)?.map(({ kind, name }) => `${kind}/${name}`)).toEqual(expected);
    });

    test("a StatefulSet, by its claim templates", () => {
        const db = {
            metadata: meta("db"),
            spec: { replicas: 3, selector, template: {}, volumeClaimTemplates: [{ metadata: { name: "data" } }] },
        } as k8s.V1StatefulSet;
        const of = claimUsers([], { ...NONE, statefulSets: [db] }, [
            "shop/data-db-0",
            "shop/data-db-x",
            "blog/data-db-0",
        ]);
        expect([...of].map(([key, each]) => `${key} ${each.length}`)).toEqual([
            "shop/data-db-0 1",
            "shop/data-db-x 0",
            "blog/data-db-0 0",
        ]);
    });
});

test("workloads are seen with what matters of them", () => {
    const deployment: k8s.V1Deployment = {
        metadata: {
            ...meta("web", "Cluster/pg"),
            labels: { app: "shop" },
            annotations: { "rbd-dr/replicas": "4 at 2026-01-01T00:00:00Z" },
        },
        spec: { selector, template: template() },
    };
    const db = {
        metadata: meta("db"),
        spec: {
            replicas: 3,
            selector,
            template: {},
            volumeClaimTemplates: [{ metadata: { name: "data" } }],
            persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete" },
        },
    } as k8s.V1StatefulSet;
    const hpa = {
        metadata: meta("db-hpa"),
        spec: { maxReplicas: 5, scaleTargetRef: { kind: "StatefulSet", name: "db" } },
    };
    expect(workloadsSeen({ ...NONE, deployments: [deployment], statefulSets: [db], autoscalers: [hpa] })).toEqual([
        {
            kind: "Deployment",
            namespace: "shop",
            name: "web",
            labels: { app: "shop" },
            replicas: 1,
            claims: ["data"],
            claimPrefixes: [],
            memory: { replicas: 4, at: "2026-01-01T00:00:00Z" },
            autoscaler: undefined,
            owner: "Cluster pg",
            deletesClaims: false,
        },
        {
            kind: "StatefulSet",
            namespace: "shop",
            name: "db",
            labels: {},
            replicas: 3,
            claims: [],
            claimPrefixes: ["data-db-"],
            memory: undefined,
            autoscaler: "db-hpa",
            owner: undefined,
            deletesClaims: true,
        },
    ]);
});
