/** A copy of a stack's file with edits made, for previews: the file itself is not touched. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseDocument } from "yaml";
import type { Edit } from "../sequence/model.js";

/**
 * Makes the copy in a folder that only the owner may enter, hands its path over, and removes it afterwards.
 *
 * @param file the stack's file
 * @param project name of the project, whose prefix the keys carry
 */
export async function withConfigCopy<T>(
    file: string,
    project: string,
    edits: readonly Edit[],
    use: (copy: string) => Promise<T>,
): Promise<T> {
    const dir = await mkdtemp(join(tmpdir(), "rbd-dr-preview-"));
    try {
        const copy = join(dir, basename(file));
        await writeFile(copy, editedText(await readFile(file, "utf8"), project, edits), { mode: 0o600 });
        return await use(copy);
    } finally {
        await rm(dir, { recursive: true, force: true });
    }
}

/** The text of a stack's file with edits made; comments stay where they are. */
export function editedText(text: string, project: string, edits: readonly Edit[]): string {
    const document = parseDocument(text);
    for (const { key, value } of edits) {
        const [first, ...path] = key.split(".");
        const place = ["config", `${project}:${first}`, ...path];
        if (value === undefined) document.deleteIn(place);
        else document.setIn(place, value);
    }
    return document.toString();
}
