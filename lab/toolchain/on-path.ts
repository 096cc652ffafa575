/** Tools that are on PATH already. */
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { findTool, type Tool, type ToolName } from "./tools.js";
import { findVersion, inRange } from "./version.js";

/**
 * Finds a tool on PATH whose version will do.
 * @returns its absolute path; undefined if there is none, or only one of a wrong version.
 */
export async function findOnPath(tool: Tool): Promise<string | undefined> {
    // A Pulumi from PATH comes with the language host beside it that fits it; a host alone says no version.
    if (tool.name === "pulumi-language-nodejs") return besidePulumi(tool.name);
    const file = tool.onPath && which(tool.name);
    if (!tool.onPath || !file) return undefined;
    const { stdout, failed } = await execa(file, tool.onPath.args, { timeout: 10_000, reject: false, stdin: "ignore" });
    const version = failed ? undefined : findVersion(stdout);
    return version && inRange(version, tool.onPath.from, tool.onPath.below) ? file : undefined;
}

async function besidePulumi(name: ToolName): Promise<string | undefined> {
    const pulumi = await findOnPath(findTool("pulumi"));
    if (!pulumi) return undefined;
    const beside = join(dirname(realpathSync(pulumi)), name);
    return executable(beside) ? beside : undefined;
}

function which(name: string): string | undefined {
    const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
    return folders.map((folder) => join(folder, name)).find(executable);
}

function executable(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
    } catch {
        return false;
    }
}
