/** The wrapper against the real minikube 1.38.1, as far as it goes without a driver that can start a machine. */
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { testTool } from "../../lab/toolchain/test-tools.js";
import { minikubeConfig, minikubeSettings, type MinikubeSettings } from "../../minikube/config.js";
import { ensureCluster, removeCluster } from "../../minikube/ensure.js";
import { MinikubeError, type Failure } from "../../minikube/errors.js";
import { readMark, writeMark } from "../../minikube/mark.js";
import { Minikube } from "../../minikube/minikube.js";
import { preflight } from "../../minikube/preflight.js";
import { runMinikube } from "../../minikube/run.js";

// A cold build of minikube takes minutes.
jest.setTimeout(900_000);

let root: string;
let env: Record<string, string>;
beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "real minikube's "));
    mkdirSync(join(root, "bin"));
    symlinkSync(await testTool("minikube"), join(root, "bin", "minikube"));
    env = {
        PATH: `${join(root, "bin")}${delimiter}${process.env["PATH"]}`,
        MINIKUBE_HOME: join(root, "home"),
        KUBECONFIG: join(root, "kube config"),
    };
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const minikube = () => new Minikube({ env });
const profilesDir = () => join(root, "home", ".minikube", "profiles");
const asked = (raw: object = {}): MinikubeSettings =>
    minikubeSettings(minikubeConfig("linux").parse(raw), "cluster1", "cluster2");

/** How a call failed; fails the test when it did not. */
async function failure(call: Promise<unknown>): Promise<Failure> {
    try {
        await call;
    } catch (error) {
        if (error instanceof MinikubeError) return error.failure;
        throw error;
    }
    throw new Error("It was expected to fail, and did not.");
}

/** A dry run with a driver whose checks need nothing installed: what minikube validates of the flags. */
const dryRun = (...flags: string[]) =>
    runMinikube(
        [
            "start",
            "--profile=dry",
            "--driver=ssh",
            "--ssh-ip-address=127.0.0.1",
            ...flags,
            "--interactive=false",
            "--output=json",
            "--dry-run",
        ],
        { env },
    );

describe("questions", () => {
    test("version", async () => {
        expect(await minikube().version()).toBe("1.38.1");
    });

    test("no profiles", async () => {
        expect(await minikube().profiles()).toEqual([]);
    });

    test("a profile that does not exist: absent, stopped, deleted; no ip and no ssh", async () => {
        expect(await minikube().status("nobody")).toEqual({ state: "absent", nodes: [], complaints: [] });
        await minikube().stop("nobody");
        await minikube().delete("nobody");
        expect(await failure(minikube().ip("nobody"))).toMatchObject({ exitCode: 85, source: "guest" });
        const ssh = await failure(minikube().ssh("nobody", ["true"]));
        expect(ssh).toMatchObject({ exitCode: 85, detail: expect.stringContaining('"nobody" not found') });
    });

    test.each(["$(touch pwned)", "it's", "a b", "--help", ";id", "`id`"])(
        "profile name %j is only a name",
        async (name) => {
            expect((await minikube().status(name)).state).toBe("absent");
            expect(existsSync("pwned")).toBe(false);
        },
    );
});

describe("what start refuses", () => {
    test.each([
        [["--driver=nonsense"], { exitCode: 56, source: "driver", reason: "DRV_UNSUPPORTED_OS" }],
        [["--memory=100m"], { exitCode: 23, source: "resources", reason: "RSRC_INSUFFICIENT_REQ_MEMORY" }],
        [["--memory=abc"], { exitCode: 14, source: "usage", reason: "MK_USAGE" }],
        [["--cpus=1"], { exitCode: 29, source: "resources", reason: "RSRC_INSUFFICIENT_CORES" }],
        [["--kubernetes-version=v1.10.0"], { exitCode: 106, source: "control-plane", reason: "K8S_OLD_UNSUPPORTED" }],
        [["--profile=a b"], { exitCode: 14, source: "usage", reason: "MK_USAGE" }],
    ] as const)("%j", async (flags, expected) => {
        const found = await failure(dryRun(...flags));
        expect(found).toMatchObject(expected);
        expect(found.detail).not.toBe("");
    });

    test("an unknown flag: what it says is on stderr only", async () => {
        expect(await failure(dryRun("--nonsense"))).toMatchObject({
            exitCode: 14,
            detail: expect.stringContaining("unknown flag: --nonsense"),
        });
    });

    test("a dry run that is in order ends well", async () => {
        const { events } = await dryRun("--force", "--cpus=2", "--memory=2000m", "--kubernetes-version=v1.33.8");
        expect(events.at(-1)).toMatchObject({ kind: "step", message: "dry-run validation complete!" });
    });

    test("extra disks with a driver that has none are a warning only: the reason for our own refusal", async () => {
        const { events } = await dryRun("--force", "--cpus=2", "--memory=2000m", "--extra-disks=2");
        expect(events).toContainEqual({
            kind: "warning",
            message: expect.stringContaining("[hyperkit kvm2 qemu2 vfkit krunkit]"),
        });
    });

    test("every flag that we pass is known to it", async () => {
        // With PATH bare of any hypervisor it goes as far as the driver, past the parsing of all flags.
        const bare = new Minikube({ env: { ...env, PATH: join(root, "bin") } });
        expect(await failure(bare.dryRun(asked()))).toMatchObject({
            reason: "PROVIDER_KVM2_NOT_FOUND",
            source: "provider",
            advice: "Install libvirt",
            url: expect.stringContaining("https://minikube.sigs.k8s.io/"),
            step: "Selecting Driver",
        });
    });
});

