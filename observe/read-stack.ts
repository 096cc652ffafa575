/** Reads stacks' last outputs from inside a running program; the command line, which runs none, has a reader of its own. */
import * as pulumi from "@pulumi/pulumi";
import pRetry from "p-retry";
import type { SiteConfig } from "../config.js";
import { brief } from "./cluster.js";
import { halfWritten, readOutputs, type ReadStack, type StackReader } from "./outputs.js";

/** The reader of a program, for all stacks of its project. */
export function stackReader({ organization, project }: Pick<SiteConfig, "organization" | "project">): StackReader {
    return (stack) => readStack(`${organization}/${project}/${stack}`);
}

/**
 * Reads a stack's last outputs, by its full name.
 *
 * Uses the engine's own invoke and not a StackReference resource, for two reasons: a peer that does not exist yet is not
 * an error during set-up, and a preview shows the flip and nothing else.
 */
async function readStack(name: string): Promise<ReadStack> {
    let outputs: Record<string, unknown>;
    try {
        // A file backend writes a checkpoint in place: a read in the middle of it finds half a file, for a moment.
        outputs = await pRetry(() => invokeRead(name), {
            retries: 5,
            minTimeout: 200,
            shouldRetry: ({ error }) => halfWritten(brief(error)),
        });
    } catch (error) {
        if (/unknown stack|no stack named|not found/i.test(brief(error))) return { state: { found: "none" } };
        throw new Error(
            `The outputs of stack ${name} cannot be read: ${brief(error)}. Check the backend and the passphrase, and run again.`,
            { cause: error },
        );
    }
    return readOutputs(outputs, (text) => pulumi.secret(text));
}

async function invokeRead(name: string): Promise<Record<string, unknown>> {
    const result = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
        outputs?: Record<string, unknown>;
    };
    return result.outputs ?? {};
}
