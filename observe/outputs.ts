/** Reads the last outputs of this stack and of the peer's from the Pulumi backend, where they outlive the clusters. */
import * as pulumi from "@pulumi/pulumi";
import pRetry from "p-retry";
import { z } from "zod";
import type { SiteOutputs, StackOutputs } from "../dr/model.js";
import { brief } from "./cluster.js";

/** Version of the outputs' shape; a stack without it is not one of ours. */
export const OUTPUT_SCHEMA = "rbd-dr/1";

const manifest = z.object({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({ name: z.string() }),
    spec: z.record(z.string(), z.unknown()),
});

const replicationState = z.enum(["primary", "secondary", "resync"]);

const stateSchema = z.object({
    schema: z.literal(OUTPUT_SCHEMA),
    site: z.string(),
    replicationState,
    at: z.string(),
    records: z.record(
        z.string(),
        z.object({
            key: z.string(),
            image: z.object({ pool: z.string(), image: z.string() }),
            pv: manifest,
            pvc: manifest,
            adopted: z.literal(true).optional(),
        }),
    ),
    sources: z.record(z.string(), z.enum(["provision", "restore", "adopt"])),
    handedOver: z.array(z.string()),
    lastSync: z.record(z.string(), z.string()),
    terms: z.record(z.string(), z.number()).optional(),
    lostSite: z.string().optional(),
    groups: z
        .record(
            z.string(),
            z.object({ replicationState, volumes: z.array(z.string()), lostSite: z.string().optional() }),
        )
        .optional(),
    workloads: z.record(z.string(), z.object({ replicas: z.number(), at: z.string() })).optional(),
    releasing: z.array(z.string()).optional(),
    teardown: z.boolean(),
});

const accessSchema = z.object({
    kubeconfig: z.string().optional(),
    context: z.string(),
    rbdConf: z.string().optional(),
});

/** What another stack's outputs hold for this one. */
export interface ReadStack {
    readonly state: StackOutputs;
    /** How that stack reaches its own cluster. */
    readonly access?: { readonly kubeconfig?: string; readonly context: string; readonly rbdConf?: string };
    /** Bootstrap token of that site's pool, for mirroring from it. */
    readonly bootstrap?: { readonly token: pulumi.Output<string>; readonly pool: string };
}

/** Reads the last outputs of a stack of this project, by its name. */
export type StackReader = (stack: string) => Promise<ReadStack>;

/**
 * Reads a stack's last outputs from inside a running program; the command line, which runs none, has a reader of its own.
 *
 * Uses the engine's own invoke and not a StackReference resource, for two reasons: a peer that does not exist yet is not
 * an error during set-up, and a preview shows the flip and nothing else.
 */
export async function readStack(organization: string, project: string, stack: string): Promise<ReadStack> {
    const name = `${organization}/${project}/${stack}`;
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
            {
                cause: error,
            },
        );
    }
    return readOutputs(outputs);
}

/** Whether the CLI says that it has met a checkpoint that is being written. */
export function halfWritten(text: string): boolean {
    return /failed to load checkpoint|unexpected end/i.test(text);
}

async function invokeRead(name: string): Promise<Record<string, unknown>> {
    const result = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
        outputs?: Record<string, unknown>;
    };
    return result.outputs ?? {};
}

/** Turns raw outputs into what decisions use. */
export function readOutputs(outputs: Readonly<Record<string, unknown>>): ReadStack {
    const keys = Object.keys(outputs);
    if (keys.length === 0) return { state: { found: "none" } };
    const parsed = stateSchema.safeParse(outputs["state"]);
    if (!parsed.success) return { state: { found: "foreign", keys } };
    const access = accessSchema.safeParse(outputs["access"]);
    const bootstrap = outputs["bootstrap"] as { token?: string; pool?: string } | undefined;
    return {
        state: { found: "outputs", outputs: parsed.data as SiteOutputs },
        access: access.success ? access.data : undefined,
        bootstrap:
            bootstrap?.token && bootstrap.pool
                ? { token: pulumi.secret(bootstrap.token), pool: bootstrap.pool }
                : undefined,
    };
}
