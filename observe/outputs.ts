/** What the last outputs of this stack and of the peer's say: the Pulumi backend keeps them, where they outlive the clusters. */
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { MakeSecret } from "../config.js";
import type { SiteOutputs, StackOutputs } from "../dr/model.js";

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
    /** Whether that site's pool can be mirrored from: its bootstrap token is among the outputs. */
    readonly hasToken?: boolean;
    /** That token; a secret, which the program alone reads. */
    readonly bootstrap?: { readonly token: pulumi.Output<string>; readonly pool: string };
}

/** Reads the last outputs of a stack of this project, by its name. */
export type StackReader = (stack: string) => Promise<ReadStack>;

/** Whether the CLI says that it has met a checkpoint that is being written. */
export function halfWritten(text: string): boolean {
    return /failed to load checkpoint|unexpected end/i.test(text);
}

/**
 * Turns raw outputs into what decisions use.
 *
 * @param secret what becomes of the bootstrap token; without it only that there is one is kept
 */
export function readOutputs(outputs: Readonly<Record<string, unknown>>, secret?: MakeSecret): ReadStack {
    const keys = Object.keys(outputs);
    if (keys.length === 0) return { state: { found: "none" } };
    const parsed = stateSchema.safeParse(outputs["state"]);
    if (!parsed.success) return { state: { found: "foreign", keys } };
    const access = accessSchema.safeParse(outputs["access"]);
    const { token, pool } = (outputs["bootstrap"] ?? {}) as { token?: string; pool?: string };
    const bootstrap = token && pool ? { token, pool } : undefined;
    return {
        state: { found: "outputs", outputs: parsed.data as SiteOutputs },
        access: access.success ? access.data : undefined,
        hasToken: bootstrap !== undefined,
        bootstrap: bootstrap && secret && { ...bootstrap, token: secret(bootstrap.token) },
    };
}
