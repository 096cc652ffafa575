/** Brings the toolchain about: each tool from PATH where its version is right, else built from its pinned Go module. */
import { existsSync, mkdirSync, mkdtempSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa, ExecaError } from "execa";
import { withLock } from "../lock.js";
import { toolchainDir } from "../paths.js";
import { checkGo } from "./go.js";
import { findOnPath } from "./on-path.js";
import { TOOLS, buildFlags, moduleFolder, pinsDigest, toolDigest, type Tool } from "./tools.js";

/** A tool, and where it comes from. */
export interface PlannedTool {
    readonly tool: Tool;
    /** `built`: in the cache already; `path`: found on PATH; `build`: has to be built. */
    readonly source: "built" | "path" | "build";
    /** Where the binary is, or will be. */
    readonly file: string;
}

/**
 * Finds out where each tool comes from. Builds nothing.
 * @throws if something has to be built and Go is missing or too old.
 */
export async function planToolchain(tools: readonly Tool[] = TOOLS): Promise<PlannedTool[]> {
    const goVersion = await checkGo();
    return Promise.all(
        tools.map(async (tool): Promise<PlannedTool> => {
            const onPath = await findOnPath(tool);
            if (onPath) return { tool, source: "path", file: onPath };
            const file = join(toolchainDir(), toolDigest(tool, [goVersion]), "bin", tool.name);
            return { tool, source: existsSync(file) ? "built" : "build", file };
        }),
    );
}

/** Whether the set of tools that this checkout pins is complete: costs a few file look-ups. */
export function toolchainComplete(tools: readonly Tool[] = TOOLS): boolean {
    return tools.every((tool) => existsSync(join(setDir(), tool.name)));
}

/**
 * Builds one tool into the cache: into a folder of its own at first, then renamed, so that a kill leaves nothing that looks
 * complete. Two builders at once build it once.
 * @param onOutput called with each line that Go prints (downloads, mostly).
 * @throws with Go's last words.
 */
export async function buildTool(
    { tool, file }: PlannedTool,
    onOutput: (line: string) => void = () => undefined,
): Promise<void> {
    const onWait = (holder: string): void => onOutput(`${holder} is building it; waiting`);
    await withLock(
        file,
        async () => {
            if (existsSync(file)) return;
            const target = dirname(dirname(file));
            mkdirSync(toolchainDir(), { recursive: true });
            const temporary = mkdtempSync(join(toolchainDir(), `.${tool.name}-`));
            try {
                await goBuild(tool, join(temporary, "bin", tool.name), onOutput);
                rmSync(target, { recursive: true, force: true });
                renameSync(temporary, target);
            } finally {
                rmSync(temporary, { recursive: true, force: true });
            }
        },
        { onWait },
    );
}

/** Makes the set: one folder with a link for each tool, which is what PATH gets. */
export function linkSet(planned: readonly PlannedTool[]): void {
    mkdirSync(setDir(), { recursive: true });
    for (const { tool, file } of planned) {
        const link = join(setDir(), tool.name);
        if (linkTarget(link) === file) continue;
        const temporary = `${link}.${process.pid}.tmp`;
        rmSync(temporary, { force: true });
        symlinkSync(file, temporary);
        renameSync(temporary, link);
    }
}

function setDir(): string {
    return join(toolchainDir(), "sets", pinsDigest());
}

function linkTarget(link: string): string | undefined {
    try {
        return readlinkSync(link);
    } catch {
        return undefined;
    }
}

async function goBuild(tool: Tool, output: string, onOutput: (line: string) => void): Promise<void> {
    const build = execa("go", ["build", ...buildFlags(tool), "-o", output, tool.package], {
        cwd: moduleFolder(tool.module),
        // GOWORK: a workspace file above this checkout would replace the pins. GOFLAGS: the user's could, too.
        env: { CGO_ENABLED: tool.cgo ? "1" : "0", GOFLAGS: "", GOWORK: "off" },
        stdin: "ignore",
        all: true,
    });
    const lines: string[] = [];
    try {
        for await (const line of build.iterable({ from: "all" })) {
            lines.push(line);
            onOutput(line.replace(/^go: /, ""));
            if (lines.length > 30) lines.shift();
        }
        await build;
    } catch (error) {
        if (!(error instanceof ExecaError)) throw error;
        throw new Error(
            `Building ${tool.name} ${tool.version} failed (lab/toolchain/${tool.module}):\n${lines.join("\n")}`,
            {
                cause: error,
            },
        );
    }
}
