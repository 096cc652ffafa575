/**
 * The mark of a cluster that this program made: a file in minikube's own folder of the profile, gone when the profile is
 * deleted by whatever means. Without it a profile is somebody else's, and is neither changed nor deleted.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { z } from "zod";
import { profileName } from "./config.js";

const schema = z.object({
    /** The generation that the cluster was started for; undefined when the mark is damaged. */
    generation: z.number().optional(),
    /** Whether the start came to its end at least once: from then on there may be data in it. */
    complete: z.boolean(),
    /** When the cluster was made anew after it had gone behind Pulumi's back; undefined for one that never went. */
    remade: z.string().optional(),
});
export type Mark = z.output<typeof schema>;

/** minikube's folder (minikube 1.38.1, `localpath.MiniPath`). */
export function minikubeHome(env: NodeJS.ProcessEnv = process.env): string {
    const given = env["MINIKUBE_HOME"];
    if (given === undefined || given === "") return join(homedir(), ".minikube");
    return basename(given) === ".minikube" ? given : join(given, ".minikube");
}

/** Reads the mark; undefined when the profile has none. */
export async function readMark(profile: string, env?: NodeJS.ProcessEnv): Promise<Mark | undefined> {
    let text: string;
    try {
        text = await readFile(markFile(profile, env), "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
    }
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    // It is ours by its name; what is in it got lost, for example on a full disk.
    return { complete: true };
}

/** Writes the mark, before minikube is told to start anything. */
export async function writeMark(profile: string, mark: Mark, env?: NodeJS.ProcessEnv): Promise<void> {
    const file = markFile(profile, env);
    await mkdir(join(file, ".."), { recursive: true, mode: 0o700 });
    await writeFile(file, `${JSON.stringify(mark)}\n`, { mode: 0o600 });
}

function markFile(profile: string, env?: NodeJS.ProcessEnv): string {
    // A name with a slash in it would lead out of the folder.
    return join(minikubeHome(env), "profiles", profileName.parse(profile), "rbd-dr.json");
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
