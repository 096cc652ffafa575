import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildTool, planToolchain } from "../../../lab/toolchain/build.js";
import { checkGo, requiredGo } from "../../../lab/toolchain/go.js";
import { findOnPath } from "../../../lab/toolchain/on-path.js";
import { toolPath, toolchainBin } from "../../../lab/toolchain/index.js";
import { TOOLS, buildFlags, findTool, moduleFolder, pinFiles, toolDigest } from "../../../lab/toolchain/tools.js";
import { compareVersions, findVersion, inRange } from "../../../lab/toolchain/version.js";

let dir: string;
const before = { ...process.env };
beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "rbd-dr-toolchain-"));
    process.env.XDG_CACHE_HOME = join(dir, "cache");
});
afterEach(() => {
    process.env = { ...before };
    rmSync(dir, { recursive: true });
});

/** Puts a program into a folder that becomes the whole PATH. */
function onPath(name: string, script: string): string {
    const folder = join(dir, "bin");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    process.env.PATH = folder;
    return file;
}

/** A `go` that answers `go env`, notes each build, and writes something to the path after -o. */
function fakeGo(version: string, build = 'mkdir -p "$(dirname "$out")" && echo built > "$out"'): void {
    const path = process.env.PATH;
    onPath(
        "go",
        `if [ "$1" = env ]; then [ "$2" = GOTOOLCHAIN ] && echo local || printf '%s\\nlinux\\namd64\\n' ${version}; exit; fi
echo "$PWD $*" >> ${join(dir, "builds")}
while [ "$1" != -o ]; do shift; done; out=$2
${build}`,
    );
    process.env.PATH = `${process.env.PATH}:${path}`;
}

const builds = (): string[] =>
    existsSync(join(dir, "builds")) ? readFileSync(join(dir, "builds"), "utf8").trim().split("\n") : [];

describe("pins", () => {
    test.each(TOOLS.map((tool) => [tool.name, tool] as const))(
        "%s: its module is there, and pins the version said",
        (_, tool) => {
            const [goMod] = pinFiles(tool.module);
            expect(pinFiles(tool.module).map((file) => file.split("/").pop())).toEqual(
                expect.arrayContaining(["go.mod", "go.sum"]),
            );
            // Our own main.go builds a commit between releases; its module names that commit.
            const pinned = tool.package === "." ? "v4.0.0-20240930223531-b7dae6b4ea56" : `v${tool.version}`;
            expect(readFileSync(goMod as string, "utf8")).toContain(` ${pinned}`);
        },
    );

    test("every flag that decides a binary is part of its digest", () => {
        const tool = findTool("etcd");
        expect(toolDigest(tool)).toBe(toolDigest({ ...tool }));
        expect(toolDigest({ ...tool, tags: "x" })).not.toBe(toolDigest(tool));
        expect(toolDigest({ ...tool, variables: { a: "b" } })).not.toBe(toolDigest(tool));
        expect(toolDigest({ ...tool, package: "other" })).not.toBe(toolDigest(tool));
        expect(toolDigest({ ...tool, module: "kwok" })).not.toBe(toolDigest(tool));
        expect(toolDigest(tool, ["go1.26.9"])).not.toBe(toolDigest(tool, ["go1.26.8"]));
    });

    test("builds read go.mod and never write it", () => {
        for (const tool of TOOLS) expect(buildFlags(tool)).toContain("-mod=readonly");
    });
});

describe("a tool on PATH", () => {
    const kubectl = findTool("kubectl");

    test("is taken when its version will do", async () => {
        const file = onPath("kubectl", "echo 'Client Version: v1.34.9'");
        expect(await findOnPath(kubectl)).toBe(file);
    });

    test.each([
        ["too old", "echo v1.32.4-dispatcher"],
        ["too new", "echo v1.36.0"],
        ["without a version", "echo hello"],
        ["that fails", "echo v1.34.3; exit 1"],
    ])("%s is left alone", async (_, script) => {
        onPath("kubectl", script);
        expect(await findOnPath(kubectl)).toBeUndefined();
    });

    test("Pulumi's language host is taken only from beside a Pulumi that is taken", async () => {
        const host = onPath("pulumi-language-nodejs", "exit 1");
        expect(await findOnPath(findTool("pulumi-language-nodejs"))).toBeUndefined();
        onPath("pulumi", "echo v3.247.0");
        expect(await findOnPath(findTool("pulumi-language-nodejs"))).toBeUndefined();
        onPath("pulumi", "echo v3.300.1");
        expect(await findOnPath(findTool("pulumi-language-nodejs"))).toBe(host);
    });
});

