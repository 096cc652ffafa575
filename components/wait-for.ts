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

/**
 * How long a deletion is waited for. The provider can miss the event of an object that is gone at once and then waits its
 * full ten minutes (seen with 4.18.1); the same `pulumi destroy` again finds it gone.
 */
export const DELETE_TIMEOUT = { delete: "2m" } as const;
