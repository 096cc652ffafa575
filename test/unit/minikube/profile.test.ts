import { describe, expect, test } from "@jest/globals";
import { isStatusBits, parseProfileList, parseStatus } from "../../../minikube/profile.js";

const node = (name: string, state: string, worker = false, kubeconfig = "Configured") => ({
    Name: name,
    Host: state === "Paused" ? "Running" : state,
    Kubelet: state === "Paused" ? "Stopped" : state,
    APIServer: worker ? "Irrelevant" : state,
    Kubeconfig: worker ? "Irrelevant" : kubeconfig,
    Worker: worker,
});

describe("status", () => {
    test.each([
        ["running", node("a", "Running"), 0, []],
        ["stopped", node("a", "Stopped", false, "Stopped"), 7, 3],
        ["paused", node("a", "Paused"), 2, ["kubelet or API server is not running"]],
        ["broken", null, 7, 3],
        ["broken", node("a", "Nonexistent"), 7, 3],
        ["partial", node("a", "Running", false, "Misconfigured"), 4, ["the kubeconfig does not point at it"]],
    ] as const)("%s", (state, answer, exitCode, complaints) => {
        const status = parseStatus(JSON.stringify(answer), exitCode);
        expect(status.state).toBe(state);
        if (typeof complaints === "number") expect(status.complaints).toHaveLength(complaints);
        else expect(status.complaints).toEqual(complaints);
    });

    test("several nodes", () => {
        const all = [node("a", "Running"), node("a-m02", "Running", true)];
        expect(parseStatus(JSON.stringify(all), 0)).toMatchObject({ state: "running", nodes: [{}, { worker: true }] });
        const some = [node("a", "Running"), node("a-m02", "Stopped", true)];
        expect(parseStatus(JSON.stringify(some), 3).state).toBe("partial");
        const none = [node("a", "Stopped"), node("a-m02", "Stopped", true)];
        expect(parseStatus(JSON.stringify(none), 7).state).toBe("stopped");
    });

    test("the exit code is a bitmask only from 1 to 7", () => {
        expect([0, 1, 7, 8, 85, 130].map(isStatusBits)).toEqual([false, true, true, false, false, false]);
    });

    test("an answer in another form is an error, not a guess", () => {
        expect(() => parseStatus('{"Name":"a"}', 0)).toThrow();
    });
});

describe("profile list", () => {
    test("fields that an old or half-made cluster lacks", () => {
        const [profile] = parseProfileList(
            '{"invalid":[],"valid":[{"Name":"p1","Config":{"Driver":"kvm2","Nodes":null,"KubernetesConfig":{"KubernetesVersion":"v1.15.0"}}}]}',
        );
        expect(profile).toEqual({
            name: "p1",
            driver: "kvm2",
            cpus: 0,
            memory: 0,
            diskSize: 0,
            extraDisks: 0,
            network: "",
            kubernetesVersion: "v1.15.0",
            containerRuntime: "",
            nodes: [],
        });
    });

    test("none", () => {
        expect(parseProfileList('{"invalid":[],"valid":[]}')).toEqual([]);
    });

    test("an error object is an error", () => {
        expect(() => parseProfileList('{"error":"x"}')).toThrow();
    });
});
