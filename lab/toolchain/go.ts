/** The Go that builds the toolchain. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa, ExecaError } from "execa";
import { TOOLS, moduleFolder } from "./tools.js";
import { compareVersions } from "./version.js";

/** The lowest Go version that the pinned modules ask for. */
export function requiredGo(): string {
    const versions = TOOLS.map(({ module }) => {
        const text = readFileSync(join(moduleFolder(module), "go.mod"), "utf8");
        return /^go (\d+\.\d+(?:\.\d+)?)$/m.exec(text)?.[1] ?? "0";
    });
    return versions.reduce((highest, version) => (compareVersions(version, highest) > 0 ? version : highest));
}

/**
 * Checks that Go is here and new enough. Part of the cache's key: another Go makes other binaries.
 * @returns version and platform, for example `go1.26.8 linux/amd64`.
 * @throws an error that says what to install.
 */
export async function checkGo(): Promise<string> {
    const required = requiredGo();
    const install = `Install Go ${required} or later from https://go.dev/dl/ (distributions' packages are often older) and put its bin folder on PATH.`;
    let answer: string;
    try {
        ({ stdout: answer } = await execa("go", ["env", "GOVERSION", "GOOS", "GOARCH"], { timeout: 60_000 }));
    } catch (error) {
        if (!(error instanceof ExecaError)) throw error;
        if (error.code === "ENOENT") throw new Error(`Go is not on PATH. ${install}`, { cause: error });
        throw new Error(`\`go env\` failed: ${error.stderr || error.shortMessage}. ${install}`, { cause: error });
    }
    const [version = "", os = "", architecture = ""] = answer.split("\n");
    // Go 1.21 and later fetch the toolchain that a go.mod asks for by themselves, unless told not to.
    if (compareVersions(version.replace(/^go/, ""), required) < 0 && !(await fetchesToolchains(version))) {
        throw new Error(`Go ${required} or later is needed to build the lab's tools; this is ${version}. ${install}`);
    }
    return `${version} ${os}/${architecture}`;
}

async function fetchesToolchains(version: string): Promise<boolean> {
    if (compareVersions(version.replace(/^go/, ""), "1.21.0") < 0) return false;
    const { stdout } = await execa("go", ["env", "GOTOOLCHAIN"], { timeout: 10_000 });
    return !stdout.startsWith("local");
}
