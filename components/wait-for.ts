import { WAIT_FOR_ANNOTATION } from "../dr/wait-for.js";

/**
 * The annotation that makes the Kubernetes provider wait: all conditions must hold, for the current generation, before
 * the object counts as created or updated (pulumi-kubernetes 4.18, `pulumi.com/waitFor`).
 *
 * @param conditions for example `condition=Completed` or `jsonpath={.status.phase}=Ready`
 */
export function waitFor(...conditions: readonly string[]): Record<string, string> {
    return { [WAIT_FOR_ANNOTATION]: JSON.stringify(conditions) };
}
