/** The folder that in-cluster clients read: a pod's own service-account token, so that the real RBAC rules apply. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { V1Pod } from "@kubernetes/client-node";
import type { Api } from "../api/client.js";
import { privateDir, writePrivate } from "../../host/files.js";
import type { SiteInfo } from "../site.js";

/** Lifetime asked for; a kubelet asks for an hour, but a lab may be stopped for longer than that. */
const LIFETIME_SECONDS = 24 * 3600;

/**
 * Makes or renews `<dir>/serviceaccount` with token, ca.crt and namespace.
 * A token past half of its life is replaced; clients read the file again every minute.
 * @returns the folder
 */
export async function serviceAccountDir(api: Api, site: SiteInfo, pod: V1Pod, dir: string): Promise<string> {
    const folder = privateDir(join(dir, "serviceaccount"));
    const token = join(folder, "token");
    const age = await stat(token).then(
        (file) => Date.now() - file.mtimeMs,
        () => Number.POSITIVE_INFINITY,
    );
    if (age < (LIFETIME_SECONDS * 1000) / 2) return folder;
    const namespace = pod.metadata?.namespace ?? "default";
    const answer = await api.core.createNamespacedServiceAccountToken({
        name: pod.spec?.serviceAccountName ?? "default",
        namespace,
        body: { spec: { audiences: [], expirationSeconds: LIFETIME_SECONDS } },
    });
    writePrivate(join(folder, "ca.crt"), await readFile(site.kubernetes.caFile, "utf8"));
    writePrivate(join(folder, "namespace"), namespace);
    writePrivate(token, answer.status?.token ?? "");
    return folder;
}

/** Environment by which in-cluster clients find the API server; a kubeconfig of the user's would come before it. */
export function inClusterEnv(site: SiteInfo): Record<string, string | undefined> {
    const server = new URL(site.kubernetes.server);
    return {
        KUBECONFIG: undefined,
        KUBERNETES_SERVICE_HOST: server.hostname,
        KUBERNETES_SERVICE_PORT: server.port || "443",
    };
}
