/** `rbd-dr-drill.yaml`: what somebody's own application, and their own way to break a site, look like to a drill. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { CliError } from "../errors.js";

/** Name of the file, looked for in the project's folder. */
export const DRILL_FILE = "rbd-dr-drill.yaml";

const argv = z.array(z.string()).min(1);

const schema = z.strictObject({
    /** Absent: a writer of the drill's own runs in a pod. */
    application: z
        .strictObject({
            description: z.string().default("an application of your own"),
            volumes: z
                .array(
                    z.strictObject({
                        /** `namespace/name` of the claim. */
                        claim: z.string().regex(/^[^/]+\/[^/]+$/, "give namespace/name"),
                        /** File with one JSON object a line for each acknowledged write: seq, at, site. */
                        acks: z.string(),
                    }),
                )
                .min(1),
            /** Run for each volume, `{site}` and `{volume}` replaced: prints `{"acknowledged": N, "lost": [seq...]}`. */
            verify: argv,
        })
        .optional(),
    /** Ways to break a site, and to bring it back, by name. */
    faults: z
        .record(z.string(), z.strictObject({ description: z.string().optional(), inject: argv, restore: argv }))
        .default({}),
    /** Variables for all commands here. */
    env: z.record(z.string(), z.string()).default({}),
    /** Folder in which the commands run; the file's own by default. */
    cwd: z.string().optional(),
});

/** What the file says, with paths made absolute. */
export type DrillFile = z.infer<typeof schema> & { readonly cwd: string };

/**
 * Reads the file.
 *
 * @param named path given on the command line; otherwise the one in the project's folder, where there is one
 * @throws CliError naming what is wrong in it
 */
export async function readDrillFile(projectDir: string, named?: string): Promise<DrillFile> {
    const file = resolve(named ?? join(projectDir, DRILL_FILE));
    if (named === undefined && !existsSync(file)) return { faults: {}, env: {}, cwd: projectDir };
    let raw: unknown;
    try {
        raw = parse(await readFile(file, "utf8"));
    } catch (error) {
        throw new CliError("usage", `${file} cannot be read: ${(error as Error).message}`, { cause: error });
    }
    const read = schema.safeParse(raw ?? {});
    if (!read.success)
        throw new CliError("usage", `${file} is no drill file:\n${z.prettifyError(read.error)}\nSee docs/drill.md.`);
    const base = dirname(file);
    const absolute = (path: string) => (isAbsolute(path) ? path : resolve(base, path));
    const { application } = read.data;
    return {
        ...read.data,
        cwd: absolute(read.data.cwd ?? base),
        ...(application && {
            application: {
                ...application,
                volumes: application.volumes.map((v) => ({ ...v, acks: absolute(v.acks) })),
            },
        }),
    };
}
