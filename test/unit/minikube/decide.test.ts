import { describe, expect, test } from "@jest/globals";
import { minikubeConfig, minikubeSettings, type MinikubeSettings } from "../../../minikube/config.js";
import { compareVersions, decideCluster, peerProblem } from "../../../minikube/decide.js";
import type { Profile } from "../../../minikube/profile.js";

const asked: MinikubeSettings = minikubeSettings(minikubeConfig("linux").parse({}), "cluster1", "cluster2");
const there: Profile = {
    name: "cluster1",
    driver: "kvm2",
    cpus: 4,
    memory: 6144,
    diskSize: 40960,
    extraDisks: 1,
    network: "rbd-dr",
    kubernetesVersion: "v1.33.8",
    containerRuntime: "containerd",
    nodes: [{ ip: "192.168.39.11", port: 8443, controlPlane: true }],
};
const done = { generation: 1, complete: true };
const halfWay = { generation: 1, complete: false };

function refusal(existing: Profile, mark: Parameters<typeof decideCluster>[1], settings = asked): string {
    const decision = decideCluster(existing, mark, settings);
    if (decision.action !== "refuse") throw new Error(`not refused: ${decision.action}`);
    return decision.why;
}

describe("what to do about a cluster", () => {
    test("nothing there: create, whatever a mark says", () => {
        expect(decideCluster(undefined, undefined, asked)).toEqual({ action: "create" });
        expect(decideCluster(undefined, done, asked)).toEqual({ action: "create" });
    });

    test("as asked: start", () => {
        expect(decideCluster(there, done, asked)).toEqual({ action: "start" });
        expect(decideCluster(there, halfWay, asked)).toEqual({ action: "start" });
    });

    test("somebody else's profile is refused, with the three ways out", () => {
        const why = refusal(there, undefined);
        expect(why).toContain("set cluster to existing and context to cluster1");
        expect(why).toContain("minikube.profile");
        expect(why).toContain("minikube delete -p cluster1");
    });

    test.each([
        ["driver", { driver: "docker" }],
        ["cpus", { cpus: 2 }],
        ["memory", { memory: 2048 }],
        ["diskSize", { diskSize: 20000 }],
        ["extraDisks", { extraDisks: 0 }],
        ["network", { network: "" }],
        ["containerRuntime", { containerRuntime: "docker" }],
        ["nodes", { nodes: [...there.nodes, ...there.nodes] }],
    ] as const)(
        "%s cannot be changed: refused with both values; remade when the first start had failed",
        (key, other) => {
            const existing = { ...there, ...other };
            const why = refusal(existing, done);
            expect(why).toMatch(new RegExp(`${key} .+ \\(asked: `));
            expect(why).toContain("set the config back");
            expect(why).toContain("raise minikube.generation to 2");
            expect(decideCluster(existing, halfWay, asked)).toMatchObject({ action: "remake" });
        },
    );

    test("a start that failed before any node was recorded goes on", () => {
        expect(decideCluster({ ...there, nodes: [] }, halfWay, asked)).toEqual({ action: "start" });
    });

    test("Kubernetes goes up, never down", () => {
        expect(decideCluster({ ...there, kubernetesVersion: "v1.32.9" }, done, asked)).toEqual({ action: "start" });
        expect(refusal({ ...there, kubernetesVersion: "v1.34.0" }, done)).toMatch(
            /kubernetesVersion is v1.33.8.*runs v1.34.0/,
        );
    });

    test("a cluster of an older generation that is still there", () => {
        expect(refusal(there, done, { ...asked, generation: 2 })).toContain("minikube delete -p cluster1");
        expect(decideCluster(there, { complete: true }, { ...asked, generation: 2 })).toEqual({ action: "start" });
    });
});

describe("the other site's profile", () => {
    test("none yet, or one that fits", () => {
        expect(peerProblem(undefined, asked)).toBeUndefined();
        expect(peerProblem({ ...there, name: "cluster2" }, asked)).toBeUndefined();
    });

    test("another driver or another network cannot mirror", () => {
        expect(peerProblem({ ...there, name: "cluster2", driver: "docker" }, asked)).toMatch(
            /driver is kvm2, but profile cluster2 of the other site uses docker.*one network/,
        );
        expect(peerProblem({ ...there, name: "cluster2", network: "" }, asked)).toMatch(
            /network is rbd-dr, but profile cluster2 .* is on a network of its own/,
        );
    });

    test("a driver without a choice of networks is left to the live check", () => {
        const own = { ...asked, driver: "krunkit", network: undefined } as const;
        expect(peerProblem({ ...there, name: "cluster2", driver: "krunkit", network: "" }, own)).toBeUndefined();
    });
});

test.each([
    ["v1.33.8", "1.33.8", 0],
    ["1.33.10", "1.33.9", 1],
    ["v1.9.0", "v1.10.0", -1],
    ["1.36.0-alpha.1", "1.36.0", 0],
])("%s against %s: %s", (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
