/** Tools that only tests run, built on demand. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildTool, planToolchain } from "./build.js";
import { findTool, type ToolName } from "./tools.js";

/**
 * Absolute path of a tool that is no part of the set; from `RBD_DR_TOOLCHAIN_BIN`, from PATH where the version is right, else
 * built from its pinned Go module, which takes minutes the first time.
 *
 * @throws if it cannot be built, with Go's last words
 */
export async function testTool(name: ToolName): Promise<string> {
    const given = process.env.RBD_DR_TOOLCHAIN_BIN;
    if (given !== undefined && existsSync(join(given, name))) return join(given, name);
    const [planned] = await planToolchain([findTool(name)]);
    if (planned!.source === "build") {
        process.stderr.write(`Building ${name} ${planned!.tool.version}, about ${planned!.tool.coldMinutes} minutes\n`);
        await buildTool(planned!);
    }
    return planned!.file;
}
