/**
 * What `npm run lab`, `npm run demo` and `npm test` begin with: on a fresh clone nothing is installed yet.
 * Plain Node without dependencies: checks Node's version, installs what package-lock.json asks for, then runs the script
 * in this process.
 *
 * usage: node lab/bootstrap.mjs SCRIPT [ARGUMENT...]
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function readJson(file) {
    try {
        return JSON.parse(readFileSync(join(root, file), "utf8"));
    } catch (error) {
        if (error.code === "ENOENT") return undefined;
        throw error;
    }
}

function fail(message) {
    console.error(message);
    process.exit(1);
}

function checkNode() {
    const wanted = readJson("package.json").engines.node.replace(">=", "");
    const [have, need] = [process.versions.node, wanted].map((version) => version.split(".").map(Number));
    const difference = need.map((part, i) => (have[i] ?? 0) - part).find((part) => part !== 0) ?? 0;
    if (difference < 0)
        fail(`Node ${wanted} or later is needed; this is ${process.versions.node}. See https://nodejs.org/.`);
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm keeps a lock of what it has installed beside it; comparing the
 * two is exact, where comparing times would reinstall after every checkout.
 */
function installed() {
    const wanted = readJson("package-lock.json").packages;
    const have = readJson("node_modules/.package-lock.json")?.packages ?? {};
    return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
        if (path === "") return true;
        // An optional package may be one for other platforms.
        if (!have[path]) return Boolean(optional || devOptional);
        return have[path].version === version;
    });
}

function install() {
    console.error("Installing the npm packages that package-lock.json names (about a minute) ...");
    // The npm that runs this script, where one does; --ignore-scripts: the providers' scripts would try to download plugins.
    const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
    const { status, error } = spawnSync(
        npm[0],
        [...npm.slice(1), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        {
            cwd: root,
            // Standard output belongs to the script.
            stdio: ["ignore", 2, 2],
        },
    );
    if (error) fail(`Cannot run npm: ${error.message}`);
    if (status !== 0) fail("`npm ci` failed; see above.");
}

const [script, ...args] = process.argv.slice(2);
if (!script) fail("usage: node lab/bootstrap.mjs SCRIPT [ARGUMENT...]");
checkNode();
if (!installed()) install();

const file = resolve(root, script);
process.argv = [process.argv[0], file, ...args];
if (file.endsWith(".ts")) {
    const { register } = await import("tsx/esm/api");
    register();
}
await import(pathToFileURL(file).href);
