import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/**
 * The kubeconfig file that minikube writes to: the first in $KUBECONFIG, or ~/.kube/config (minikube 1.38.1,
 * `kubeconfig.PathFromEnv`).
 */
export function kubeconfigPath(env: NodeJS.ProcessEnv = process.env): string {
    const first = (env["KUBECONFIG"] ?? "").split(delimiter).find((path) => path !== "");
    return first ?? join(homedir(), ".kube", "config");
}
