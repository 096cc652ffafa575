/** The rbd command of a site: on this machine with a ceph.conf, or in the toolbox pod of a cluster that Rook runs. */
import type * as k8s from "@kubernetes/client-node";
import { execa } from "execa";
import { Writable } from "node:stream";
import { TOOLBOX } from "../ceph/toolbox.js";
import { connect, within, type Cluster } from "./cluster.js";
import type { ClusterAccess } from "../config.js";

/** Seconds for one rbd command; a frozen Ceph cluster never answers. */
const RBD_TIMEOUT = 10;
const ROOK_NAMESPACE = "rook-ceph";

/** How a command ended; `exitCode` is undefined when it did not end in time, or never began. */
export interface RbdAnswer {
    readonly exitCode: number | undefined;
    readonly stdout: string;
}

/** Runs `rbd ARGS --format json`. Never throws for a cluster that does not answer. */
export type Rbd = (args: readonly string[]) => Promise<RbdAnswer>;

/**
 * The rbd command with which a site's images can be seen.
 *
 * @param conf path of a ceph.conf, which goes before the toolbox
 * @returns undefined where there is neither a ceph.conf nor a toolbox that runs
 */
export async function rbdOf(access: ClusterAccess, conf?: string): Promise<Rbd | undefined> {
    return conf === undefined ? rbdInToolbox(connect(access)) : rbdWithConf(conf);
}

/** This machine's rbd. */
export function rbdWithConf(conf: string): Rbd {
    return async (args) => {
        const run = await execa("rbd", ["--conf", conf, ...args, "--format", "json"], {
            reject: false,
            timeout: RBD_TIMEOUT * 1000,
            killSignal: "SIGKILL",
        });
        return { exitCode: run.exitCode, stdout: run.stdout };
    };
}

/** The toolbox's rbd; undefined where no toolbox runs, or the cluster does not say. */
export async function rbdInToolbox(cluster: Cluster): Promise<Rbd | undefined> {
    const list = cluster.core.listNamespacedPod({ namespace: ROOK_NAMESPACE, labelSelector: `app=${TOOLBOX}` });
    const pods = await within(list, "the toolbox").catch(() => undefined);
    const pod = pods?.items.find((p) => p.status?.phase === "Running" && p.metadata?.deletionTimestamp === undefined);
    const name = pod?.metadata?.name;
    const container = pod?.spec?.containers[0]?.name;
    if (name === undefined || container === undefined) return undefined;
    return (args) => inPod(cluster, name, container, ["rbd", ...args, "--format", "json"]);
}

async function inPod(cluster: Cluster, pod: string, container: string, command: string[]): Promise<RbdAnswer> {
    const chunks: Buffer[] = [];
    const stdout = new Writable({
        write(chunk: Buffer, _, done) {
            chunks.push(chunk);
            done();
        },
    });
    let socket: { close(): void } | undefined;
    const ended = new Promise<k8s.V1Status>((resolve, reject) => {
        cluster.exec
            .exec(ROOK_NAMESPACE, pod, container, command, stdout, null, null, false, resolve)
            .then((opened) => {
                socket = opened;
                opened.onclose = () => reject(new Error("the connection to the toolbox was closed"));
            }, reject);
    });
    try {
        const status = await within(ended, "rbd in the toolbox", RBD_TIMEOUT);
        return { exitCode: exitCodeOf(status), stdout: Buffer.concat(chunks).toString("utf8") };
    } catch {
        return { exitCode: undefined, stdout: "" };
    } finally {
        socket?.close();
    }
}

/** Exit code in the status that the API server sends when a command has ended; undefined when it did not run. */
export function exitCodeOf(status: k8s.V1Status): number | undefined {
    if (status.status === "Success") return 0;
    const code = status.details?.causes?.find((cause) => cause.reason === "ExitCode")?.message;
    return code === undefined ? undefined : Number(code);
}
