/** The toolchain as `lab up` wants it: there, with progress where it has to be built. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Listr, ListrLogger, PRESET_TIMER, ProcessOutput } from "listr2";
import { toolchainBin } from "./index.js";
import { buildTool, linkSet, planToolchain, toolchainComplete, type PlannedTool } from "./build.js";
import { TOOLS } from "./tools.js";

/** What was done. */
export interface ToolchainReport {
    readonly built: readonly string[];
    readonly fromPath: readonly string[];
}

/**
 * Makes sure that every tool is there. Where something has to be built it says so first, with the time it may take, and
 * then how far it is. Where all is there it costs a few file look-ups.
 * @param say called with a line of text.
 * @param options.recheck look at PATH and at Go's version again even if the set is complete.
 * @throws if Go is missing or too old, or a build fails.
 */
export async function ensureToolchain(
    say: (line: string) => void,
    options: { recheck?: boolean } = {},
): Promise<ToolchainReport> {
    if (process.env.RBD_DR_TOOLCHAIN_BIN) return checkGiven(process.env.RBD_DR_TOOLCHAIN_BIN);
    if (!options.recheck && toolchainComplete()) return { built: [], fromPath: [] };
    const planned = await planToolchain();
    const missing = planned.filter(({ source }) => source === "build");
    const found = planned.filter(({ source }) => source === "path");
    if (found.length > 0) say(`Taken from PATH: ${found.map(({ tool, file }) => `${tool.name} (${file})`).join(", ")}`);
    if (missing.length > 0) {
        announce(missing, say);
        await buildAll(missing);
    }
    linkSet(planned);
    return { built: missing.map(({ tool }) => tool.name), fromPath: found.map(({ tool }) => tool.name) };
}

function checkGiven(folder: string): ToolchainReport {
    const missing = TOOLS.filter(({ name }) => !existsSync(join(folder, name))).map(({ name }) => name);
    if (missing.length > 0) {
        throw new Error(
            `RBD_DR_TOOLCHAIN_BIN=${folder} lacks ${missing.join(", ")}: put them there, or unset it to have them built.`,
        );
    }
    return { built: [], fromPath: [] };
}

function announce(missing: readonly PlannedTool[], say: (line: string) => void): void {
    const minutes = missing.reduce((sum, { tool }) => sum + tool.coldMinutes, 0);
    const range =
        minutes < 3 ? "a few minutes" : `${Math.round(minutes * 0.6)} to ${Math.round(minutes * 1.7)} minutes`;
    say(
        `Building ${missing.length} tools from their pinned Go modules, once: about ${range} on two cores with nothing in Go's cache.`,
    );
    say(`  ${missing.map(({ tool }) => `${tool.name} ${tool.version}`).join(", ")}`);
    say(`They go to ${toolchainBin()}. An interrupted build goes on where it was at the next run.`);
}

/** One at a time: a Go build takes every core by itself, and its memory too. */
async function buildAll(missing: readonly PlannedTool[]): Promise<void> {
    const tasks = missing.map((planned, index) => ({
        title: `${planned.tool.name} ${planned.tool.version} (${index + 1} of ${missing.length})`,
        task: (_: unknown, task: { output: string }): Promise<void> =>
            buildWithClock(planned, (line) => (task.output = line)),
    }));
    // Standard output belongs to the command (`lab toolchain` prints the folder there, and nothing else).
    const logger = new ListrLogger({
        useIcons: true,
        processOutput: new ProcessOutput(process.stderr, process.stderr),
    });
    const options = { timer: PRESET_TIMER, logger };
    await new Listr(tasks, {
        concurrent: false,
        exitOnError: true,
        rendererOptions: options,
        fallbackRenderer: "simple",
        fallbackRendererOptions: options,
    }).run();
}

/** Shows the time gone by and what Go said last: every second on a terminal, every minute in a log. */
async function buildWithClock(planned: PlannedTool, show: (line: string) => void): Promise<void> {
    const began = Date.now();
    let said = "";
    const tick = (): void => show(`${Math.round((Date.now() - began) / 1000)} s ${said}`.trimEnd());
    const clock = setInterval(tick, process.stdout.isTTY ? 1000 : 60_000);
    try {
        await buildTool(planned, (line) => (said = line));
    } finally {
        clearInterval(clock);
    }
}