describe("building", () => {
    const kwok = findTool("kwok");

    test("happens once, in the pinned module, and then never again", async () => {
        fakeGo("go1.26.8");
        const [planned] = await planToolchain([kwok]);
        expect(planned?.source).toBe("build");
        await buildTool(planned!);
        expect(readFileSync(planned!.file, "utf8")).toBe("built\n");
        expect(builds()).toHaveLength(1);
        expect(builds()[0]).toContain(`${moduleFolder("kwok")} build -mod=readonly -trimpath`);
        await buildTool(planned!);
        expect(builds()).toHaveLength(1);
        expect((await planToolchain([kwok]))[0]?.source).toBe("built");
    });

    test("happens once for two builders at once", async () => {
        fakeGo("go1.26.8", 'sleep 0.3; mkdir -p "$(dirname "$out")" && echo built > "$out"');
        const [planned] = await planToolchain([kwok]);
        await Promise.all([buildTool(planned!), buildTool(planned!)]);
        expect(builds()).toHaveLength(1);
    });

    test("that fails leaves nothing behind, and says what Go said", async () => {
        fakeGo("go1.26.8", 'mkdir -p "$(dirname "$out")"; echo half > "$out"; echo "go: no space left" >&2; exit 1');
        const [planned] = await planToolchain([kwok]);
        await expect(buildTool(planned!)).rejects.toThrow(
            /Building kwok 0\.7\.0 failed \(lab\/toolchain\/kwok\):\n.*no space left/s,
        );
        expect(existsSync(planned!.file)).toBe(false);
        expect((await planToolchain([kwok]))[0]?.source).toBe("build");
    });

    test("needs Go, and a Go that is new enough: the error says what to install", async () => {
        process.env.PATH = dir;
        await expect(checkGo()).rejects.toThrow(
            /Go is not on PATH. Install Go 1\.\d+ or later from https:\/\/go.dev\/dl/,
        );
        process.env.PATH = before.PATH;
        fakeGo("go1.19.8");
        await expect(checkGo()).rejects.toThrow(
            `Go ${requiredGo()} or later is needed to build the lab's tools; this is go1.19.8.`,
        );
    });
});

describe("paths", () => {
    test("a tool that is not built names the command that builds it", () => {
        delete process.env.RBD_DR_TOOLCHAIN_BIN;
        expect(toolchainBin()).toContain(join(dir, "cache", "rbd-dr", "toolchain", "sets"));
        expect(() => toolPath("etcd")).toThrow(/run `npm run lab -- toolchain`/);
    });

    test("RBD_DR_TOOLCHAIN_BIN names another folder", () => {
        const file = onPath("etcd", "exit 0");
        process.env.RBD_DR_TOOLCHAIN_BIN = join(dir, "bin");
        expect(toolPath("etcd")).toBe(file);
        expect(() => toolPath("kwok")).toThrow(/unset RBD_DR_TOOLCHAIN_BIN/);
    });
});

test("versions", () => {
    expect(findVersion("etcd Version: 3.6.6\nGit SHA: x")).toBe("3.6.6");
    expect(findVersion("v3.259.0-dev")).toBe("3.259.0");
    expect(findVersion("no version")).toBeUndefined();
    expect(compareVersions("1.26", "1.26.0")).toBe(0);
    expect(compareVersions("1.9.0", "1.10.0")).toBeLessThan(0);
    expect(inRange("3.6.0", "3.6.0", "3.7.0")).toBe(true);
    expect(inRange("3.7.0", "3.6.0", "3.7.0")).toBe(false);
    expect(inRange("9.0.0", "3.6.0")).toBe(true);
});
