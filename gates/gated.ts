/** A value that is handed over only when a gate is content. */
import * as pulumi from "@pulumi/pulumi";
import { forPerson } from "../errors.js";

/**
 * Holds a value back until everything in `after` is done and the check has passed. In a preview the value is there at
 * once: a preview waits for nothing.
 *
 * @param value what to hold back, typically a resource's `spec`
 * @param after resources that must be done before the check runs
 * @param check throws with what is wrong; its message is shown to the user as it is
 */
export function gated<T>(value: T, after: readonly pulumi.Resource[], check: () => Promise<void>): pulumi.Output<T> {
    if (pulumi.runtime.isDryRun()) return pulumi.output(value) as pulumi.Output<T>;
    return pulumi.all(after.map((resource) => resource.urn)).apply(async () => {
        await forPeople(check);
        return value;
    });
}

/**
 * What many wait for together, as one promise for all of them. A resource that is held back by it does not name each of
 * the others as its dependency, which would be written down once for every pair.
 *
 * @returns resolves once every resource is done; one that failed never is, unless Pulumi was told to go on after errors
 */
export function allDone(resources: readonly pulumi.Resource[]): () => Promise<void> {
    const done = new Promise<void>((resolve) => {
        pulumi.all(resources.map((resource) => resource.urn)).apply(() => resolve());
    });
    return () => done;
}

/** What a promise gives, and nothing where it fails: for who need not say so, since somebody else who waits for it does. */
export function unlessFailed<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve) => {
        promise.then(resolve, () => undefined);
    });
}

/** Runs a check; what it throws reaches the user as its message alone, without where in the program it arose. */
export async function forPeople<T>(check: () => Promise<T>): Promise<T> {
    try {
        return await check();
    } catch (error) {
        throw forPerson(error instanceof Error ? error.message : String(error));
    }
}
