/** Where commands reach a site's Ceph: on this machine with a ceph.conf, or in the toolbox pod of a cluster that Rook runs. */
import type * as k8s from "@kubernetes/client-node";
import { execa } from "execa";
import { Writable } from "node:stream";
import { ROOK_NAMESPACE } from "../ceph/rook.js";
import { TOOLBOX } from "../ceph/toolbox.js";
import { connect, within, type Cluster } from "./cluster.js";
import type { ClusterAccess } from "../config.js";

/** Seconds for one command; a frozen Ceph cluster never answers. */
const TIMEOUT = 10;
/** Exit code of a shell for a command that is not there. */
const NO_SUCH_COMMAND = 127;

/** How a command ended; `exitCode` is undefined when it did not end in time, or never began. */
export interface CephAnswer {
    readonly exitCode: number | undefined;
    readonly stdout: string;
}

/** Runs commands that reach one site's Ceph. Neither throws for a cluster that does not answer. */
export interface CephTools {
    /** `rbd ARGS --format json`. */
    readonly rbd: (args: readonly string[]) => Promise<CephAnswer>;
    /** A Python program that gets the path of a ceph.conf (empty for Ceph's own default), `args`, and its seconds. */
    readonly python: (program: string, args: readonly string[]) => Promise<CephAnswer>;
}

/**
 * The commands with which a site's images can be seen.
 *
 * @param conf path of a ceph.conf, which goes before the toolbox
 * @param seconds for one command; 10 by default
 * @returns undefined where there is neither a ceph.conf nor a toolbox that runs
 */
export async function cephToolsOf(
    access: ClusterAccess,
    conf?: string,
    seconds?: number,
): Promise<CephTools | undefined> {
    return conf === undefined ? toolsInToolbox(connect(access), seconds) : toolsWithConf(conf, seconds);
}

/** This machine's commands. */
export function toolsWithConf(conf: string, seconds = TIMEOUT): CephTools {
    const run = async (file: string, args: readonly string[]): Promise<CephAnswer> => {
        const options = { reject: false, timeout: seconds * 1000, killSignal: "SIGKILL" } as const;
        const { exitCode, stdout, code } = await execa(file, args, options);
        return { exitCode: code === "ENOENT" ? NO_SUCH_COMMAND : exitCode, stdout };
    };
    return {
        rbd: (args) => run("rbd", ["--conf", conf, ...args, "--format", "json"]),
        // The distribution's own Python is the one that Ceph's packages install their modules for.
        python: (program, args) => run("/usr/bin/python3", ["-c", program, conf, ...args, String(seconds)]),
    };
}

/** The toolbox's commands; undefined where no toolbox runs, or the cluster does not say. */
export async function toolsInToolbox(cluster: Cluster, seconds = TIMEOUT): Promise<CephTools | undefined> {
    const list = cluster.core.listNamespacedPod({ namespace: ROOK_NAMESPACE, labelSelector: `app=${TOOLBOX}` });
    const pods = await within(list, "the toolbox", seconds).catch(() => undefined);
    const pod = pods?.items.find((p) => p.status?.phase === "Running" && p.metadata?.deletionTimestamp === undefined);
    const name = pod?.metadata?.name;
    const container = pod?.spec?.containers[0]?.name;
    if (name === undefined || container === undefined) return undefined;
    const run = (command: string[]) => inPod(cluster, { name, container, seconds }, command);
    return {
        rbd: (args) => run(["rbd", ...args, "--format", "json"]),
        python: (program, args) => run(["python3", "-c", program, "", ...args, String(seconds)]),
    };
}

/**
 * Runs a command in a container.
 *
 * @param pod which one, and the seconds that the command may take; in Rook's namespace by default
 * @returns without an exit code where it did not end in time, or never began
 */
export async function inPod(
    cluster: Cluster,
    pod: { readonly name: string; readonly container: string; readonly seconds: number; readonly namespace?: string },
    command: string[],
): Promise<CephAnswer> {
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
            .exec(pod.namespace ?? ROOK_NAMESPACE, pod.name, pod.container, command, stdout, null, null, false, resolve)
            .then((opened) => {
                socket = opened;
                opened.onclose = () => reject(new Error(`the connection to ${pod.name} was closed`));
            }, reject);
    });
    try {
        const status = await within(ended, `a command in ${pod.name}`, pod.seconds);
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
