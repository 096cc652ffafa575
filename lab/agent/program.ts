/** What the registry says of a container's program. */
import type { V1ConfigMap, V1Container, V1Pod } from "@kubernetes/client-node";
import type { Api } from "../api/client.js";
import type { ProcessSpec } from "../process.js";
import type { SiteInfo } from "../site.js";
import type { ContainerMatcher } from "./desired.js";
import type { PodDir } from "./pod-dir.js";

/** The groups that `--without` can leave out. */
export const GROUPS = ["rook", "rbd-driver", "provisioner", "csi-addons", "rbd-mirror", "writer"] as const;

/** All that a program may build its process from. */
export interface ProgramContext {
    readonly site: SiteInfo;
    readonly api: Api;
    readonly pod: V1Pod;
    readonly container: V1Container;
    readonly dirs: PodDir;
    /** Every pod of the site, as last seen. */
    readonly pods: readonly V1Pod[];
    /** A ConfigMap as last seen. */
    configMap(namespace: string, name: string): V1ConfigMap | undefined;
}

/** What to do about a container that should run and does not. */
export type Prepared =
    | { readonly spec: ProcessSpec }
    /** Not yet: what it waits for, for the log. */
    | { readonly wait: string };

/** One program of the lab that stands for a container. */
export interface Program extends ContainerMatcher {
    readonly group: (typeof GROUPS)[number];
    /** Container of the same pod without which this one is of no use: it starts after it and restarts with it. */
    readonly needs?: string;
    /** Builds the process; called for every start. Errors are retried like crashes. */
    prepare(context: ProgramContext): Promise<Prepared>;
    /** Keeps files current that the running process reads; called after every change of the site's objects. */
    refresh?(context: ProgramContext): Promise<void>;
}

/** Process spec of one of the lab's own TypeScript programs, run by this Node without a wrapper process between. */
export function tsxProgram(script: string, args: readonly string[]): Pick<ProcessSpec, "command" | "args"> {
    return { command: process.execPath, args: ["--import", import.meta.resolve("tsx"), script, ...args] };
}
