/** The program as Pulumi starts it: compiled once, never from yesterday's sources, and run without a cache where there can be none. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { decode } from "@jridgewell/sourcemap-codec";
import { execa } from "execa";
import {
    cpSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    realpathSync,
    rmSync,
    statSync,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

jest.setTimeout(120_000);

type SourceMap = { sources: string[]; mappings: string };
const REPO = fileURLToPath(new URL("../../..", import.meta.url));
let root: string;
const file = (name: string) => join(root, name);
const write = (name: string, text: string) => writeFileSync(file(name), text);

beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "it's a checkout ")));
    for (const dir of ["host", "parts", "node_modules"]) mkdirSync(file(dir));
    for (const part of ["index.mjs", "host/compile.mjs"]) cpSync(join(REPO, part), file(part));
    mkdirSync(file("node_modules/@jridgewell"));
    for (const name of ["esbuild", "tsx", "@jridgewell/sourcemap-codec"])
        symlinkSync(join(REPO, "node_modules", name), file(`node_modules/${name}`));
    write("package.json", JSON.stringify({ type: "module" }));
    write("parts/answer.ts", "export const answer: number = 1;\n");
    write("parts/beside.txt", "beside");
    write(
        "parts/beside.ts",
        'import { readFileSync } from "node:fs";\nexport const beside = readFileSync(new URL("beside.txt", import.meta.url), "utf8");\n',
    );
    write(
        "index.ts",
        'import { answer } from "./parts/answer.js";\nimport { beside } from "./parts/beside.js";\nexport const state = { answer, beside };\nexport const next = ["a"];\nexport const from = new Error("here").stack;\n',
    );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Runs the entry as Pulumi does, and returns what would be the stack's outputs. */
async function run(env: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const script = `const m = await import(${JSON.stringify(pathToFileURL(file("index.mjs")).href)});
        console.log(JSON.stringify({ keys: Object.keys(m), ...m.default }));`;
    const { stdout } = await execa("node", ["--enable-source-maps", "--input-type=module", "-e", script], { env });
    return JSON.parse(stdout) as Record<string, unknown>;
}
const cache = () => file("node_modules/.cache/rbd-dr");
const forms = () => readdirSync(cache()).filter((name) => !name.endsWith(".json"));
const wasCompiled = () => forms().length > 0;

describe("the program", () => {
    test("exports what index.ts exports, as the one default that Pulumi takes for the outputs", async () => {
        expect(await run()).toMatchObject({
            keys: ["default"],
            state: { answer: 1, beside: "beside" },
            next: ["a"],
        });
        expect(wasCompiled()).toBe(true);
    });

    test("is compiled once, and says where in the sources an error arose", async () => {
        await run();
        const before = forms();
        const again = await run();
        expect(forms()).toEqual(before);
        expect(again["from"]).toMatch(/index\.ts:5/);
    });

    test("says so of its own sources alone: a map of all packages takes seconds to read", async () => {
        mkdirSync(file("node_modules/packed"));
        write("node_modules/packed/package.json", JSON.stringify({ name: "packed", main: "index.js" }));
        write("node_modules/packed/index.js", "module.exports = { packed: () => new Error('there').stack };\n");
        write(
            "parts/answer.ts",
            'import { packed } from "packed";\nexport const answer = packed().length > 0 ? 1 : 0;\n',
        );
        expect(await run()).toMatchObject({ state: { answer: 1 } });
        const [form] = forms();
        const map = JSON.parse(readFileSync(join(cache(), form!, "main.mjs.map"), "utf8")) as SourceMap;
        const told = decode(map.mappings).flatMap((line) => line.map((at) => map.sources[at[1]!]!));
        const names = [...new Set(told)].map((source) => basename(source));
        expect(names.sort()).toEqual(["answer.ts", "beside.ts", "index.ts"]);
    });

    test("is compiled anew after an edit that neither size nor time tell", async () => {
        await run();
        const { atime, mtime } = statSync(file("parts/answer.ts"));
        write("parts/answer.ts", "export const answer: number = 2;\n");
        utimesSync(file("parts/answer.ts"), atime, mtime);
        expect(await run()).toMatchObject({ state: { answer: 2 } });
        write("parts/answer.ts", "export const answer: number = 1;\n");
        expect(await run()).toMatchObject({ state: { answer: 1 } });
    });

    test("is compiled anew after other packages were installed", async () => {
        await run();
        write("package-lock.json", "{}");
        await run();
        expect(forms()).toHaveLength(2);
    });

    test("is never that of a checkout that shares its packages", async () => {
        await run();
        const other = root;
        const copy = `${root} copied`;
        cpSync(other, copy, {
            recursive: true,
            preserveTimestamps: true,
            filter: (path) => !path.includes("node_modules"),
        });
        symlinkSync(file("node_modules"), join(copy, "node_modules"));
        try {
            root = copy;
            write("parts/beside.txt", "of the copy");
            expect(await run()).toMatchObject({ state: { beside: "of the copy" } });
            root = other;
            expect(await run()).toMatchObject({ state: { beside: "beside" } });
        } finally {
            root = other;
            rmSync(copy, { recursive: true, force: true });
        }
    });

    test("of both stacks may start at once", async () => {
        const all = await Promise.all([run(), run(), run()]);
        for (const outputs of all) expect(outputs).toMatchObject({ state: { answer: 1 } });
        expect(forms()).toHaveLength(1);
    });

    test("survives a cache that was damaged", async () => {
        await run();
        for (const name of readdirSync(cache()).filter((each) => each.endsWith(".json")))
            write(`node_modules/.cache/rbd-dr/${name}`, "{");
        expect(await run()).toMatchObject({ state: { answer: 1 } });
    });
});

describe("where nothing can be kept", () => {
    beforeEach(() => write("node_modules/.cache", "a file, where a folder is wanted"));

    test("the sources run through a loader", async () => {
        expect(await run()).toMatchObject({ state: { answer: 1, beside: "beside" } });
        write("parts/answer.ts", "export const answer: number = 2;\n");
        expect(await run()).toMatchObject({ state: { answer: 2 } });
    });

    test("Pulumi's own loader is left to do it where there is one", async () => {
        await expect(run({ PULUMI_NODEJS_TYPESCRIPT: "true" })).rejects.toThrow();
    });
});

test("a source with an error in it is named", async () => {
    write("parts/answer.ts", "export const answer: number = = 2;\n");
    await expect(run()).rejects.toThrow(/answer\.ts/);
});
