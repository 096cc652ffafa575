/** What is loaded before a command does anything: each module here is time that every run of `rbd-dr` takes. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { build, type Metafile } from "esbuild";
import { resolve } from "node:path";

let inputs: Metafile["inputs"];
beforeAll(async () => {
    const { metafile } = await build({
        absWorkingDir: resolve("."),
        entryPoints: ["cli/main.ts"],
        outdir: "nowhere",
        write: false,
        bundle: true,
        splitting: true,
        format: "esm",
        platform: "node",
        metafile: true,
        external: ["@pulumi/*"],
        logLevel: "silent",
    });
    inputs = metafile.inputs;
});

/** What is loaded with a module; `later` follows what is imported when it is needed, too. */
function loadedWith(entry: string, later: boolean): Set<string> {
    const seen = new Set<string>();
    const visit = (path: string): void => {
        if (seen.has(path)) return;
        seen.add(path);
        for (const each of inputs[path]?.imports ?? []) if (later || each.kind !== "dynamic-import") visit(each.path);
    };
    visit(entry);
    return seen;
}

const ofSdk = (modules: Iterable<string>) => [...modules].filter((path) => path.startsWith("@pulumi/"));

describe("Pulumi's SDK", () => {
    test("is loaded by what runs pulumi, and by nothing else", () => {
        const importers = [...loadedWith("cli/main.ts", true)].filter(
            (path) => ofSdk(inputs[path]?.imports.map((each) => each.path) ?? []).length > 0,
        );
        expect(importers).toEqual(["cli/engine/automation.ts"]);
    });

    test("is not loaded before a command begins", () => {
        expect(ofSdk(loadedWith("cli/main.ts", false))).toEqual([]);
    });
});
