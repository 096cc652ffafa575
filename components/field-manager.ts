import * as pulumi from "@pulumi/pulumi";

/** Under which name this program owns the fields of its objects; it begins as the provider's own names do. */
export const FIELD_MANAGER = "pulumi-kubernetes-rbd-dr";

/** The provider's annotations: the name, and that fields of others are taken over. */
const MANAGER = "pulumi.com/patchFieldManager";
const FORCE = "pulumi.com/patchForce";

/**
 * Kinds that are flipped. Their fields are taken over also from a person's `kubectl scale` or `kubectl patch`, and from the names
 * that were drawn before there was one: whether a change by hand may be overruled was decided before, by the guards.
 */
const FLIPPED = /:(VolumeReplication|CephBlockPool|Deployment)$/;

interface Metadata {
    readonly annotations?: Readonly<Record<string, unknown>>;
}

/**
 * Gives every object the same field manager at each run. By default the provider draws a name for each resource and keeps it in
 * the state; an object that a killed run has made, and not recorded, then belongs to a name that nobody knows any more: the next
 * run takes it over as long as it wants the same, and fails with a conflict at the first flip after that.
 */
export const oneFieldManager: pulumi.ResourceTransformation = ({ type, props, opts }) => {
    const metadata = props["metadata"] as pulumi.Input<Metadata> | undefined;
    // Patches keep the names that they were given: to delete one is to give its own fields back.
    if (!type.startsWith("kubernetes:") || type.endsWith("Patch") || metadata === undefined) return undefined;
    const owned = pulumi.output(metadata).apply((given) => ({
        ...given,
        annotations: {
            ...given.annotations,
            [MANAGER]: FIELD_MANAGER,
            ...(FLIPPED.test(type) ? { [FORCE]: "true" } : {}),
        },
    }));
    return { props: { ...props, metadata: owned }, opts };
};
