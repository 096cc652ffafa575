/** Errors for a person: the message, without the stack that Pulumi prints for a bug in a program. */
import * as pulumi from "@pulumi/pulumi";

/** Runs a step of the program; a mistake that a user can mend ends it with the message alone. */
export async function orStop<T>(step: () => T | Promise<T>): Promise<T> {
    try {
        return await step();
    } catch (error) {
        if (error instanceof Error && isForPeople(error)) throw forPerson(error.message);
        throw error;
    }
}

/**
 * An error of which a person reads the message. It carries no stack: Pulumi colours the stack of whatever ends a program,
 * though it shows none of this kind, and Node 20 never comes to an end with a line such as `node_modules/@pulumi/resource.ts`
 * until a string has become too long, a dozen seconds later.
 */
export function forPerson(message: string): pulumi.RunError {
    return Object.assign(new pulumi.RunError(message), { stack: undefined });
}

/** Errors of the language itself are bugs of ours and keep their stack. */
function isForPeople(error: Error): boolean {
    return !(error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError);
}
