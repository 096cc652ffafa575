/** Reads the manifests that a release of Rook or csi-addons comes with, from a folder or from a URL. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pRetry from "p-retry";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

/** A Kubernetes object as it stands in a manifest. */
export type KubernetesObject = z.infer<typeof objectSchema>;

const objectSchema = z.looseObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

/**
 * Reads manifests.
 *
 * @param base folder, `file:` URL or `https:` URL that holds the files
 * @param files names of the YAML files, in the order in which they are to be applied
 * @param key config key to name when something cannot be read
 * @throws Error naming the config key, the address and what went wrong
 */
export async function loadManifests(base: string, files: readonly string[], key: string): Promise<KubernetesObject[]> {
    const texts = await Promise.all(files.map((file) => load(`${base}/${file}`, key)));
    return texts.flatMap((text, i) => parseManifest(text, `${base}/${files[i]}`));
}

/** The objects of one YAML text; empty documents and `List` wrappers are unpacked. */
export function parseManifest(text: string, from: string): KubernetesObject[] {
    return parseAllDocuments(text).flatMap((doc) => {
        if (doc.errors.length > 0) throw new Error(`${from} is not valid YAML: ${doc.errors[0]!.message}`);
        const value = doc.toJS() as unknown;
        if (value === null || value === undefined) return [];
        const parsed = objectSchema.safeParse(value);
        if (!parsed.success)
            throw new Error(
                `${from} holds something that is not a Kubernetes object: ${parsed.error.issues[0]!.message}`,
            );
        return [parsed.data];
    });
}

async function load(address: string, key: string): Promise<string> {
    try {
        if (/^https?:/.test(address)) return await pRetry(() => download(address), { retries: 3 });
        return await readFile(address.startsWith("file:") ? fileURLToPath(address) : address, "utf8");
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(
            `${key} leads to ${address}, which cannot be read: ${reason}. Give a folder or URL that holds the release's manifests.`,
            {
                cause: error,
            },
        );
    }
}

async function download(url: string): Promise<string> {
    const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.text();
}
