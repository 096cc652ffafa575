/** A site's Kubernetes: etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok, run by kwokctl. */
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa, ExecaError } from "execa";
import getPort, { portNumbers } from "get-port";
import { privateDir, writePrivate } from "../../host/files.js";
import { labsDir, siteDir, SITES } from "../paths.js";
import { adoptProcess, killAll, logTail, markedFor, markedPids, processPid, processState } from "../process.js";
import { commandOf } from "../../host/procfs.js";
import { toolPath, toolchainBin } from "../toolchain/index.js";
import { waitFor } from "../wait.js";
import { COMPONENTS, kwokctlConfig, nodeManifest, type KubernetesPorts } from "./config.js";

export { COMPONENTS } from "./config.js";
export { writeKubeconfig } from "./kubeconfig.js";

/** Where a site's Kubernetes lives. */
export interface KubernetesArgs {
    /** Folder of kwokctl's files. */
    readonly dir: string;
    /** Folder of pid files. */
    readonly runDir: string;
    /** Name of the cluster; its context is `kwok-<name>`. */
    readonly name: string;
}

/** A site's Kubernetes, as others need it. */
export interface KubernetesCluster {
    /** kwokctl's own kubeconfig of this cluster. */
    readonly kubeconfig: string;
    readonly context: string;
    readonly server: string;
    readonly caFile: string;
    readonly node: string;
}

/**
 * Ports are taken below the range from which the kernel gives ports to outgoing connections: such a connection could hold
 * a port just when its site comes back.
 */
const PORT_RANGE = [21_000, 31_999] as const;
const PORTS_FILE = "ports.json";

/**
 * Brings the control plane up: makes it at first, starts what does not run, waits until the API serves and the node is
 * ready.
 * @throws with the last log lines of a component that died, or with what was seen last.
 */
export async function kubernetesUp(args: KubernetesArgs): Promise<KubernetesCluster> {
    const cluster = await describe(args);
    if (!COMPONENTS.every((name) => processState(args.runDir, name) === "running")) await start(args);
    await waitServing(args, cluster);
    return cluster;
}

/** Whether the API server says that it is ready, and the node too. */
export async function kubernetesReady(cluster: KubernetesCluster, timeoutMs = 3000): Promise<boolean> {
    try {
        await kubectl(cluster, ["get", "--raw", "/readyz"], timeoutMs);
        return (await nodeStatus(cluster, timeoutMs)) === "True";
    } catch {
        return false;
    }
}

async function describe(args: KubernetesArgs): Promise<KubernetesCluster> {
    const ports = await readPorts(args);
    const workdir = clusterDir(args);
    return {
        kubeconfig: join(workdir, "kubeconfig.yaml"),
        context: `kwok-${args.name}`,
        server: `https://127.0.0.1:${ports.apiServer}`,
        caFile: join(workdir, "pki", "ca.crt"),
        node: `${args.name}-node`,
    };
}

async function readPorts(args: KubernetesArgs): Promise<KubernetesPorts> {
    const file = join(args.dir, PORTS_FILE);
    if (!existsSync(file)) {
        const exclude = reservedPorts();
        const next = (): Promise<number> => getPort({ host: "127.0.0.1", port: portNumbers(...PORT_RANGE), exclude });
        const ports: KubernetesPorts = {
            apiServer: await next(),
            etcd: await next(),
            etcdPeer: await next(),
            controllerManager: await next(),
            scheduler: await next(),
            kwokController: await next(),
        };
        writePrivate(file, `${JSON.stringify(ports)}\n`);
    }
    return JSON.parse(readFileSync(file, "utf8")) as KubernetesPorts;
}

/** Ports of every site of every lab: one that is stopped comes back on its own, and nobody else may have them meanwhile. */
function reservedPorts(): number[] {
    const labs = existsSync(labsDir()) ? readdirSync(labsDir()) : [];
    return labs.flatMap((lab) =>
        SITES.flatMap((site) => {
            const file = join(siteDir(lab, site), "kubernetes", PORTS_FILE);
            if (!existsSync(file)) return [];
            return Object.values(JSON.parse(readFileSync(file, "utf8")) as KubernetesPorts);
        }),
    );
}

async function start(args: KubernetesArgs): Promise<void> {
    const created = existsSync(join(args.dir, "created"));
    await clearUp(args, created);
    const config = join(args.dir, "kwokctl.yaml");
    writePrivate(config, kwokctlConfig(await readPorts(args)));
    const common = ["--config", config, "--name", args.name];
    const separate = join(args.dir, "kubeconfig");
    const command = created
        ? ["start", "cluster", ...common]
        : ["create", "cluster", ...common, "--kubeconfig", separate, "--wait", "120s"];
    try {
        await execa(toolPath("kwokctl"), command, {
            env: environment(args),
            extendEnv: false,
            timeout: 180_000,
            forceKillAfterDelay: 1000,
            // The components inherit these: pipes would keep this call waiting for as long as they live.
            stdio: ["ignore", "ignore", "ignore"],
        });
    } catch (error) {
        if (!(error instanceof ExecaError)) throw error;
        throw new Error(`kwokctl ${command[0]} failed for ${args.name} (${error.shortMessage}).\n${logs(args)}`, {
            cause: error,
        });
    } finally {
        adopt(args);
    }
    protectKeys(args);
    if (!created) writePrivate(join(args.dir, "created"), "");
}

