/** A site's Ceph cluster: made once, started and repaired as often as needed. Real daemons, one of each. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa, ExecaError } from "execa";
import { privateDir, writePrivate } from "../../host/files.js";
import { killAll, logFile, logTail, markedFor, processState, startProcess } from "../process.js";
import { waitFor, type WaitOptions } from "../wait.js";
import { ceph, cephHealth } from "./cli.js";
import { MGR_ID, MON_ID, OSD_ID } from "./config.js";
import { createCeph, readKey, type CephCluster } from "./create.js";

export { ceph, cephHealth, type CephHealth } from "./cli.js";
export { type CephCluster } from "./create.js";

/** Where a site's Ceph lives. */
export interface CephArgs {
    /** Folder of the cluster's data. */
    readonly dir: string;
    /** Folder of pid files and logs. */
    readonly runDir: string;
    /** Loopback address of the site. */
    readonly address: string;
}

const DAEMONS = [
    { name: "ceph-mon", id: MON_ID },
    { name: "ceph-mgr", id: MGR_ID },
    { name: "ceph-osd", id: OSD_ID },
] as const;

/** Name of the file that says that the OSD is known to the monitor and its store is made. */
const OSD_MADE = "osd-made";

/**
 * Brings the cluster up: makes it at first, starts what does not run, waits until the monitor, the manager and the OSD
 * serve.
 * @throws with the daemon's last log lines if one dies, or with what was seen last after three minutes.
 */
export async function cephUp(args: CephArgs): Promise<CephCluster> {
    const cluster = await createCeph(args.dir, args.address);
    if (DAEMONS.every(({ name }) => processState(args.runDir, name) === "running")) {
        await waitHealthy(args, cluster.conf);
        return cluster;
    }
    await start(args, cluster, "ceph-mon");
    await makeOsd(args, cluster);
    await Promise.all([start(args, cluster, "ceph-mgr"), start(args, cluster, "ceph-osd")]);
    await waitHealthy(args, cluster.conf);
    await waitServing(args, cluster.conf, 180_000);
    writeExternal(cluster);
    return cluster;
}

/**
 * Makes a cluster serve again after it was frozen. The OSD's read leases have run out meanwhile, and a cluster with a single
 * OSD may then leave placement groups `laggy` for minutes, with all I/O hanging. Where that is so, the OSD is reported down: it
 * comes back at once, with leases of its own. It is not done unasked, as coming back costs several seconds.
 */
export async function cephRecover(args: CephArgs, conf: string): Promise<void> {
    try {
        await waitServing(args, conf, 5000);
    } catch {
        await waitFor(
            () => ceph(conf, ["osd", "down", OSD_ID], { timeoutMs: 10_000 }).then(() => true),
            waiting(args, 60_000),
        );
        await waitServing(args, conf, 180_000);
    }
}

/** What a user of an external cluster hands to Rook (Secret rook-ceph-mon, ConfigMap rook-ceph-mon-endpoints). */
export interface ExternalCluster {
    readonly fsid: string;
    /** As in Rook's ConfigMap: `a=127.0.1.1:3300`. */
    readonly monEndpoints: string;
    /** cephx user that Rook shall be, and its key. */
    readonly cephUsername: string;
    readonly cephSecret: string;
    readonly adminKey: string;
    readonly monKey: string;
}

function writeExternal(cluster: CephCluster): void {
    const adminKey = readKey(cluster.keyring, "client.admin");
    const external: ExternalCluster = {
        fsid: cluster.fsid,
        monEndpoints: `${MON_ID}=${cluster.monEndpoint}`,
        cephUsername: "client.admin",
        cephSecret: adminKey,
        adminKey,
        monKey: readKey(cluster.keyring, "mon."),
    };
    writePrivate(join(cluster.dir, "external.json"), `${JSON.stringify(external, null, 4)}\n`);
}

