/**
 * Whether the model check would notice: the decisions are built anew with one fault in each, and walks must go wrong that are
 * fine without it.
 */
import { expect, test } from "@jest/globals";
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { hunt } from "./hunt.js";
import { MUTANTS, type Mutant } from "./mutants.js";

const ROOT = join(import.meta.dirname, "../../../..");
const SEED = Number(process.env["RBD_DR_SEED"] ?? 20_260_301);
/** Walks that a fault may stay unnoticed in; most are found in the first hundreds. */
const WALKS = 15_000;

/** The walks over decisions with a fault, or without one. */
async function huntIn(mutant?: Mutant): Promise<typeof hunt> {
    const { outputFiles } = await build({
        entryPoints: [join(import.meta.dirname, "hunt.ts")],
        bundle: true,
        format: "esm",
        platform: "node",
        write: false,
        plugins: [
            {
                name: "fault",
                setup: ({ onLoad }) =>
                    onLoad({ filter: /\/dr\/.*\.ts$/ }, async ({ path }) => {
                        const text = await readFile(path, "utf8");
                        const faulty = mutant !== undefined && path === join(ROOT, mutant.file);
                        // As a function: a replacement text may have dollar signs in it.
                        return { contents: faulty ? text.replace(mutant.from, () => mutant.to) : text, loader: "ts" };
                    }),
            },
        ],
    });
    const code = Buffer.from(outputFiles[0]!.contents).toString("base64");
    return ((await import(`data:text/javascript;base64,${code}`)) as { hunt: typeof hunt }).hunt;
}

test.each(MUTANTS)("$name: its place is there, once", async ({ file, from, to }) => {
    expect((await readFile(join(ROOT, file), "utf8")).split(from)).toHaveLength(2);
    expect(to).not.toBe(from);
});

const sound = huntIn();

test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    "%s: the walks notice",
    async (_, mutant) => {
        const { wrong, walks } = (await huntIn(mutant))(mutant.hunt ?? {}, WALKS, SEED);
        expect(wrong).toBeDefined();
        expect((await sound)(mutant.hunt ?? {}, walks, SEED).wrong).toBeUndefined();
    },
    5 * 60_000,
);
