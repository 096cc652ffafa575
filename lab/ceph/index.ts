/** A site's Ceph cluster: made once, started and repaired as often as needed. Real daemons, one of each. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { writePrivate } from "../files.js";
import { logFile, logTail, processState, startProcess } from "../process.js";
import { waitFor } from "../wait.js";
import { ceph, cephHealth, type CephHealth } from "./cli.js";
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
 * @throws with the daemon's last log lines if one dies, or with what was seen last after 90 s.
 */
export async function cephUp(args: CephArgs): Promise<CephCluster> {
    const cluster = await createCeph(args.dir, args.address);
    const ran = DAEMONS.every(({ name }) => processState(args.runDir, name) === "running");
    await start(args, cluster, "ceph-mon");
    await makeOsd(args, cluster);
    await Promise.all([start(args, cluster, "ceph-mgr"), start(args, cluster, "ceph-osd")]);
    if (ran) await waitServing(args, cluster);
    else await waitServing(args, cluster).then(() => writeExternal(cluster));
    return cluster;
}

/**
 * Makes placement groups serve again after the cluster was frozen. The OSD's read leases have run out meanwhile, and a
 * cluster with a single OSD may leave the groups `laggy` for minutes, with all I/O hanging: reported down, the OSD comes
 * back at once with leases of its own.
 */
export async function cephRecover(args: CephArgs, conf: string): Promise<void> {
    const serving = { what: `the monitor of ${args.address}`, timeoutMs: 60_000, check: () => assertAlive(args) };
    await waitFor(async () => (await ceph(conf, ["osd", "down", OSD_ID], { timeoutMs: 10_000 }), true), serving);
    await waitFor(async () => healthy(await cephHealth(conf)), { ...serving, what: "the placement groups" });
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
    // -f: in the foreground, so that the pid is the daemon's; TMPDIR and HOME play no part.
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
    const mkfs = ["--conf", cluster.conf, "--id", OSD_ID, "--mkfs", "--osd-uuid", cluster.osdUuid];
    await Promise.all([...settings.map((setting) => ceph(cluster.conf, setting)), execa("ceph-osd", mkfs)]);
    writeFileSync(made, "");
}

async function waitServing(args: CephArgs, cluster: CephCluster): Promise<void> {
    const what = `the Ceph cluster on ${cluster.address}`;
    await waitFor(async () => healthy(await cephHealth(cluster.conf)), {
        what,
        timeoutMs: 90_000,
        check: () => assertAlive(args),
    });
}

/** Serving is more than answering: an OSD that is up, a manager, and placement groups that do I/O. */
function healthy(health: CephHealth): true {
    if (health.osdsUp === 1 && health.mgrAvailable && health.placementGroupsOk) return true;
    throw new Error(`${health.status}: ${health.checks.join("; ") || "manager or placement groups not ready"}`);
}

function assertAlive(args: CephArgs): void {
    for (const { name } of DAEMONS) {
        if (processState(args.runDir, name) !== "dead") continue;
        throw new Error(`${name} has ended. Its last words:\n${logTail(logFile(args.runDir, name))}`);
    }
}
