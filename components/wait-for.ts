/**
 * The annotation that makes the Kubernetes provider wait: all conditions must hold, for the current generation, before
 * the object counts as created or updated (pulumi-kubernetes 4.18, `pulumi.com/waitFor`).
 *
 * @param conditions for example `condition=Completed` or `jsonpath={.status.phase}=Ready`
 */
export function waitFor(...conditions: readonly string[]): Record<string, string> {
    return { "pulumi.com/waitFor": JSON.stringify(conditions) };
}

/** The annotation that makes the Kubernetes provider wait for nothing: this program does, or nobody needs to. */
export const SKIP_AWAIT = { "pulumi.com/skipAwait": "true" } as const;
