import { describe, expect, test } from "@jest/globals";
import type { V1Container, V1Pod } from "@kubernetes/client-node";
import { containerArgs, containerEnv, flagValue, isRunning, onHost, withFlag } from "../../../lab/agent/pods.js";

const pod = {
    metadata: { name: "p-0", namespace: "rook-ceph", uid: "u1", labels: { "a/b": "l" } },
    spec: { nodeName: "node-1", containers: [] },
    status: { phase: "Running", podIP: "10.0.0.1" },
} as V1Pod;

const container: V1Container = {
    name: "c",
    env: [
        { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        { name: "NODE_ID", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
        { name: "LABEL", valueFrom: { fieldRef: { fieldPath: "metadata.labels['a/b']" } } },
        { name: "FULL", value: "$(POD_NAME).$(NODE_ID)" },
        { name: "SECRET", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
    ],
    args: ["--pod=$(POD_NAME)", "--x=$(UNKNOWN)", "--y=$$(POD_NAME)", "--z=$(FULL)"],
};

describe("containers", () => {
    test("the environment holds literals, earlier variables and the pod's own fields, and no secrets", () => {
        expect(containerEnv(pod, container)).toEqual({
            POD_NAME: "p-0",
            NODE_ID: "node-1",
            LABEL: "l",
            FULL: "p-0.node-1",
        });
    });

    test("arguments expand as the kubelet's do: unknown names and escaped ones stay", () => {
        expect(containerArgs(pod, container)).toEqual([
            "--pod=p-0",
            "--x=$(UNKNOWN)",
            "--y=$(POD_NAME)",
            "--z=p-0.node-1",
        ]);
    });

    test("a flag is replaced wherever it stood, also without a value", () => {
        expect(withFlag(["--a=1", "--b=2", "--a=3", "--a"], "a", "4")).toEqual(["--b=2", "--a=4"]);
        expect(withFlag(["--a-long=1"], "a", "4")).toEqual(["--a-long=1", "--a=4"]);
    });

    test("the last value of a flag counts", () => {
        expect(flagValue(["--a=1", "--a=x=y"], "a")).toBe("x=y");
        expect(flagValue(["--ab=1"], "a")).toBeUndefined();
    });

    test("paths below a mount become paths of the host, and others of a similar beginning do not", () => {
        const mounts = { "/csi": "/run/s/1" };
        expect(
            onHost(
                [
                    "--address=unix:///csi/a.sock",
                    "/csi/a.sock",
                    "--path=/csi/b",
                    "--other=/csi-data/x",
                    "--in=/etc/csi/y",
                ],
                mounts,
            ),
        ).toEqual([
            "--address=unix:///run/s/1/a.sock",
            "/run/s/1/a.sock",
            "--path=/run/s/1/b",
            "--other=/csi-data/x",
            "--in=/etc/csi/y",
        ]);
    });

    test.each([
        ["Running", undefined, true],
        ["Pending", undefined, false],
        ["Succeeded", undefined, false],
        ["Running", new Date(), false],
    ])("a pod in phase %s, deleted %s: runs %s", (phase, deletionTimestamp, runs) => {
        expect(isRunning({ metadata: { deletionTimestamp }, status: { phase } } as V1Pod)).toBe(runs);
    });
});
