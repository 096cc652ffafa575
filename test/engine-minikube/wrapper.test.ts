/** The wrapper against a scripted minikube: what is called, in which order, and what comes of failures. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { minikubeConfig, minikubeSettings, type MinikubeSettings } from "../../minikube/config.js";
import { ensureCluster, removeCluster } from "../../minikube/ensure.js";
import { progressLine } from "../../minikube/events.js";
import { readMark } from "../../minikube/mark.js";
import { Minikube } from "../../minikube/minikube.js";
import { preflight } from "../../minikube/preflight.js";
import type { SiteConfig } from "../../config.js";
import { clusterDeployed, withRemade } from "../../observe/deployed.js";
import type { ReadStack } from "../../observe/outputs.js";
import { ask, outputs } from "../unit/dr/world.js";
import { scriptedMinikube, type Scripted } from "./scripted.js";

// Each call is a process, and a busy machine takes its time over one.
jest.setTimeout(60_000);

let scripted: Scripted;
let said: string[];
beforeEach(() => {
    scripted = scriptedMinikube();
    said = [];
});
afterEach(() => scripted.remove());

const settings = (raw: object = {}, site = "cluster1", peer = "cluster2"): MinikubeSettings =>
    minikubeSettings(minikubeConfig("linux").parse(raw), site, peer);
const minikube = () =>
    new Minikube({ env: scripted.env, onEvent: (e) => said.push(...[progressLine(e)].filter((l) => l !== undefined)) });
const ensure = (s: MinikubeSettings) => ensureCluster(minikube(), s, (line) => said.push(line), scripted.env);
const remove = (profile: string) => removeCluster(minikube(), profile, (line) => said.push(line), scripted.env);

describe("create", () => {
    test("starts the cluster, shows its steps, and says how to reach it", async () => {
        expect(await ensure(settings())).toEqual({
            profile: "cluster1",
            context: "cluster1",
            kubeconfig: scripted.env["KUBECONFIG"],
            ip: "192.168.39.10",
        });
        const calls = scripted.calls();
        expect(calls.map((c) => c[0])).toEqual(["version", "profile", "start", "ip"]);
        expect(calls[2]).toEqual([
            "start",
            "--profile=cluster1",
            "--driver=kvm2",
            "--cpus=4",
            "--memory=6144m",
            "--disk-size=40960m",
            "--extra-disks=1",
            "--nodes=1",
            "--kubernetes-version=v1.33.8",
            "--container-runtime=containerd",
            "--network=rbd-dr",
            "--keep-context",
            "--wait=all",
            "--interactive=false",
            "--output=json",
        ]);
        expect(said).toContain("[13/19] Booting control plane: Booting up control plane ...");
        expect(await readMark("cluster1", scripted.env)).toEqual({ generation: 1, complete: true });
    });

    test("again: nothing is started", async () => {
        await ensure(settings());
        scripted.calls();
        await ensure(settings());
        expect(scripted.verbs()).toEqual(["version", "profile", "status", "ip"]);
    });

    test("a stopped cluster is started", async () => {
        await ensure(settings());
        await minikube().stop("cluster1");
        scripted.calls();
        await ensure(settings());
        expect(scripted.verbs()).toContain("start");
        expect((await minikube().status("cluster1")).state).toBe("running");
    });

    test("a newer Kubernetes is a start, and comes through", async () => {
        await ensure(settings({ kubernetesVersion: "1.32.0" }));
        await ensure(settings());
        expect((await minikube().profile("cluster1"))?.kubernetesVersion).toBe("v1.33.8");
    });

    test("a start that fails half way says at which step and what to do; the next run goes on", async () => {
        scripted.script({ start: { stream: "start-failed", exit: 80, times: 1 } });
        await expect(ensure(settings())).rejects.toThrow(
            /failed at step "Starting Node" \(exit code 80, GUEST_PROVISION\).*\nWhat to do: .*minikube delete -p cluster1/,
        );
        expect(await readMark("cluster1", scripted.env)).toEqual({ generation: 1, complete: false });
        scripted.calls();
        await ensure(settings());
        expect(scripted.verbs()).toEqual(["version", "profile", "status", "start", "ip"]);
        expect(await readMark("cluster1", scripted.env)).toEqual({ generation: 1, complete: true });
    });

    test("after a failed first start, other settings are taken: what it left is deleted", async () => {
        scripted.script({ start: { stream: "start-failed", exit: 80, times: 1 } });
        await expect(ensure(settings())).rejects.toThrow();
        scripted.calls();
        await ensure(settings({ memory: "8g" }));
        expect(scripted.verbs()).toEqual(["version", "profile", "delete", "start", "ip"]);
        expect((await minikube().profile("cluster1"))?.memory).toBe(8192);
        expect(said.join("\n")).toContain("memory 6144 (asked: 8192)");
    });

    test("a start that hangs is ended, and the last step is named", async () => {
        scripted.script({ start: { hang: true } });
        await expect(ensure({ ...settings(), startTimeout: 1 })).rejects.toThrow(
            /at step "Creating VM": not done after 1 s; last seen.*\nWhat to do: run it again/,
        );
    });

    test("settings that cannot be changed are refused before anything is called", async () => {
        await ensure(settings());
        scripted.calls();
        await expect(ensure(settings({ cpus: 8 }))).rejects.toThrow(/cpus 4 \(asked: 8\)/);
        expect(scripted.verbs()).toEqual(["version", "profile"]);
    });

    test("somebody else's profile is left alone", async () => {
        await minikube().start(settings());
        scripted.calls();
        await expect(ensure(settings())).rejects.toThrow(/did not make it/);
        await remove("cluster1");
        expect(scripted.verbs()).toEqual(["version", "profile", "profile"]);
        expect(said.at(-1)).toMatch(/was not made by this program and stays/);
    });

    test("minikube that is too old, and none at all", async () => {
        scripted.script({ version: { is: "1.20.0" } });
        await expect(ensure(settings())).rejects.toThrow(/is version 1.20.0; this program needs 1.31.0/);
        const nowhere = new Minikube({ env: { ...scripted.env, PATH: scripted.home } });
        await expect(ensureCluster(nowhere, settings(), undefined, scripted.env)).rejects.toThrow(/not on PATH/);
    });
});

describe("two sites", () => {
    const both = async () => {
        await ensure(settings());
        return ensure(settings({}, "cluster2", "cluster1"));
    };

    test("the second one checks that each reaches the other", async () => {
        await both();
        const curls = scripted.calls().filter((c) => c[0] === "ssh");
        expect(curls.map((c) => [c[1], c.at(-1)])).toEqual([
            ["--profile=cluster2", "https://192.168.39.10:10250/healthz"],
            ["--profile=cluster1", "https://192.168.39.11:10250/healthz"],
        ]);
        expect(said.at(-1)).toBe("cluster2 and cluster1 reach each other");
    });

    test("they do not: which way is closed, and what curl said", async () => {
        scripted.script({ ssh: { exit: 1, say: "curl: (28) Connection timed out" } });
        await expect(both()).rejects.toThrow(
            /cluster2 does not reach cluster1 at 192.168.39.10:10250.*network rbd-dr.*\nSeen last: .*curl: \(28\)/s,
        );
    });

    test("another network is refused before the second one is started", async () => {
        await ensure(settings());
        scripted.calls();
        await expect(ensure(settings({ network: "other" }, "cluster2", "cluster1"))).rejects.toThrow(
            /minikube.network is other, but profile cluster1 .* is on rbd-dr/,
        );
        expect(scripted.verbs()).not.toContain("start");
    });

    test("a peer that is down does not hold up the site", async () => {
        await ensure(settings());
        await minikube().stop("cluster1");
        await ensure(settings({}, "cluster2", "cluster1"));
        expect(said.at(-1)).toBe("Profile cluster1 of the other site is stopped: the way to it is not checked");
    });
});

describe("delete", () => {
    test("deletes, and may be run again", async () => {
        await ensure(settings());
        await remove("cluster1");
        expect(await minikube().profiles()).toEqual([]);
        expect(await readMark("cluster1", scripted.env)).toBeUndefined();
        await remove("cluster1");
        expect(said.at(-1)).toBe("There is no cluster cluster1 any more");
    });

    test("what a failed first start left behind is deleted too", async () => {
        scripted.script({ start: { stream: "start-failed", exit: 80, times: 1 } });
        await expect(ensure(settings())).rejects.toThrow();
        await remove("cluster1");
        expect(existsSync(join(scripted.home, ".minikube/profiles/cluster1"))).toBe(false);
    });

    test("a failure is an error with minikube's words", async () => {
        await ensure(settings());
        scripted.script({ delete: { exit: 80 } });
        await expect(remove("cluster1")).rejects.toThrow(
            /minikube delete --profile=cluster1 .*exit code 80.*error getting client/,
        );
    });
});

describe("preview", () => {
    const look = (raw: object = {}, holdsPrimary = true) => preflight(settings(raw), holdsPrimary, scripted.env);

    test("nothing there: minikube's dry run, and nothing is left behind", async () => {
        expect(await look()).toEqual({ exists: false, warnings: [] });
        const [, , dryRun] = scripted.calls();
        // The dry run has a MINIKUBE_HOME of its own, gone by now: its call is not in this one's log.
        expect(dryRun).toBeUndefined();
        expect(existsSync(join(scripted.home, ".minikube"))).toBe(false);
    });

    test("there: no dry run, and the same refusals as up", async () => {
        await ensure(settings());
        expect(await look()).toEqual({ exists: true, warnings: [] });
        await expect(look({ cpus: 8 })).rejects.toThrow(/cpus 4 \(asked: 8\)/);
    });

    test("a raised generation is refused while this site is primary, and only then", async () => {
        await ensure(settings());
        await expect(look({ generation: 2 })).rejects.toThrow(
            /raised from 1 to 2, which deletes the cluster .* and this site is primary/,
        );
        expect(await look({ generation: 2, cpus: 8 }, false)).toEqual({ exists: true, warnings: [] });
    });

    test("a damaged mark is still ours", async () => {
        await ensure(settings());
        const file = join(scripted.home, ".minikube/profiles/cluster1/rbd-dr.json");
        expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ generation: 1, complete: true });
        writeFileSync(file, "{");
        expect(await look()).toEqual({ exists: true, warnings: [] });
        rmSync(file);
        await expect(look()).rejects.toThrow(/did not make it/);
    });
});

describe("a profile that was deleted behind Pulumi's back", () => {
    const stack = (site: string, replicationState: "primary" | "secondary"): ReadStack => ({
        state: outputs(site, replicationState),
    });
    const none: ReadStack = { state: { found: "none" } };
    /** What the program sees: cluster1's config, and what either stack's last up said. */
    const look = async (asked: "primary" | "secondary", own: ReadStack, peer: ReadStack) => {
        const intent = ask(asked).intent;
        const read = (name: string) => Promise.resolve(name === "cluster1" ? own : peer);
        const config = { intent, minikube: settings() } as unknown as SiteConfig;
        const look = { read, warn: () => undefined, env: scripted.env };
        const deployed = await clusterDeployed(config, look);
        const { minikube: found } = await withRemade(config, deployed, look);
        return { deployed, remade: found?.remade, settings: found! };
    };
    const gone = () => rmSync(join(scripted.home, ".minikube/profiles/cluster1"), { recursive: true });
    const secondary = stack("cluster1", "secondary");
    const primary = stack("cluster2", "primary");

    test("of a secondary it is made anew, and so told to Pulumi by one change that then stays", async () => {
        await ensure(settings());
        expect(await look("secondary", secondary, primary)).toMatchObject({ deployed: true, remade: undefined });
        gone();
        const found = await look("secondary", secondary, primary);
        expect(found).toMatchObject({ deployed: false, remade: expect.any(String) });
        // A start that fails half way goes on under the same name.
        scripted.script({ start: { stream: "start-failed", exit: 80, times: 1 } });
        await expect(ensure(found.settings)).rejects.toThrow();
        expect((await look("secondary", secondary, primary)).remade).toBe(found.remade);
        await ensure(found.settings);
        expect(await look("secondary", secondary, primary)).toMatchObject({ deployed: true, remade: found.remade });
    });

    test("of a primary it is not, until the other site has taken over", async () => {
        await ensure(settings());
        gone();
        const held = stack("cluster1", "primary");
        for (const [asked, peer] of [
            ["primary", secondary],
            ["secondary", stack("cluster2", "secondary")],
            ["secondary", none],
        ] as const)
            expect(await look(asked, held, peer)).toMatchObject({ deployed: false, remade: undefined });
        expect((await look("secondary", held, primary)).remade).toEqual(expect.any(String));
    });

    test("before the first up has ended, nothing is missing", async () => {
        expect(await look("primary", none, none)).toMatchObject({ deployed: false, remade: undefined });
    });
});

describe("words for the command line", () => {
    test.each(["$(touch pwned)", "a b", "it's", "--help", "-p", ";id", "\n", "../../x"])(
        "profile %j arrives as one argument",
        async (profile) => {
            expect((await minikube().status(profile)).state).toBe("absent");
            expect(scripted.calls()[0]).toEqual(["status", `--profile=${profile}`, "--output=json"]);
            expect(existsSync("pwned")).toBe(false);
        },
    );

    test("a command for a node is quoted for the node's shell", async () => {
        await minikube().ssh("cluster1", ["sh", "-c", "echo 'a b'; id", "$x"]);
        expect(scripted.calls()[0]).toEqual([
            "ssh",
            "--profile=cluster1",
            "--",
            "sh",
            "-c",
            `'echo '\\''a b'\\''; id'`,
            "'$x'",
        ]);
    });
});
