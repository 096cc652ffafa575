/** Paths of the tools that the lab runs. They are built or found by `lab/toolchain/build.ts`; here they are only named. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { toolchainDir } from "../paths.js";
import { pinsDigest, type ToolName } from "./tools.js";

export { moduleDir } from "./modules.js";
export { type ToolName } from "./tools.js";

/**
 * Folder with every tool of the toolchain under its own name, fit to be put on PATH: the Pulumi CLI finds its language host and
 * its Kubernetes plugin there. `RBD_DR_TOOLCHAIN_BIN` names another folder to take all tools from.
 */
export function toolchainBin(): string {
    return process.env.RBD_DR_TOOLCHAIN_BIN || join(toolchainDir(), "sets", pinsDigest());
}

/**
 * Absolute path of a tool.
 * @throws if it has not been built yet, naming the command that does.
 */
export function toolPath(tool: ToolName): string {
    const path = join(toolchainBin(), tool);
    if (existsSync(path)) return path;
    const fix = process.env.RBD_DR_TOOLCHAIN_BIN
        ? `put it there, or unset RBD_DR_TOOLCHAIN_BIN and run \`npm run lab -- toolchain\``
        : `run \`npm run lab -- toolchain\``;
    throw new Error(`The tool ${tool} is not at ${path}: ${fix}.`);
}
