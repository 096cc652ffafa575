/**
 * `npm test`: types, lint, format, then jest. Ends with one line that counts everything: `N passed, N failed`.
 *
 * usage: node test/run.mjs [--fast] [jest arguments]     --fast leaves out what needs the lab or the toolchain
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const args = process.argv.slice(2);
const fast = args.includes("--fast");
const rest = args.filter((arg) => arg !== "--fast");
const bin = (name) => join("node_modules", ".bin", name);
const folder = mkdtempSync(join(tmpdir(), "rbd-dr-test-"));

/** Each check counts as one test. */
const CHECKS = [
    ["types", bin("tsc"), "--noEmit"],
    ["lint", bin("eslint"), "."],
    ["format", bin("prettier"), "--check", "--log-level", "warn", "."],
];
/** Jest projects that may run side by side; those with a lab run one file at a time, as two labs would only be slow. */
const GROUPS = [["unit", "program"], ...(fast ? [] : [["browser"], ["minikube-engine"], ["engine"]])];

/** Modules of a test file stay in the process that ran it: one process for all of them came to Node's limit of 4 GB. */
const WORKERS = ["--maxWorkers=2", "--workerIdleMemoryLimit=1GB"];

let passed = 0;
let failed = 0;

for (const [name, command, ...params] of CHECKS) {
    const code = await timed(name, () => run(command, params));
    if (code === 0) passed += 1;
    else failed += 1;
}
if (!fast) {
    // Built before any test begins: on a machine with empty caches this takes longer than a test may.
    const tools = ["lab/bootstrap.mjs", "lab/cli.ts", "toolchain"];
    const code = await timed("toolchain", () => run(process.execPath, tools));
    if (code === 0) passed += 1;
    else failed += 1;
}
for (const projects of GROUPS) {
    const report = join(folder, `${projects[0]}.json`);
    const how = projects.length === 1 ? ["--runInBand"] : WORKERS;
    const code = await timed(projects.join(" and "), () => jest(projects, report, how));
    const result = read(report);
    const wrong = result ? result.numFailedTests + result.numRuntimeErrorTestSuites : 1;
    passed += result?.numPassedTests ?? 0;
    failed += code !== 0 && wrong === 0 ? 1 : wrong;
}
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function timed(name, step) {
    const started = Date.now();
    const code = await step();
    console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${((Date.now() - started) / 1000).toFixed(0)} s)`);
    return code;
}

function jest(projects, report, more) {
    return run(
        process.execPath,
        [
            "--experimental-vm-modules",
            "--disable-warning=ExperimentalWarning",
            join("node_modules", "jest", "bin", "jest.js"),
            ...rest,
            ...more,
            "--verbose",
            "--json",
            `--outputFile=${report}`,
            "--selectProjects",
            ...projects,
        ],
        // jest prints its JSON on standard output as well; people read standard error.
        ["ignore", "ignore", "inherit"],
    );
}

function read(report) {
    try {
        return JSON.parse(readFileSync(report, "utf8"));
    } catch {
        return undefined;
    }
}

function run(command, params, stdio = "inherit") {
    return new Promise((resolve) => {
        const child = spawn(command, params, { stdio });
        child.on("error", () => resolve(127));
        child.on("exit", (status) => resolve(status ?? 1));
    });
}
