import { describe, expect, test } from "@jest/globals";
import { DEFAULT_KUBERNETES, minikubeConfig, minikubeSettings, profileName } from "../../../minikube/config.js";
import { megabytes } from "../../../minikube/size.js";

/** Problems as `path: message`. */
function problems(raw: unknown, os: NodeJS.Platform = "linux"): string[] {
    const parsed = minikubeConfig(os).safeParse(raw);
    return parsed.success ? [] : parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`);
}

function settings(raw: unknown, os: NodeJS.Platform = "linux") {
    return minikubeSettings(minikubeConfig(os).parse(raw), "cluster1", "cluster2");
}

describe("the config key minikube", () => {
    test("an empty object gives a cluster that Rook can use, on a network that both sites share", () => {
        expect(settings({})).toEqual({
            profile: "cluster1",
            peerProfile: "cluster2",
            driver: "kvm2",
            cpus: 4,
            memory: 6144,
            diskSize: 40960,
            extraDisks: 1,
            nodes: 1,
            kubernetesVersion: DEFAULT_KUBERNETES,
            containerRuntime: "containerd",
            network: "rbd-dr",
            generation: 1,
            kubeconfig: undefined,
            startTimeout: 1200,
        });
    });

    test.each([
        ["linux", "kvm2", "rbd-dr", 1],
        ["darwin", "vfkit", "vmnet-shared", 1],
        ["win32", "hyperv", undefined, 0],
    ] as const)("on %s the driver is %s", (os, driver, network, extraDisks) => {
        expect(settings({}, os)).toMatchObject({ driver, extraDisks });
        expect(settings({}, os).network).toBe(network);
    });

    test("values are resolved to what minikube compares", () => {
        const given = { memory: "8g", diskSize: 20000, kubernetesVersion: "1.32.1", startTimeout: "1h", profile: "a1" };
        expect(settings(given)).toMatchObject({
            memory: 8192,
            diskSize: 20000,
            kubernetesVersion: "v1.32.1",
            startTimeout: 3600,
            profile: "a1",
        });
    });

    test.each(["hyperkit", "kvm2", "krunkit"])("%s has extra disks", (driver) => {
        expect(problems({ driver, extraDisks: 3 })).toEqual([]);
    });

    test.each(["docker", "podman", "virtualbox", "hyperv", "vmware", "parallels"])(
        "%s has none: the refusal names the drivers that do, and other ways",
        (driver) => {
            const [problem] = problems({ driver, extraDisks: 2 });
            expect(problem).toMatch(new RegExp(`^extraDisks: the ${driver} driver has no extra disks`));
            expect(problem).toContain("kvm2, qemu2, vfkit, krunkit");
            expect(problem).toContain("external Ceph");
            expect(problems({ driver })).toEqual([]);
        },
    );

    test("qemu2 on Linux has no network that both sites share", () => {
        expect(problems({ driver: "qemu2" }, "linux")).toEqual([
            expect.stringMatching(/^driver: .*only on darwin \(socket_vmnet\).*Use kvm2/),
        ]);
        expect(problems({ driver: "qemu2" }, "darwin")).toEqual([]);
        expect(settings({ driver: "qemu2" }, "darwin").network).toBe("socket_vmnet");
        expect(problems({ driver: "qemu2", network: "builtin" }, "darwin")).toEqual([
            expect.stringMatching(/^network: .*cannot reach each other. Use socket_vmnet/),
        ]);
    });

    test("vfkit: machines do not reach each other on nat", () => {
        expect(problems({ driver: "vfkit", network: "nat" }, "darwin")).toEqual([
            expect.stringContaining("Use vmnet-shared"),
        ]);
    });

    test("a network for a driver that ignores it", () => {
        expect(problems({ driver: "krunkit", network: "x1" }, "darwin")).toEqual([
            expect.stringMatching(/^network: the krunkit driver takes no network/),
        ]);
    });

    test.each([
        [{ driver: "none" }, /^driver: .*cluster: existing/],
        [{ cpus: 1 }, /^cpus: Kubernetes wants 2/],
        [{ memory: "1g" }, /^memory: minikube wants 1800m/],
        [{ memory: "lots" }, /^memory: give a size such as 6g/],
        [{ extraDisks: 21 }, /^extraDisks: a machine has at most 20/],
        [{ kubernetesVersion: "stable" }, /^kubernetesVersion: give a version such as/],
        [{ startTimeout: "20" }, /^startTimeout: give a duration/],
        [{ network: "--help" }, /^network: give a name/],
        [{ memmory: 1 }, /memmory/],
    ])("%j is refused", (raw, message) => {
        expect(problems(raw)).toEqual([expect.stringMatching(message)]);
    });

    test.each([
        "",
        "a",
        "-p",
        "--help",
        "a b",
        "a/../../b",
        "..",
        "$(touch x)",
        "`id`",
        "a;rm -rf .",
        "a'b",
        'a"b',
        "a\nb",
        "a\0b",
        "Start",
        "profile",
        "ä1",
        "a".repeat(64),
    ])("%j is no profile name", (name) => {
        expect(profileName.safeParse(name).success).toBe(false);
    });

    test.each(["cluster1", "c1", "A-b-3"])("%s is a profile name", (name) => {
        expect(profileName.safeParse(name).success).toBe(true);
    });
});

test.each([
    ["6g", 6144],
    ["6GB", 6144],
    ["6GiB", 6144],
    ["1.5g", 1536],
    ["2048", 2048],
    ["2048m", 2048],
    ["2097152k", 2048],
    ["1t", 1048576],
    ["max", undefined],
    ["6 giga", undefined],
    ["-1g", undefined],
])("%s is %s MiB", (text, mib) => {
    expect(megabytes(text)).toBe(mib);
});
