/** A typed, time-limited way into one Kubernetes cluster. */
import * as k8s from "@kubernetes/client-node";
import { existsSync } from "node:fs";
import type { ClusterAccess } from "../config.js";

/** Clients for the API groups that observation reads. */
export interface Cluster {
    readonly access: ClusterAccess;
    readonly core: k8s.CoreV1Api;
    readonly apps: k8s.AppsV1Api;
    readonly batch: k8s.BatchV1Api;
    readonly autoscaling: k8s.AutoscalingV2Api;
    readonly storage: k8s.StorageV1Api;
    readonly custom: k8s.CustomObjectsApi;
    /** Runs commands in pods. */
    readonly exec: k8s.Exec;
    /** Follows what containers say. */
    readonly log: k8s.Log;
}

/** Seconds that one request to an API server may take. A frozen server accepts connections and never answers. */
const REQUEST_TIMEOUT = 8;

/**
 * Opens a kubeconfig context. Nothing is sent yet.
 *
 * @throws Error naming the config key, the value and the contexts there are
 */
export function connect(access: ClusterAccess, keys = { kubeconfig: "kubeconfig", context: "context" }): Cluster {
    const config = new k8s.KubeConfig();
    if (access.kubeconfig !== undefined) {
        if (!existsSync(access.kubeconfig))
            throw new Error(
                `${keys.kubeconfig} is ${access.kubeconfig}: there is no such file. Give the path of a kubeconfig file.`,
            );
        config.loadFromFile(access.kubeconfig);
    } else {
        config.loadFromDefault();
    }
    const contexts = config.getContexts().map((c) => c.name);
    if (!contexts.includes(access.context)) {
        const there = contexts.length > 0 ? contexts.join(", ") : "none";
        throw new Error(
            `${keys.context} is ${access.context}: ${access.kubeconfig ?? "the default kubeconfig"} has no such context (it has: ${there}). ` +
                `Set one of them: pulumi config set ${keys.context} NAME`,
        );
    }
    config.setCurrentContext(access.context);
    return {
        access,
        core: config.makeApiClient(k8s.CoreV1Api),
        apps: config.makeApiClient(k8s.AppsV1Api),
        batch: config.makeApiClient(k8s.BatchV1Api),
        autoscaling: config.makeApiClient(k8s.AutoscalingV2Api),
        storage: config.makeApiClient(k8s.StorageV1Api),
        custom: config.makeApiClient(k8s.CustomObjectsApi),
        exec: new k8s.Exec(config),
        log: new k8s.Log(config),
    };
}

/**
 * Waits for a request, but not for ever.
 *
 * @param what named in the error when time is up
 */
export async function within<T>(request: Promise<T>, what: string, seconds = REQUEST_TIMEOUT): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what}: no answer within ${seconds} s`)), seconds * 1000);
    });
    try {
        return await Promise.race([request, late]);
    } finally {
        clearTimeout(timer);
    }
}

/** Undefined instead of an error where the object, or its whole kind, does not exist. */
export async function ifFound<T>(request: Promise<T>): Promise<T | undefined> {
    try {
        return await request;
    } catch (error) {
        if (error instanceof k8s.ApiException && error.code === 404) return undefined;
        throw error;
    }
}

/** One short line of an error of any kind. */
export function brief(error: unknown): string {
    if (error instanceof k8s.ApiException)
        return `HTTP ${error.code}: ${String((error.body as { message?: string })?.message ?? error.body).slice(0, 200)}`;
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : "";
    return `${error instanceof Error ? error.message : String(error)}${cause}`.split("\n")[0]!.slice(0, 300);
}