/**
 * Clears up after an `up` that was killed: its kwokctl works on alone, and may have started components that have no pid file of
 * ours yet. A cluster that was half made is made anew: nothing of worth is in it.
 */
async function clearUp(args: KubernetesArgs, created: boolean): Promise<void> {
    for (const pid of markedPids(args.runDir, "kwokctl")) process.kill(pid, "SIGKILL");
    if (!created) {
        await killAll(args.runDir);
        rmSync(clusterDir(args), { recursive: true, force: true });
        return;
    }
    adopt(args);
    // kwokctl believes any pid that exists, even one that was given away after a crash: it must not see those of the dead.
    const dead = COMPONENTS.filter((name) => processPid(args.runDir, name) === undefined);
    for (const name of dead) rmSync(kwokPidFile(args, name), { force: true });
}

/** Gives each component a pid file like every other process of the site. */
function adopt(args: KubernetesArgs): void {
    for (const name of COMPONENTS) {
        const file = kwokPidFile(args, name);
        const pid = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
        const command = commandOf(pid);
        // Another process by now has another command line.
        if (command[0] !== join(clusterDir(args), "bin", name) || processPid(args.runDir, name) === pid) continue;
        adoptProcess(args.runDir, name, pid, command, kwokLog(args, name));
    }
}

function protectKeys(args: KubernetesArgs): void {
    const pki = join(clusterDir(args), "pki");
    for (const name of readdirSync(pki)) chmodSync(join(pki, name), 0o600);
}

async function waitServing(args: KubernetesArgs, cluster: KubernetesCluster): Promise<void> {
    const check = (): void => assertAlive(args);
    await waitFor(() => kubectl(cluster, ["get", "--raw", "/readyz"]).then(() => true), {
        what: `the Kubernetes API of ${args.name}`,
        timeoutMs: 180_000,
        check,
    });
    if ((await nodeStatus(cluster)) === "True") return;
    await execa(toolPath("kubectl"), [...access(cluster), "apply", "--server-side", "-f", "-"], {
        input: JSON.stringify(nodeManifest(cluster.node)),
        timeout: 30_000,
    });
    await waitFor(async () => ((await nodeStatus(cluster)) === "True" ? true : undefined), {
        what: `node ${cluster.node} to be ready`,
        timeoutMs: 120_000,
        check,
    });
}

/** Status of the node's Ready condition; empty if there is no such node. */
async function nodeStatus(cluster: KubernetesCluster, timeoutMs?: number): Promise<string> {
    const path = '{.status.conditions[?(@.type=="Ready")].status}';
    const query = ["get", "node", cluster.node, "--ignore-not-found", "-o", `jsonpath=${path}`];
    return kubectl(cluster, query, timeoutMs);
}

async function kubectl(cluster: KubernetesCluster, args: readonly string[], timeoutMs = 10_000): Promise<string> {
    const { stdout } = await execa(toolPath("kubectl"), [...access(cluster), ...args], { timeout: timeoutMs });
    return stdout;
}

function access(cluster: KubernetesCluster): string[] {
    return ["--kubeconfig", cluster.kubeconfig, "--context", cluster.context];
}

/** Nothing of the caller's: KWOK_* variables change what kwokctl does, and HOME is where it and kubectl keep caches. */
function environment(args: KubernetesArgs): Record<string, string> {
    const home = privateDir(join(args.dir, "home"));
    return {
        PATH: `${toolchainBin()}:/usr/bin:/bin`,
        HOME: home,
        KWOK_WORKDIR: args.dir,
        // The components inherit it from kwokctl.
        ...markedFor(args.runDir),
    };
}

function assertAlive(args: KubernetesArgs): void {
    const dead = COMPONENTS.find((name) => processState(args.runDir, name) === "dead");
    if (dead) throw new Error(`${dead} of ${args.name} has ended. Its last words:\n${logTail(kwokLog(args, dead))}`);
}

function logs(args: KubernetesArgs): string {
    return COMPONENTS.filter((name) => processState(args.runDir, name) !== "running")
        .map((name) => `--- ${name}:\n${logTail(kwokLog(args, name), 5)}`)
        .join("\n");
}

function clusterDir(args: KubernetesArgs): string {
    return join(args.dir, "clusters", args.name);
}

function kwokPidFile(args: KubernetesArgs, name: string): string {
    return join(clusterDir(args), "pids", `${name}.pid`);
}

function kwokLog(args: KubernetesArgs, name: string): string {
    return join(clusterDir(args), "logs", `${name}.log`);
}
