/**
 * The command line as one piece of JavaScript, kept in node_modules/.cache. Loading some twelve hundred modules one by one
 * through the TypeScript loader takes four times as long as everything that a look at two sites needs besides.
 * Plain Node: it is what loads the rest.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const cache = join(root, "node_modules", ".cache", "rbd-dr");
const manifest = join(cache, "cli.json");
/** Milliseconds. */
const DAY = 86_400_000;

/**
 * The compiled form of a TypeScript file of this repository; made anew where a file that went into it has changed.
 *
 * @param {string} entry path below the repository
 * @returns {Promise<string | undefined>} URL to import; undefined where it cannot be made or kept: the sources will do
 */
export async function compiled(entry) {
    try {
        return kept() ?? (await compile(entry));
    } catch {
        return undefined;
    }
}

function kept() {
    if (!existsSync(manifest)) return undefined;
    const { main, inputs } = JSON.parse(readFileSync(manifest, "utf8"));
    const current = existsSync(main) && Object.entries(inputs).every(([file, stamp]) => stampOf(file) === stamp);
    return current ? pathToFileURL(main).href : undefined;
}

function stampOf(file) {
    const { mtimeMs, size } = statSync(join(root, file));
    return `${mtimeMs} ${size}`;
}

async function compile(entry) {
    const { build } = await import("esbuild");
    mkdirSync(cache, { recursive: true });
    const temporary = join(cache, `${process.pid}.tmp`);
    const { metafile } = await build({
        absWorkingDir: root,
        entryPoints: { main: entry },
        outdir: temporary,
        outExtension: { ".js": ".mjs" },
        bundle: true,
        splitting: true,
        format: "esm",
        platform: "node",
        target: "node20",
        metafile: true,
        logLevel: "silent",
        // It finds its own files by where they lie.
        external: ["@pulumi/*"],
        // Packages of the older kind ask for `require`.
        banner: {
            js: `import { createRequire as rbdDrRequire } from "node:module"; const require = rbdDrRequire(import.meta.url);`,
        },
        plugins: [{ name: "where-a-file-lies", setup: keepUrls }],
    });
    const sources = Object.keys(metafile.inputs).filter((file) => !file.startsWith("node_modules/"));
    const inputs = Object.fromEntries([...sources, "package-lock.json"].map((file) => [file, stampOf(file)]));
    const dir = join(cache, createHash("sha256").update(JSON.stringify(inputs)).digest("hex").slice(0, 16));
    if (existsSync(dir)) rmSync(temporary, { recursive: true });
    else renameSync(temporary, dir);
    const main = join(dir, "main.mjs");
    writeFileSync(`${temporary}.json`, JSON.stringify({ main, inputs }));
    renameSync(`${temporary}.json`, manifest);
    removeOld(dir);
    return pathToFileURL(main).href;
}

/** Earlier forms, except those that a process may still be running. */
function removeOld(current) {
    for (const name of readdirSync(cache)) {
        const path = join(cache, name);
        if (path === current || path === manifest) continue;
        if (Date.now() - statSync(path).mtimeMs > DAY) rmSync(path, { recursive: true, force: true });
    }
}

/** A source that reads a file beside it goes on finding it. */
function keepUrls(builder) {
    builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path.includes("node_modules")) return undefined;
        const text = await readFile(path, "utf8");
        const url = JSON.stringify(pathToFileURL(path).href);
        return { contents: text.replaceAll("import.meta.url", url), loader: "ts" };
    });
}
