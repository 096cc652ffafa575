/**
 * The main job through the real pulumi CLI on a real lab: set-up, refusals, failover, a kill in the middle, failback,
 * take-down. The tests run in order; each begins where the one before left off.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { execa } from "execa";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { labStatus } from "../../lab/index.js";
import { killAtEveryBoundary } from "../faults/kill/chain.js";
import {
    closeStage,
    eventually,
    lostOn,
    moreWrites,
    openStage,
    previewOf,
    primaries,
    textsBelow,
    type Stage,
} from "./stage.js";

jest.setTimeout(600_000);

let stage: Stage;
beforeAll(async () => {
    stage = await openStage("engine");
});
afterAll(() => closeStage(stage));

/** Output of every pulumi run of this file, for the secrets test. */
const logs: string[] = [];
const up = async (stack: "cluster1" | "cluster2", mayFail = false) => {
    const result = await stage.cli.up(stack, { mayFail });
    logs.push(result.text);
    return result;
};
const flip = (stack: "cluster1" | "cluster2", state: string) => stage.cli.setConfig(stack, "replicationState", state);
const refusal = async (stack: "cluster1" | "cluster2") => {
    const preview = await stage.cli.preview(stack, { mayFail: true });
    const real = await up(stack, true);
    expect(preview.exitCode).not.toBe(0);
    expect(real.exitCode).not.toBe(0);
    return { preview: preview.text, up: real.text };
};

