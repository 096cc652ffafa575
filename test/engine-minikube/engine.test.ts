/**
 * MinikubeCluster through the real `pulumi`: its life from create to delete, with a scripted minikube on PATH and the stand-in
 * for the plugin of @pulumi/command. The tests are one story and build on each other.
 */
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openStage, type Stage } from "./stage.js";

jest.setTimeout(600_000);

let stage: Stage;
beforeAll(async () => {
    stage = await openStage();
});
afterAll(() => stage?.remove());

const up = () => stage.pulumi("up", "--yes", "--skip-preview");

test("a preview from nothing shows the cluster, and runs nothing", async () => {
    expect(await stage.preview()).toEqual(["create mk-cluster1", "create cluster", "create cluster-profile"]);
    expect(stage.scripted.calls()).toEqual([]);
});

test("a start that fails half way fails the run with minikube's words, and leaves nothing in the state", async () => {
    stage.scripted.script({ start: { stream: "start-failed", exit: 80, times: 1 } });
    const result = await up();
    expect(result.exitCode).not.toBe(0);
    expect(result.text).toContain("exit code 80, GUEST_PROVISION");
    expect(result.text).toContain("What to do: run it again");
    expect(await stage.command()).toBeUndefined();
});

test("run again, it creates: the start goes on, outputs say how to reach it, no value is in the command", async () => {
    stage.scripted.calls();
    const result = await up();
    expect({ code: result.exitCode, text: result.text }).toMatchObject({ code: 0 });
    expect(stage.scripted.verbs()).toEqual(["version", "profile", "status", "start", "ip"]);
    expect(await stage.outputs()).toEqual({
        context: "cluster1",
        kubeconfig: stage.scripted.env["KUBECONFIG"],
        ip: "192.168.39.11",
    });
    const command = await stage.command();
    expect(command?.protect).toBe(true);
    expect(command?.inputs).toMatchObject({
        interpreter: ["node", "--import", "tsx", "../../../minikube/cli.ts"],
        create: "create",
        update: "update",
        delete: "delete",
        triggers: [1],
        environment: { RBD_DR_MINIKUBE_PROFILE: "cluster1", RBD_DR_MINIKUBE_MEMORY: "6144" },
    });
});

test("nothing changed: nothing is run", async () => {
    stage.scripted.calls();
    expect((await up()).text).toMatch(/2 unchanged|3 unchanged/);
    expect(stage.scripted.calls()).toEqual([]);
});

test("a newer Kubernetes is an update in place; the context stays known in the preview", async () => {
    stage.configure({ minikube: { kubernetesVersion: "1.34.3" } });
    expect(await stage.preview()).toEqual(["update cluster-profile"]);
    const before = await stage.command();
    expect((await up()).exitCode).toBe(0);
    expect(stage.scripted.calls().some((c) => c[0] === "start" && c.includes("--kubernetes-version=v1.34.3"))).toBe(
        true,
    );
    expect((await stage.command())?.id).toBe(before?.id);
});

test("a change that minikube cannot make fails with the ways out, and the cluster stays as it was", async () => {
    stage.configure({ minikube: { kubernetesVersion: "1.34.3", cpus: 8 } });
    stage.scripted.calls();
    const result = await up();
    expect(result.exitCode).not.toBe(0);
    expect(result.text).toMatch(/cpus 4 \(asked: 8\)/);
    expect(result.text).toContain("raise minikube.generation to 2");
    expect(stage.scripted.verbs()).toEqual(["version", "profile"]);
    expect((await stage.command())?.inputs["environment"]).toMatchObject({ RBD_DR_MINIKUBE_CPUS: "4" });
});

test("with the program's look beforehand, the preview refuses it already", async () => {
    stage.configure({ preflight: true });
    const result = await stage.pulumi("preview");
    expect(result.exitCode).not.toBe(0);
    expect(result.text).toMatch(/cpus 4 \(asked: 8\)/);
});

test("a raised generation is refused while the site holds a primary: by the program, and by the engine", async () => {
    stage.configure({
        minikube: { kubernetesVersion: "1.34.3", cpus: 8, generation: 2 },
        holdsPrimary: true,
        protect: false,
    });
    const asked = await stage.pulumi("preview");
    expect(asked.exitCode).not.toBe(0);
    expect(asked.text).toMatch(/raised from 1 to 2.*this site is primary/);
    stage.configure({ preflight: false });
    stage.scripted.calls();
    const result = await up();
    expect(result.exitCode).not.toBe(0);
    expect(result.text).toMatch(/unable to replace resource|cannot be replaced|protect/i);
    expect(stage.scripted.calls()).toEqual([]);
});

test("and carried out when it does not: the old cluster goes, then the new one comes", async () => {
    stage.configure({ holdsPrimary: false, preflight: true });
    expect((await stage.preview()).join()).toContain("replace cluster-profile");
    stage.scripted.calls();
    const result = await up();
    expect({ code: result.exitCode, text: result.text }).toMatchObject({ code: 0 });
    const verbs = stage.scripted.verbs();
    expect(verbs.indexOf("delete")).toBeGreaterThan(-1);
    expect(verbs.indexOf("start")).toBeGreaterThan(verbs.indexOf("delete"));
    expect((await stage.command())?.inputs["environment"]).toMatchObject({ RBD_DR_MINIKUBE_CPUS: "8" });
});

test("deleted behind Pulumi's back, and found missing: an update makes it anew; after that nothing is run", async () => {
    rmSync(join(stage.scripted.home, ".minikube/profiles/cluster1"), { recursive: true });
    stage.scripted.calls();
    expect((await up()).exitCode).toBe(0);
    expect(stage.scripted.verbs()).not.toContain("start");

    const before = await stage.command();
    stage.configure({ remade: "2026-03-01T12:00:00.000Z" });
    expect(await stage.preview()).toEqual(["update cluster-profile"]);
    stage.scripted.calls();
    const result = await up();
    expect({ code: result.exitCode, text: result.text }).toMatchObject({ code: 0 });
    expect(stage.scripted.verbs()).toContain("start");
    expect((await stage.command())?.id).toBe(before?.id);

    expect(await stage.preview()).toEqual([]);
    expect((await up()).exitCode).toBe(0);
    expect(stage.scripted.verbs()).not.toContain("start");
});

test("while volumes are protected, the cluster is not deleted", async () => {
    stage.configure({ protect: true });
    expect((await up()).exitCode).toBe(0);
    stage.scripted.calls();
    const result = await stage.pulumi("destroy", "--yes", "--skip-preview");
    expect(result.exitCode).not.toBe(0);
    expect(result.text).toMatch(/protect/);
    expect(stage.scripted.calls()).toEqual([]);
});

test("a delete that fails is an error, and can be run again", async () => {
    stage.configure({ protect: false });
    expect((await up()).exitCode).toBe(0);
    stage.scripted.script({ delete: { exit: 80, times: 1 } });
    const failed = await stage.pulumi("destroy", "--yes", "--skip-preview");
    expect(failed.exitCode).not.toBe(0);
    expect(failed.text).toContain("error getting client");
    expect(await stage.command()).toBeDefined();

    const result = await stage.pulumi("destroy", "--yes", "--skip-preview");
    expect({ code: result.exitCode, text: result.text }).toMatchObject({ code: 0 });
    expect(existsSync(join(stage.scripted.home, ".minikube/profiles/cluster1"))).toBe(false);
    expect(await stage.command()).toBeUndefined();
});
