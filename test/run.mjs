/**
 * `npm test`: types, lint, format, then jest. Ends with one line that counts everything: `N passed, N failed`.
 *
 * usage: node test/run.mjs [--fast] [jest arguments]     --fast leaves out what needs the lab
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const args = process.argv.slice(2);
const fast = args.includes("--fast");
const rest = args.filter((arg) => arg !== "--fast");
const bin = (name) => join("node_modules", ".bin", name);

let passed = 0;
let failed = 0;

for (const [name, command, ...params] of [
    ["types", bin("tsc"), "--noEmit"],
    ["lint", bin("eslint"), "."],
    ["format", bin("prettier"), "--check", "--log-level", "warn", "."],
]) {
    const started = Date.now();
    const code = await run(command, params);
    console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${((Date.now() - started) / 1000).toFixed(0)} s)`);
    if (code === 0) passed += 1;
    else failed += 1;
}

const folder = mkdtempSync(join(tmpdir(), "rbd-dr-test-"));
const report = join(folder, "jest.json");
const projects = fast ? ["unit", "program"] : ["unit", "program", "engine"];
const code = await run(
    process.execPath,
    [
        "--experimental-vm-modules",
        "--disable-warning=ExperimentalWarning",
        join("node_modules", "jest", "bin", "jest.js"),
        "--selectProjects",
        ...projects,
        "--json",
        `--outputFile=${report}`,
        ...rest,
    ],
    // jest prints its JSON on standard output as well; people read standard error.
    ["ignore", "ignore", "inherit"],
);
try {
    const result = JSON.parse(readFileSync(report, "utf8"));
    passed += result.numPassedTests;
    failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
} catch {
    failed += 1;
}
rmSync(folder, { recursive: true, force: true });
if (code !== 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function run(command, params, stdio = "inherit") {
    return new Promise((resolve) => {
        const child = spawn(command, params, { stdio });
        child.on("error", () => resolve(127));
        child.on("exit", (status) => resolve(status ?? 1));
    });
}
