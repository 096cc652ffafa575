/**
 * A TypeScript program of this repository as one piece of JavaScript, kept in node_modules/.cache. Loading hundreds of modules
 * one by one through a TypeScript loader takes three times as long as all of them in one file.
 * Plain Node: it is what loads the rest.
 */
import { createHash } from "node:crypto";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    statSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const checkout = fileURLToPath(new URL("..", import.meta.url));
/** What a compiled form depends on, besides the sources that went into it; one that is missing counts as empty. */
const BESIDES = ["package.json", "package-lock.json", "node_modules/.package-lock.json", "tsconfig.json"];
/** Milliseconds. */
const DAY = 86_400_000;

/**
 * The compiled form of a TypeScript file; made anew where what went into it has changed, by content and not by time.
 *
 * @param {string} entry path below the root
 * @param {string} root folder whose sources they are; this repository by default
 * @returns {Promise<string | undefined>} URL to import; undefined where it cannot be made or kept: the sources will do
 */
export async function compiled(entry, root = checkout) {
    const cache = join(root, "node_modules", ".cache", "rbd-dr");
    // Checkouts may share their packages, and with them this folder; where sources lie is part of what is compiled.
    const manifest = join(cache, `${sha256(join(root, entry)).slice(0, 16)}.json`);
    try {
        return kept(root, manifest) ?? (await compile(entry, root, cache, manifest));
    } catch {
        return undefined;
    }
}

function kept(root, manifest) {
    try {
        const { dir, inputs, digest } = JSON.parse(readFileSync(manifest, "utf8"));
        const main = join(dirname(manifest), dir, "main.mjs");
        if (!existsSync(main) || digestOf(root, inputs) !== digest) return undefined;
        touch(dirname(main));
        return pathToFileURL(main).href;
    } catch {
        // None yet, or one that was damaged.
        return undefined;
    }
}

/** One digest of what all these files hold. */
function digestOf(root, files) {
    const lines = files.map((file) => `${file} ${sha256(contentOf(join(root, file)))}\n`);
    return sha256([root, sha256(readFileSync(fileURLToPath(import.meta.url))), ...lines].join("\n"));
}

function contentOf(file) {
    return existsSync(file) ? readFileSync(file) : "";
}

function sha256(content) {
    return createHash("sha256").update(content).digest("hex");
}

async function compile(entry, root, cache, manifest) {
    const [{ build }, codec] = await Promise.all([import("esbuild"), import("@jridgewell/sourcemap-codec")]);
    mkdirSync(cache, { recursive: true });
    const temporary = mkdtempSync(join(cache, "tmp-"));
    const read = new Map();
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
        sourcemap: true,
        sourcesContent: false,
        logLevel: "silent",
        // It finds its own files by where they lie.
        external: ["@pulumi/*"],
        // Packages of the older kind ask for `require`.
        banner: {
            js: `import { createRequire as rbdDrRequire } from "node:module"; const require = rbdDrRequire(import.meta.url);`,
        },
        plugins: [{ name: "where-a-file-lies", setup: (builder) => keepUrls(builder, root, read) }],
    });
    const sources = Object.keys(metafile.inputs).filter((file) => !file.split("/").includes("node_modules"));
    const inputs = [...new Set([...sources, ...BESIDES])].sort();
    const digest = digestOf(root, inputs);
    // A file that was edited while it was compiled: what was made is of neither state.
    const changed = [...read].some(([file, text]) => readFileSync(file, "utf8") !== text);
    if (changed) throw new Error("edited meanwhile");
    leavePackagesOut(temporary, root, codec);
    const dir = digest.slice(0, 32);
    moveInto(temporary, join(cache, dir));
    writeFileSync(`${temporary}.json`, JSON.stringify({ dir, inputs, digest }));
    renameSync(`${temporary}.json`, manifest);
    removeOld(cache, dir);
    return pathToFileURL(join(cache, dir, "main.mjs")).href;
}

/**
 * Takes the lines of packages out of the source maps. Pulumi's host reads the whole map before the first stack trace, and takes one for
 * each resource: two seconds of a processor at each start of the program, for files that nobody here edits.
 */
function leavePackagesOut(folder, root, { decode, encode }) {
    for (const name of readdirSync(folder).filter((file) => file.endsWith(".map"))) {
        const map = JSON.parse(readFileSync(join(folder, name), "utf8"));
        const ofPackages = map.sources.map((source) => inPackages(root, join(folder, source)));
        const lines = decode(map.mappings).map((line) => line.filter((at) => at.length > 1 && !ofPackages[at[1]]));
        writeFileSync(join(folder, name), JSON.stringify({ ...map, mappings: encode(lines) }));
    }
}

/** Two runs may compile the same at once: the first one's is kept. */
function moveInto(from, to) {
    try {
        renameSync(from, to);
    } catch (error) {
        if (!existsSync(join(to, "main.mjs"))) throw error;
        rmSync(from, { recursive: true, force: true });
        touch(to);
    }
}

/** Notes that a run has begun with it. */
function touch(dir) {
    try {
        utimesSync(dir, new Date(), new Date());
    } catch {
        // A cache that cannot be written is not cleaned either.
    }
}

/** What no run has begun with for a day; earlier forms may still be running. */
function removeOld(cache, current) {
    for (const name of readdirSync(cache)) {
        const path = join(cache, name);
        try {
            const unused = Date.now() - statSync(path).mtimeMs > DAY;
            if (unused && name !== current && !name.endsWith(".json")) rmSync(path, { recursive: true, force: true });
        } catch {
            // Another run has removed it.
        }
    }
}

function inPackages(root, path) {
    return relative(root, path).split(sep).includes("node_modules");
}

/** A source that reads a file beside it goes on finding it. */
function keepUrls(builder, root, read) {
    builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (inPackages(root, path)) return undefined;
        const text = await readFile(path, "utf8");
        read.set(path, text);
        const url = JSON.stringify(pathToFileURL(path).href);
        return { contents: text.replaceAll("import.meta.url", url), loader: "ts" };
    });
}
