import type * as pulumi from "@pulumi/pulumi";

/**
 * How long a deletion is waited for. The provider can miss the event of an object that is gone at once and then waits its
 * full ten minutes (seen with 4.18.1); the same `pulumi destroy` again finds it gone.
 */
const DELETE_TIMEOUT = "2m";

/** Gives every object's deletion a time limit, unless it has one of its own. */
export const boundedDeletion: pulumi.ResourceTransformation = ({ type, props, opts }) => {
    if (!type.startsWith("kubernetes:")) return undefined;
    const customTimeouts = { delete: DELETE_TIMEOUT, ...(opts as pulumi.CustomResourceOptions).customTimeouts };
    return { props, opts: { ...opts, customTimeouts } };
};
