/** Words that a shell, a flag parser or a file system would take for more than they are. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import fc from "fast-check";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { minikubeConfig, minikubeSettings } from "../../../minikube/config.js";
import { fromEnvironment, toEnvironment } from "../../../minikube/environment.js";
import { kubeconfigPath } from "../../../minikube/kubeconfig.js";
import { minikubeHome, readMark, writeMark } from "../../../minikube/mark.js";
import { quote } from "../../../host/shell.js";
import { startArgs } from "../../../minikube/start-args.js";

const HOSTILE = [
    "",
    " ",
    "a b",
    "it's",
    '"',
    "$HOME",
    "$(id)",
    "`id`",
    "a;b",
    "a|b",
    "a&b",
    "*",
    "~",
    "\\",
    "\n",
    "-e",
    "#x",
    "!x",
    "ä",
];

let dir: string;
beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "rbd dr's "));
});
afterAll(() => rm(dir, { recursive: true }));

describe("words for a node's shell", () => {
    /** Has a shell read the words as minikube ssh hands them over: joined with blanks. */
    async function read(words: readonly string[]): Promise<string[]> {
        const { stdout } = await execa("sh", ["-c", ["printf", "%s\\0", ...words].map(quote).join(" ")], {
            stripFinalNewline: false,
        });
        return stdout.split("\0").slice(0, -1);
    }

    test("each arrives as it is", async () => {
        expect(await read(HOSTILE)).toEqual(HOSTILE);
    });

    test("for any word", async () => {
        const word = fc
            .string({ unit: "grapheme" })
            .filter((s) => !s.includes("\0") && s === Buffer.from(s).toString());
        await fc.assert(
            fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 20 }), async (words) => {
                expect(await read(words)).toEqual(words);
            }),
            { numRuns: 40 },
        );
    });
});

describe("settings as environment", () => {
    const settings = minikubeSettings(minikubeConfig("linux").parse({}), "cluster1", "cluster2");

    test("there and back", () => {
        expect(fromEnvironment(toEnvironment(settings))).toEqual(settings);
        const bare = { ...settings, network: undefined, peerProfile: undefined };
        expect(fromEnvironment(toEnvironment(bare))).toEqual(bare);
    });

    test("a value left open is empty, so that none leaks in from outside", () => {
        const env = { RBD_DR_MINIKUBE_NETWORK: "stray", ...toEnvironment({ ...settings, network: undefined }) };
        expect(fromEnvironment(env).network).toBeUndefined();
    });

    test.each(HOSTILE.filter((w) => w !== ""))("a kubeconfig path with %j", (word) => {
        const kubeconfig = `/home/${word}/config`;
        expect(fromEnvironment(toEnvironment({ ...settings, kubeconfig })).kubeconfig).toBe(kubeconfig);
    });

    test("a missing and a wrong variable are named", () => {
        expect(() => fromEnvironment({})).toThrow(/RBD_DR_MINIKUBE_PROFILE is not set/);
        expect(() => fromEnvironment({ ...toEnvironment(settings), RBD_DR_MINIKUBE_CPUS: "many" })).toThrow(
            /RBD_DR_MINIKUBE_CPUS is "many"/,
        );
        expect(() => fromEnvironment({ ...toEnvironment(settings), RBD_DR_MINIKUBE_PROFILE: "../x" })).toThrow(
            /RBD_DR_MINIKUBE_PROFILE is "..\/x"/,
        );
    });

    test("every value is glued to its flag", () => {
        const args = startArgs({ ...settings, profile: "--help", network: "--force", containerRuntime: "-v" });
        expect(args).toContain("--profile=--help");
        expect(args).toContain("--network=--force");
        expect(args).toContain("--container-runtime=-v");
        expect(args.filter((a) => a === "--help" || a === "--force" || a === "-v")).toEqual([]);
    });

    test("no flag for disks where there are none: minikube warns at the flag alone", () => {
        expect(startArgs({ ...settings, extraDisks: 0 }).join(" ")).not.toContain("extra-disks");
        expect(startArgs(settings)).toContain("--extra-disks=1");
    });
});

describe("the mark", () => {
    test("lies in the profile's own folder, in a path with a blank and a quote", async () => {
        const env = { MINIKUBE_HOME: dir };
        expect(await readMark("cluster1", env)).toBeUndefined();
        await writeMark("cluster1", { generation: 2, complete: false }, env);
        expect(await readMark("cluster1", env)).toEqual({ generation: 2, complete: false });
        expect(await readdir(join(dir, ".minikube", "profiles", "cluster1"))).toEqual(["rbd-dr.json"]);
    });

    test.each(["../../x", "/etc", "a/b", "..", ""])("never leads out of it: %j", async (name) => {
        await expect(writeMark(name, { complete: true }, { MINIKUBE_HOME: dir })).rejects.toThrow();
        await expect(readMark(name, { MINIKUBE_HOME: dir })).rejects.toThrow();
    });

    test("minikube's folder is found as minikube finds it", () => {
        expect(minikubeHome({})).toBe(join(homedir(), ".minikube"));
        expect(minikubeHome({ MINIKUBE_HOME: "" })).toBe(join(homedir(), ".minikube"));
        expect(minikubeHome({ MINIKUBE_HOME: "/a b" })).toBe("/a b/.minikube");
        expect(minikubeHome({ MINIKUBE_HOME: "/a/.minikube" })).toBe("/a/.minikube");
    });
});

test.each([
    [undefined, join(homedir(), ".kube", "config")],
    ["", join(homedir(), ".kube", "config")],
    ["/a b/c", "/a b/c"],
    [":/x:/y", "/x"],
])("KUBECONFIG=%j: minikube writes to %s", (given, path) => {
    expect(kubeconfigPath({ KUBECONFIG: given })).toBe(path);
});
