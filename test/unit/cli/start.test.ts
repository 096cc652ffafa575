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
}, 60_000);

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

    test.each(["cli/main.ts", "cli/frame.ts", "cli/actions/status.ts", "cli/status/collect.ts"])(
        "is not loaded with %s",
        (entry) => expect(ofSdk(loadedWith(entry, false))).toEqual([]),
    );
});

test("help needs what commands are, and nothing of what they do", () => {
    const packages = [...loadedWith("cli/main.ts", false)].flatMap(
        (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
    );
    expect([...new Set(packages)]).toEqual(["commander"]);
});

test("the Kubernetes client is loaded while status waits for pulumi", () => {
    const client = (entry: string) =>
        [...loadedWith(entry, false)].some((path) => path.includes("node_modules/@kubernetes/client-node/"));
    expect(client("cli/actions/status.ts")).toBe(false);
    expect(client("observe/site.ts")).toBe(true);
});
