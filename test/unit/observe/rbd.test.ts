import type * as k8s from "@kubernetes/client-node";
import { describe, expect, test } from "@jest/globals";
import type { Writable } from "node:stream";
import type { Cluster } from "../../../observe/cluster.js";
import { probeImage } from "../../../observe/images.js";
import { isOurs, versionOf } from "../../../observe/inventory.js";
import { exitCodeOf, toolsInToolbox } from "../../../observe/rbd.js";

const REF = { pool: "replicapool", image: "csi-vol-1" };
const OK: k8s.V1Status = { status: "Success" };
const exit = (code: number): k8s.V1Status => ({
    status: "Failure",
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(code) }] },
});
const pod = (phase: string, deleting = false) => ({
    metadata: { name: "rook-ceph-tools-1", ...(deleting ? { deletionTimestamp: new Date() } : {}) },
    spec: { containers: [{ name: "rook-ceph-tools" }] },
    status: { phase },
});

/** A cluster with a toolbox that answers by command; the commands that it was given are kept. */
function cluster(
    answers: Record<string, [string, k8s.V1Status] | undefined>,
    pods: unknown[] = [pod("Running")],
): { cluster: Cluster; commands: string[][] } {
    const commands: string[][] = [];
    const exec = (
        _namespace: string,
        _pod: string,
        _container: string,
        command: string[],
        stdout: Writable,
        _stderr: null,
        _stdin: null,
        _tty: boolean,
        ended: (status: k8s.V1Status) => void,
    ) => {
        commands.push(command);
        const answer = answers[command[1]!];
        if (answer === undefined) return Promise.reject(new Error("no route"));
        for (const half of [answer[0].slice(0, 10), answer[0].slice(10)]) stdout.write(Buffer.from(half));
        ended(answer[1]);
        return Promise.resolve({ close: () => undefined });
    };
    const core = { listNamespacedPod: () => Promise.resolve({ items: pods }) };
    return { cluster: { core, exec: { exec } } as unknown as Cluster, commands };
}

describe("the toolbox's rbd", () => {
    test("looks at an image as this machine's would, with arguments of their own", async () => {
        const { cluster: site, commands } = cluster({
            info: ['{"name":"csi-vol-1","mirroring":{"state":"enabled","primary":true}}', OK],
            mirror: ['{"state":"up+stopped","description":"local image is primary"}', OK],
        });
        const rbd = await toolsInToolbox(site);
        expect(await probeImage(rbd!, REF)).toMatchObject({
            exists: true,
            mirroring: "enabled",
            primary: true,
            state: "up+stopped",
        });
        expect(commands).toEqual([
            ["rbd", "info", "replicapool/csi-vol-1", "--format", "json"],
            ["rbd", "mirror", "image", "status", "replicapool/csi-vol-1", "--format", "json"],
        ]);
    });

    test("tells an image that is not there from a Ceph that does not answer", async () => {
        const gone = await toolsInToolbox(cluster({ info: ["", exit(2)] }).cluster);
        expect(await probeImage(gone!, REF)).toMatchObject({ exists: false });
        const broken = await toolsInToolbox(cluster({ info: ["", exit(110)] }).cluster);
        expect(await probeImage(broken!, REF)).toBeUndefined();
        const unreachable = await toolsInToolbox(cluster({}).cluster);
        expect(await probeImage(unreachable!, REF)).toBeUndefined();
    });

    test.each([
        ["there is none", []],
        ["it is only coming", [pod("Pending")]],
        ["it is going", [pod("Running", true)]],
    ])("is not used while %s", async (_, pods) => {
        expect(await toolsInToolbox(cluster({}, pods).cluster)).toBeUndefined();
    });

    test("a command that was never run has no exit code", () => {
        expect(exitCodeOf({ status: "Failure", message: "container not found" })).toBeUndefined();
    });
});

describe("whose something is, and of which version", () => {
    test.each([
        ["docker.io/rook/ceph:v1.17.9", "1.17.9"],
        ["registry.example:5000/rook/ceph:v1.18.0-rc.1", "1.18.0"],
        ["quay.io/csiaddons/k8s-controller:v0.14.0@sha256:0123", "0.14.0"],
        ["rook/ceph:master", undefined],
        ["rook/ceph@sha256:0123", undefined],
        [undefined, undefined],
    ])("%s is %s", (image, version) => expect(versionOf(image)).toBe(version));

    test.each([
        [["pulumi-kubernetes-1a2b3c4d", "rook"], true],
        [["helm", "rook"], false],
        [[], false],
    ])("fields set by %j: ours is %s", (managers, expected) => {
        expect(isOurs({ managedFields: managers.map((manager) => ({ manager })) })).toBe(expected);
    });
});