describe("set-up", () => {
    test("cluster1, cluster2, cluster1 again: both mirror from each other", async () => {
        await up("cluster1");
        await up("cluster2");
        await up("cluster1");
        await moreWrites(stage, "cluster1", 5);
        await eventually(async () =>
            expect(await primaries(stage, "cluster1")).toEqual({ cluster1: true, cluster2: false }),
        );
    });

    test.each(["cluster1", "cluster2"] as const)("a second up of %s changes nothing", async (stack) => {
        expect(await previewOf(stage, stack)).toEqual([]);
        const again = await stage.cli.run(["up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack]);
        expect(again.exitCode).toBe(0);
    });

    test("the outputs say what the site is, each volume with its image, and what to do next", async () => {
        const outputs = await stage.cli.outputs<{
            site: string;
            volumes: { pvc: string; image: string; role: string }[];
            next: string[];
        }>("cluster1");
        expect(outputs.site).toContain("primary");
        expect(outputs.volumes).toMatchObject([{ pvc: "default/rbd-pvc", role: "primary" }]);
        expect(outputs.volumes[0]!.image).toMatch(/^replicapool\/csi-vol-/);
        expect(outputs.next.length).toBeGreaterThan(0);
    });
});

describe("too early", () => {
    test("primary is refused on cluster2 while cluster1 is primary, in preview and in up alike", async () => {
        await flip("cluster2", "primary");
        const text = await refusal("cluster2");
        for (const said of Object.values(text)) {
            expect(said).toContain("PEER_PRIMARY");
            expect(said).toContain("pulumi config set replicationState secondary -s cluster1");
        }
        await flip("cluster2", "secondary");
        expect(await primaries(stage, "cluster1")).toEqual({ cluster1: true, cluster2: false });
    });
});

describe("planned failover", () => {
    test("the preview of the demotion shows the flip and the workload, and nothing else", async () => {
        await flip("cluster1", "secondary");
        expect(await previewOf(stage, "cluster1")).toEqual([
            "update Deployment default-rbd-pvc-app-deployment",
            "update VolumeReplication default-rbd-pvc-vr",
        ]);
    });

    test("a hand-over that cannot be finished ends with what was seen; the peer is refused; the same up completes it", async () => {
        await moreWrites(stage, "cluster1", 20);
        const mirror = (await labStatus(stage.lab)).sites
            .find((s) => s.site === "cluster2")!
            .processes.find((p) => p.name.includes("rbd-mirror"))!;
        await stage.cli.setConfig("cluster1", "handoverTimeout", "30s");
        let early: { preview: string; up: string };
        try {
            // The daemon that would fetch the last write stops right when the demotion begins.
            const failed = await stage.cli.up("cluster1", {
                mayFail: true,
                onLine: (line) => {
                    if (/VolumeReplication .*updating/.test(line)) process.kill(mirror.pid, "SIGSTOP");
                },
            });
            logs.push(failed.text);
            expect(failed.exitCode).not.toBe(0);
            expect(failed.text).toContain(
                "Waited 30 s for cluster2 to have the last write of default/rbd-pvc; seen last: VR asks",
            );
            await flip("cluster2", "primary");
            early = await refusal("cluster2");
        } finally {
            process.kill(mirror.pid, "SIGCONT");
        }
        expect(early.preview).toContain("PEER_NOT_HANDED_OVER");
        expect(early.up).toContain("PEER_NOT_HANDED_OVER");
        await stage.cli.setConfig("cluster1", "handoverTimeout", "10m");
        await up("cluster1");
        expect(await primaries(stage, "cluster1")).toEqual({ cluster1: false, cluster2: false });
        expect(await previewOf(stage, "cluster1")).toEqual([]);
    });

    test("the preview of the promotion shows the flip, the restored PV and PVC, and nothing else", async () => {
        expect(await previewOf(stage, "cluster2")).toEqual(
            [
                "create ReplicatedVolume default-rbd-pvc",
                "create PersistentVolume default-rbd-pvc-pv",
                "create PersistentVolumeClaim default-rbd-pvc-pvc",
                "create VolumeReplication default-rbd-pvc-vr",
                "update Deployment default-rbd-pvc-app-deployment",
            ].sort(),
        );
    });

    test("killed at each boundary of the promotion, it is finished by what the error tells to type, without loss", async () => {
        const chain = await killAtEveryBoundary(stage.cli, {
            run: (options) => stage.cli.up("cluster2", options),
            stack: "cluster2",
            orphans: false,
        });
        logs.push(chain.last.text);
        // PV, PVC, VR and the application: each cut while it was under way, and after it.
        expect(chain.coverage).toMatchObject({ steps: 4, underWay: 4, done: 4, outputs: true });
        expect(new Set(chain.typed)).toEqual(new Set(["pulumi cancel -s cluster2"]));
        expect(chain.failures).toEqual([]);
        await moreWrites(stage, "cluster2", 5);
        expect(await primaries(stage, "cluster2")).toEqual({ cluster1: false, cluster2: true });
        const { acknowledged, lost } = await lostOn(stage, "cluster2");
        expect(acknowledged).toBeGreaterThan(20);
        expect(lost).toBe(0);
    });

    test.each(["cluster1", "cluster2"] as const)("a second up of %s changes nothing", async (stack) => {
        expect(await previewOf(stage, stack)).toEqual([]);
    });
});

describe("planned failback", () => {
    test("loses nothing and recreates nothing", async () => {
        await moreWrites(stage, "cluster2", 20);
        await flip("cluster2", "secondary");
        await up("cluster2");
        await flip("cluster1", "primary");
        expect(await previewOf(stage, "cluster1")).toEqual([
            "update Deployment default-rbd-pvc-app-deployment",
            "update VolumeReplication default-rbd-pvc-vr",
        ]);
        await up("cluster1");
        await moreWrites(stage, "cluster1", 5);
        expect(await primaries(stage, "cluster1")).toEqual({ cluster1: true, cluster2: false });
        expect((await lostOn(stage, "cluster1")).lost).toBe(0);
    });
});

describe("bad input", () => {
    const upWith = async (key: string, value: string, good: string) => {
        await stage.cli.setConfig("cluster2", key, value);
        const result = await up("cluster2", true);
        await stage.cli.setConfig("cluster2", key, good);
        expect(result.exitCode).not.toBe(0);
        return result.text;
    };

    test("a context that does not exist is named, with those that do", async () => {
        const good = stage.site("cluster2").kubernetes.context;
        const text = await upWith("context", "nowhere", good);
        expect(text).toContain("context is nowhere");
        expect(text).toContain(good);
    });

    test("an unknown key is refused with the key that was meant", async () => {
        await stage.cli.setConfig("cluster2", "replicationstate", "primary");
        const result = await up("cluster2", true);
        await stage.cli.removeConfig("cluster2", "replicationstate");
        expect(result.text).toContain("did you mean replicationState?");
    });

    test("a peer stack that is not one of ours is refused", async () => {
        const { dir, env } = stage.cli;
        await stage.cli.run(["stack", "init", "stranger"]);
        const { stdout } = await execa("pulumi", ["stack", "export", "--stack", "stranger"], { cwd: dir, env });
        const checkpoint = JSON.parse(stdout) as { deployment: { resources?: unknown[] } };
        checkpoint.deployment.resources = [
            {
                urn: "urn:pulumi:stranger::rbd-dr::pulumi:pulumi:Stack::rbd-dr-stranger",
                custom: false,
                type: "pulumi:pulumi:Stack",
                outputs: { url: "https://x" },
            },
        ];
        await execa("pulumi", ["stack", "import", "--stack", "stranger"], {
            cwd: dir,
            env,
            input: JSON.stringify(checkpoint),
        });
        const text = await upWith("peer", "stranger", "cluster1");
        expect(text).toContain("stranger");
        expect(text).toMatch(/not.*(one of ours|this program)/i);
    });
});

test("neither keys nor tokens stand in plain in state, stack files or logs", async () => {
    const secrets = await Promise.all(
        (["cluster1", "cluster2"] as const).map(async (name) => {
            const site = stage.site(name);
            const external = JSON.parse(readFileSync(join(site.dir, "ceph", "external.json"), "utf8")) as {
                adminKey: string;
            };
            const { stdout } = await execa(
                "kubectl",
                [
                    "--kubeconfig",
                    site.kubernetes.kubeconfig,
                    "--context",
                    site.kubernetes.context,
                    "-n",
                    "rook-ceph",
                    "get",
                    "secret",
                    "pool-peer-token-replicapool",
                    "-o",
                    "jsonpath={.data.token}",
                ],
                { env: stage.cli.env },
            );
            const token = Buffer.from(stdout, "base64").toString();
            const peerKey = (JSON.parse(Buffer.from(token, "base64").toString()) as { key: string }).key;
            return [external.adminKey, stdout, token, peerKey];
        }),
    );
    const plain = secrets.flat();
    expect(plain.every((s) => s.length > 20)).toBe(true);
    const texts = [
        ...textsBelow(stage.cli.dir).filter((t) => !t.file.endsWith("/passphrase")),
        ...logs.map((text, i) => ({ file: `run ${i}`, text })),
    ];
    expect(texts.length).toBeGreaterThan(10);
    const leaks = texts.flatMap(({ file, text }) =>
        plain.filter((secret) => text.includes(secret)).map((s) => `${file}: ${s.slice(0, 4)}...`),
    );
    expect(leaks).toEqual([]);
});

describe("take-down", () => {
    test("destroying without the flip is refused by protection", async () => {
        const result = await stage.cli.destroy("cluster2", { mayFail: true });
        expect(result.exitCode).not.toBe(0);
        expect(result.text).toContain("protected");
        await up("cluster2");
    });

    test("the primary first is refused, and the refusal says so", async () => {
        await stage.cli.setConfig("cluster1", "teardown", "true");
        const text = await refusal("cluster1");
        expect(text.up).toContain("cluster2");
        expect(text.up).toContain("pulumi config set teardown true -s cluster2");
        await stage.cli.setConfig("cluster1", "teardown", "false");
    });

    test("the secondary first, then the primary, leaves no VR, no copy, no stuck finalizer", async () => {
        for (const stack of ["cluster2", "cluster1"] as const) {
            await stage.cli.setConfig(stack, "teardown", "true");
            await up(stack);
            // The provider may miss that an object is gone and give up after two minutes; the same command again completes.
            const first = await stage.cli.destroy(stack, { mayFail: true });
            if (first.exitCode !== 0) await stage.cli.destroy(stack);
        }
        for (const name of ["cluster1", "cluster2"] as const) {
            const { kubernetes } = stage.site(name);
            const kubectl = async (...args: string[]) =>
                (
                    await execa(
                        "kubectl",
                        ["--kubeconfig", kubernetes.kubeconfig, "--context", kubernetes.context, ...args],
                        { env: stage.cli.env },
                    )
                ).stdout;
            expect(await kubectl("get", "volumereplications", "-A", "-o", "name")).toBe("");
            expect(await kubectl("get", "pvc", "-A", "-o", "name")).toBe("");
        }
        const images = async (name: "cluster1" | "cluster2") =>
            JSON.parse(
                (
                    await execa("rbd", [
                        "--conf",
                        stage.site(name).ceph.conf,
                        "ls",
                        "--long",
                        "replicapool",
                        "--format",
                        "json",
                    ])
                ).stdout,
            ) as { image: string }[];
        // The primary's image stays, with its data; the copy goes with the mirroring.
        for (let i = 0; i < 60 && (await images("cluster2")).length > 0; i++) await sleep(1000);
        expect(await images("cluster2")).toEqual([]);
        const [kept] = await images("cluster1");
        const info = JSON.parse(
            (
                await execa("rbd", [
                    "--conf",
                    stage.site("cluster1").ceph.conf,
                    "info",
                    `replicapool/${kept!.image}`,
                    "--format",
                    "json",
                ])
            ).stdout,
        ) as { mirroring?: { state: string } };
        expect(info.mirroring?.state ?? "disabled").toBe("disabled");
    });
});