describe("preview", () => {
    const bare = () => ({ ...env, PATH: join(root, "bin"), MINIKUBE_HOME: join(root, "untouched") });

    test("a driver that is not there is a warning, with minikube's advice, and nothing is left behind", async () => {
        const { exists, warnings } = await preflight(asked(), false, bare());
        expect(exists).toBe(false);
        expect(warnings).toEqual([expect.stringMatching(/PROVIDER_KVM2_NOT_FOUND.*\nWhat to do: Install libvirt/)]);
        expect(existsSync(join(root, "untouched", ".minikube", "profiles"))).toBe(false);
    });

    test("a machine without minikube is told so", async () => {
        const nothing = { ...bare(), PATH: root };
        expect(await failure(preflight(asked(), false, nothing))).toMatchObject({ source: "missing" });
    });
});

describe("a start that fails half way", () => {
    /** No machine answers at this address; the start gets as far as that. */
    const start = () =>
        runMinikube(
            [
                "start",
                "--profile=half",
                "--driver=ssh",
                "--ssh-ip-address=127.0.0.1",
                "--ssh-port=1",
                `--ssh-key=${join(root, "none")}`,
                "--force",
                "--cpus=2",
                "--memory=2000m",
                "--kubernetes-version=v1.33.8",
                "--container-runtime=containerd",
                "--cache-images=false",
                "--interactive=false",
                "--output=json",
            ],
            { env, timeoutMs: 300_000 },
        );
    const half = () => ({ ...asked({ profile: "half" }), peerProfile: undefined });

    test("names the step and the reason, and leaves a profile without a machine", async () => {
        await writeMark("half", { generation: 1, complete: false }, env);
        const found = await failure(start());
        expect(found).toMatchObject({
            exitCode: 80,
            source: "guest",
            reason: "GUEST_PROVISION",
            step: "Starting Node",
        });
        expect(found.detail).toContain("Failed to start host");
        expect((await minikube().status("half")).state).toBe("broken");
        expect(await minikube().profile("half")).toMatchObject({ driver: "ssh", cpus: 2, memory: 2000, extraDisks: 0 });
        // minikube keeps what it does not know in a profile's folder.
        expect(await readMark("half", env)).toEqual({ generation: 1, complete: false });
    });

    test("the next create knows it as its own, clears it away, and starts afresh", async () => {
        const said: string[] = [];
        const bare = new Minikube({ env: { ...env, PATH: join(root, "bin") } });
        const again = ensureCluster(bare, half(), (line) => said.push(line), env);
        expect(await failure(again)).toMatchObject({ reason: "PROVIDER_KVM2_NOT_FOUND" });
        expect(said.join("\n")).toMatch(/failed half way, and it has driver ssh \(asked: kvm2\)/);
        expect(await minikube().profile("half")).toBeUndefined();
    });

    test("delete takes all of it away, the mark too", async () => {
        expect(await readMark("half", env)).toEqual({ generation: 1, complete: false });
        await removeCluster(minikube(), "half", () => {}, env);
        expect(await readMark("half", env)).toBeUndefined();
        expect(readdirSync(profilesDir())).not.toContain("half");
    });

    test("another's damaged profile does not stand in the way of the list", async () => {
        const dir = join(profilesDir(), "damaged");
        mkdirSync(dir, { recursive: true });
        writeFileSync(join(dir, "config.json"), "{");
        expect(await minikube().profiles()).toEqual([]);
        await minikube().delete("damaged");
    });
});
