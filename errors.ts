/** Errors for a person: the message, without the stack that Pulumi prints for a bug in a program. */
import * as pulumi from "@pulumi/pulumi";

/** Runs a step of the program; a mistake that a user can mend ends it with the message alone. */
export async function orStop<T>(step: () => T | Promise<T>): Promise<T> {
    try {
        return await step();
    } catch (error) {
        if (error instanceof Error && isForPeople(error)) throw new pulumi.RunError(error.message);
        throw error;
    }
}

/** Errors of the language itself are bugs of ours and keep their stack. */
function isForPeople(error: Error): boolean {
    return !(error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError);
}