async function start(args: CephArgs, cluster: CephCluster, name: string): Promise<void> {
    const id = DAEMONS.find((daemon) => daemon.name === name)?.id ?? "";
    // In the foreground, so that the pid is the daemon's.
    const daemonArgs = ["-f", "--conf", cluster.conf, "--id", id];
    await startProcess({ name, command: `/usr/bin/${name}`, args: daemonArgs, dir: args.runDir, cwd: cluster.dir });
}

async function makeOsd(args: CephArgs, cluster: CephCluster): Promise<void> {
    const made = join(cluster.dir, OSD_MADE);
    if (existsSync(made)) return;
    const options = {
        what: `the monitor on ${cluster.monEndpoint}`,
        timeoutMs: 60_000,
        check: () => assertAlive(args),
    };
    await waitFor(async () => (await ceph(cluster.conf, ["osd", "new", cluster.osdUuid, OSD_ID]), true), options);
    const settings = [
        // No pool of health metrics: the first pool made has the same id on both sites.
        ["config", "set", "mgr", "mgr/devicehealth/enable_monitoring", "false", "--force"],
        // After a demotion the mirroring status is stale until rbd-mirror's next look, 30 s by default.
        ["config", "set", "client.rbd-mirror", "rbd_mirror_image_state_check_interval", "5"],
    ];
    // Whatever a killed `up` had begun is begun again, on an empty folder.
    await killAll(cluster.dir);
    const data = join(cluster.dir, "osd");
    rmSync(data, { recursive: true, force: true });
    privateDir(data);
    const mkfs = ["--conf", cluster.conf, "--id", OSD_ID, "--mkfs", "--osd-uuid", cluster.osdUuid];
    await Promise.all([
        ...settings.map((setting) => ceph(cluster.conf, setting)),
        execa("ceph-osd", mkfs, { env: markedFor(cluster.dir), timeout: 120_000 }),
    ]);
    writeFileSync(made, "");
}

/** Waits for good health: an OSD that is up, a manager, placement groups that are active. */
async function waitHealthy(args: CephArgs, conf: string): Promise<void> {
    await waitFor(
        async () => {
            const health = await cephHealth(conf);
            if (health.osdsUp === 1 && health.mgrAvailable && health.placementGroupsOk) return true;
            throw new Error(`${health.status}: ${health.checks.join("; ") || "manager or placement groups not ready"}`);
        },
        waiting(args, 180_000),
    );
}

/**
 * Waits until I/O and the manager's commands are answered. Health alone will not do: for seconds after a crash or a freeze it
 * tells of the time before.
 */
async function waitServing(args: CephArgs, conf: string, timeoutMs: number): Promise<void> {
    await waitFor(() => Promise.all([probeManager(conf), probePools(conf)]).then(() => true), waiting(args, timeoutMs));
}

/** rbd_support answers `rbd task list`: it is what runs the snapshot schedules, and the last part of the manager to be ready. */
async function probeManager(conf: string): Promise<void> {
    await ceph(conf, ["rbd", "task", "list"], { timeoutMs: 4000 });
}

const PROBE = fileURLToPath(new URL("probe.py", import.meta.url));

/** With the python that the distribution's `ceph` runs in: it has the rados module. */
async function probePools(conf: string): Promise<void> {
    try {
        await execa("/usr/bin/python3", [PROBE, conf, "4"], { timeout: 8000, forceKillAfterDelay: 500 });
    } catch (error) {
        if (!(error instanceof ExecaError)) throw error;
        throw new Error(`I/O: ${error.stderr || error.shortMessage}`, { cause: error });
    }
}

function waiting(args: CephArgs, timeoutMs: number): WaitOptions {
    return { what: `the Ceph cluster on ${args.address}`, timeoutMs, check: () => assertAlive(args) };
}

function assertAlive(args: CephArgs): void {
    for (const { name } of DAEMONS) {
        if (processState(args.runDir, name) !== "dead") continue;
        throw new Error(`${name} has ended. Its last words:\n${logTail(logFile(args.runDir, name))}`);
    }
}
