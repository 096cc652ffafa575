import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { MinikubeError, failed, failureSource, notInstalled } from "../../../minikube/errors.js";
import { parseEvent, progressLine, type MinikubeEvent } from "../../../minikube/events.js";

function stream(name: string): MinikubeEvent[] {
    const text = readFileSync(new URL(`../../doubles/minikube/streams/${name}.jsonl`, import.meta.url), "utf8");
    const events = text.trim().split("\n").map(parseEvent);
    if (events.includes(undefined)) throw new Error(`A line of ${name} was not understood.`);
    return events as MinikubeEvent[];
}

describe("progress", () => {
    test("a start reads as a list of steps", () => {
        expect(stream("start").map(progressLine).filter(Boolean)).toEqual([
            "[0/19] Initial Minikube Setup: [cluster1] minikube v1.38.1 on Debian 12.11",
            "[1/19] Selecting Driver: Using the kvm2 driver based on user configuration",
            "Downloading minikube-v1.38.0-amd64.iso",
            '[3/19] Starting Node: Starting "cluster1" primary control-plane node in "cluster1" cluster',
            "[9/19] Creating VM: Creating kvm2 VM (CPUs=4, Memory=6144MB, Disk=40960MB) ...",
            "Warning: This VM is having trouble accessing https://registry.k8s.io",
            "[11/19] Preparing Kubernetes: Preparing Kubernetes v1.33.8 on containerd 2.2.1 ...",
            "[12/19] Generating certificates: Generating certificates and keys ...",
            "[13/19] Booting control plane: Booting up control plane ...",
            "[14/19] Configuring RBAC rules: Configuring RBAC rules ...",
            "[15/19] Configuring CNI: Configuring bridge CNI (Container Networking Interface) ...",
            "[17/19] Verifying Kubernetes: Verifying Kubernetes components...",
            "[18/19] Enabling Addons: Enabled addons: default-storageclass, storage-provisioner",
            "[19/19] Done: To connect to this cluster, use:  --context=cluster1",
        ]);
    });

    test("remarks are shown, fatal errors and drawn boxes are not", () => {
        const lines = stream("start-failed").map(progressLine).filter(Boolean).join("\n");
        expect(lines).toContain("StartHost failed, but will try again");
        expect(lines).not.toContain("Requested cpu count");
        expect(lines).not.toContain("╭");
    });

    test.each([
        "",
        "not json",
        "null",
        "[]",
        '{"specversion":"0.3","type":"io.k8s.sigs.minikube.step","data":{}}',
        '{"specversion":"1.0","type":"com.example.step","data":{}}',
        '{"specversion":"1.0","type":"io.k8s.sigs.minikube.step","data":{"currentstep":3}}',
        '{"specversion":"1.0","type":"io.k8s.sigs.minikube.later-kind","data":{}}',
    ])("%j is no event", (line) => {
        expect(parseEvent(line)).toBeUndefined();
    });

    test("a detour has no number: the name stands alone", () => {
        const line = `{"specversion":"1.0","type":"io.k8s.sigs.minikube.step","data":{"currentstep":"","totalsteps":"19","name":"Stopping","message":"Stopping node"}}`;
        expect(progressLine(parseEvent(line)!)).toBe("Stopping: Stopping node");
    });
});

describe("errors", () => {
    test("a start that failed half way: the fatal error, not an overridden one before it, with the step and the advice", () => {
        const error = failed(["start", "--profile=cluster1"], 80, stream("start-failed"), "");
        expect(error).toBeInstanceOf(MinikubeError);
        expect(error.failure).toMatchObject({
            exitCode: 80,
            source: "guest",
            reason: "GUEST_PROVISION",
            detail: "error provisioning guest: Failed to start host: config: please provide real IP address",
            advice: "run it again; if that does not help: minikube delete -p cluster1",
            step: "Starting Node",
        });
        expect(error.message).toBe(
            [
                'minikube start --profile=cluster1 failed at step "Starting Node" (exit code 80, GUEST_PROVISION): ' +
                    "error provisioning guest: Failed to start host: config: please provide real IP address",
                "What to do: run it again; if that does not help: minikube delete -p cluster1",
            ].join("\n"),
        );
    });

    test("minikube's advice, documentation and known issues are passed on", () => {
        const event = parseEvent(
            JSON.stringify({
                specversion: "1.0",
                type: "io.k8s.sigs.minikube.error",
                data: {
                    exitcode: "63",
                    name: "PROVIDER_DOCKER_NOT_RUNNING",
                    message: "Cannot connect to the Docker daemon",
                    advice: "Start the Docker service",
                    url: "https://minikube.sigs.k8s.io/docs/drivers/docker/",
                    issues: "https://a/1,https://a/2",
                },
            }),
        )!;
        expect(failed(["start"], 63, [event], "").message.split("\n")).toEqual([
            "minikube start failed (exit code 63, PROVIDER_DOCKER_NOT_RUNNING): Cannot connect to the Docker daemon",
            "What to do: Start the Docker service",
            "Documentation: https://minikube.sigs.k8s.io/docs/drivers/docker/",
            "Known issues: https://a/1 https://a/2",
        ]);
    });

    test("without an error event: what it said, then stderr, then that it said nothing", () => {
        const info: MinikubeEvent = { kind: "info", message: 'Profile "x" not found.' };
        expect(failed(["ip"], 85, [info], "noise").failure.detail).toBe('Profile "x" not found.');
        expect(failed(["ip"], 14, [], "Error: unknown flag: --nope\n").failure.detail).toBe(
            "Error: unknown flag: --nope",
        );
        expect(failed(["ip"], 1, [], "").failure.detail).toBe("it said nothing");
    });

    test.each([
        [14, "usage"],
        [23, "resources"],
        [36, "host"],
        [45, "internet"],
        [56, "driver"],
        [69, "provider"],
        [78, "network"],
        [85, "guest"],
        [90, "runtime"],
        [106, "control-plane"],
        [119, "service"],
        [1, "other"],
        [130, "other"],
        [undefined, "signal"],
    ])("exit code %s comes from: %s", (code, source) => {
        expect(failureSource(code)).toBe(source);
    });

    test("a machine without minikube is told where to get it, and what else it can do", () => {
        const { message } = notInstalled(["version"]);
        expect(message).toContain("not on PATH");
        expect(message).toContain("https://minikube.sigs.k8s.io/docs/start/");
        expect(message).toContain("pulumi config set cluster existing");
    });
});
