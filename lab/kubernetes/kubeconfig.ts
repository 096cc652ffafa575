/** The lab's kubeconfig: one file with both sites' contexts, certificates and keys inside it. */
import { existsSync, readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { writePrivate } from "../../host/files.js";

interface Named {
    readonly name: string;
}

interface Kubeconfig {
    readonly clusters: ReadonlyArray<Named & { readonly cluster: Readonly<Record<string, string>> }>;
    readonly users: ReadonlyArray<Named & { readonly user: Readonly<Record<string, string>> }>;
    readonly contexts: ReadonlyArray<Named & { readonly context: Readonly<Record<string, string>> }>;
}

/** The part of a kubeconfig file that kwokctl wrote, with the files it names put inside. */
function inlined(file: string): Kubeconfig {
    const config = parse(readFileSync(file, "utf8")) as Kubeconfig;
    return {
        clusters: config.clusters.map(({ name, cluster }) => ({ name, cluster: inlineFiles(cluster) })),
        users: config.users.map(({ name, user }) => ({ name, user: inlineFiles(user) })),
        contexts: config.contexts,
    };
}

const FILE_KEYS = ["certificate-authority", "client-certificate", "client-key"];

function inlineFiles(entry: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(entry).map(([key, value]) =>
            FILE_KEYS.includes(key) ? [`${key}-data`, readFileSync(value).toString("base64")] : [key, value],
        ),
    );
}

/**
 * Writes the lab's kubeconfig from the sites' own. A user's `~/.kube/config` is never touched.
 * @param file the lab's file.
 * @param siteFiles the files that kwokctl keeps for each site; those that do not exist yet are left out.
 * @param current context that kubectl takes when none is named.
 */
export function writeKubeconfig(file: string, siteFiles: readonly string[], current: string): void {
    const parts = siteFiles.filter((site) => existsSync(site)).map(inlined);
    const merged = {
        apiVersion: "v1",
        kind: "Config",
        preferences: {},
        "current-context": current,
        clusters: parts.flatMap((part) => part.clusters),
        users: parts.flatMap((part) => part.users),
        contexts: parts.flatMap((part) => part.contexts),
    };
    const text = stringify(merged);
    if (!existsSync(file) || readFileSync(file, "utf8") !== text) writePrivate(file, text);
}
