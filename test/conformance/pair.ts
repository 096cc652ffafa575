/**
 * Two Ceph clusters that mirror to each other, and a driver on one of them. Without any setting the suite makes all of it;
 * with `RBD_DRIVER_SOCKET` another driver is asked, on clusters that exist already.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { mirrorConf } from "../../lab/agent/programs/rbd-mirror.js";
import { cephRecover, cephUp } from "../../lab/ceph/index.js";
import { killAll, signalAll, startProcess, stopProcess } from "../../lab/process.js";
import { connect } from "../../lab/rbd-driver/client.js";
import { CephSite } from "./ceph-site.js";
import { Subject } from "./subject.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const POOL = "replicapool";
const CLUSTER_ID = "rook-ceph";

/** What can be done to clusters of the suite's own. */
export interface Powers {
    /** Stops and continues this site's rbd-mirror. */
    readonly stopMirror: () => Promise<void>;
    readonly startMirror: () => Promise<void>;
    /** Freezes and thaws all daemons of a site. */
    readonly freeze: (site: "here" | "peer") => void;
    readonly thaw: (site: "here" | "peer") => Promise<void>;
}

/** The stage of the suite. */
export interface Pair {
    /** The site whose driver is asked. */
    readonly here: CephSite;
    readonly peer: CephSite;
    readonly subject: Subject;
    /** Undefined for another driver: its clusters are not the suite's to stop. */
    readonly powers?: Powers;
    readonly close: () => Promise<void>;
}

/** True when another driver than the lab's is asked. */
export const FOREIGN = Boolean(process.env.RBD_DRIVER_SOCKET);

/** Makes the stage. @throws naming the setting that is missing */
export async function openPair(): Promise<Pair> {
    return FOREIGN ? foreignPair() : ownPair();
}

function setting(name: string, fallback?: string): string {
    const value = process.env[name] ?? fallback;
    if (!value) throw new Error(`RBD_DRIVER_SOCKET is set, so ${name} is needed, too: see test/conformance/README.md`);
    return value;
}

async function foreignPair(): Promise<Pair> {
    const pool = setting("RBD_DRIVER_POOL", POOL);
    const here = new CephSite("here", setting("RBD_DRIVER_CEPH_CONF"), pool);
    const peer = new CephSite("peer", setting("RBD_DRIVER_PEER_CEPH_CONF"), pool);
    const subject = await Subject.connect({
        socket: setting("RBD_DRIVER_SOCKET"),
        ...(process.env.RBD_DRIVER_CSI_SOCKET && { csiSocket: process.env.RBD_DRIVER_CSI_SOCKET }),
        clusterId: setting("RBD_DRIVER_CLUSTER_ID", CLUSTER_ID),
        secrets: { userID: setting("RBD_DRIVER_USER_ID"), userKey: setting("RBD_DRIVER_USER_KEY") },
        site: here,
    });
    return { here, peer, subject, close: async () => subject.close() };
}

async function ownPair(): Promise<Pair> {
    const dir = mkdtempSync(join(tmpdir(), "rbdc-"));
    const dirs = { here: join(dir, "1"), peer: join(dir, "2") };
    const run = { here: join(dirs.here, "run"), peer: join(dirs.peer, "run") };
    // Apart from the site's daemons, which are frozen together.
    const driverDir = join(dir, "driver");
    const close = async () => {
        await Promise.all([...Object.values(run), driverDir].map((folder) => killAll(folder)));
        rmSync(dir, { recursive: true, force: true });
    };
    try {
        const addresses = await freeAddresses();
        const args = (site: "here" | "peer", address: string) => {
            mkdirSync(run[site], { recursive: true });
            return { dir: join(dirs[site], "ceph"), runDir: run[site], address };
        };
        const cephs = { here: args("here", addresses[0]), peer: args("peer", addresses[1]) };
        const [one, two] = await Promise.all([cephUp(cephs.here), cephUp(cephs.peer)]);
        const here = new CephSite("here", one.conf, POOL);
        const peer = new CephSite("peer", two.conf, POOL);
        await Promise.all([here, peer].map(makePool));
        await peerUp(here, peer, join(dir, "token"));
        const mirrors = {
            here: { site: here, runDir: run.here, endpoint: one.monEndpoint },
            peer: { site: peer, runDir: run.peer, endpoint: two.monEndpoint },
        };
        await Promise.all(Object.values(mirrors).map(startMirror));
        const subject = await ownDriver(here, driverDir, one.monEndpoint);
        return {
            here,
            peer,
            subject,
            powers: {
                stopMirror: () => stopProcess(run.here, "rbd-mirror"),
                startMirror: () => startMirror(mirrors.here),
                freeze: (site) => void signalAll(run[site], "SIGSTOP"),
                thaw: async (site) => {
                    signalAll(run[site], "SIGCONT");
                    await cephRecover(cephs[site], site === "here" ? one.conf : two.conf);
                },
            },
            close: async () => {
                subject.close();
                await close();
            },
        };
    } catch (error) {
        await close();
        throw error;
    }
}

/** Two loopback addresses on which nobody listens at Ceph's port. */
async function freeAddresses(): Promise<[string, string]> {
    const free: string[] = [];
    for (let third = 100; third < 255 && free.length < 2; third += 1) {
        const address = `127.0.${third}.1`;
        const server = createServer();
        const ok = await new Promise<boolean>((resolve) => {
            server.once("error", () => resolve(false));
            server.listen(3300, address, () => resolve(true));
        });
        if (ok) await new Promise((resolve) => server.close(resolve));
        if (ok) free.push(address);
    }
    if (free.length < 2)
        throw new Error("no two loopback addresses with a free port 3300 between 127.0.100.1 and 127.0.254.1");
    return [free[0]!, free[1]!];
}

async function makePool(site: CephSite): Promise<void> {
    await site.ceph("osd", "pool", "create", POOL, "8");
    await site.rbd("pool", "init", POOL);
    await site.rbd("mirror", "pool", "enable", POOL, "image", "--site-name", site.name);
}

async function peerUp(one: CephSite, two: CephSite, tokenFile: string): Promise<void> {
    const token = await one.rbd("mirror", "pool", "peer", "bootstrap", "create", "--site-name", one.name, POOL);
    writeFileSync(tokenFile, token, { mode: 0o600 });
    await two.rbd("mirror", "pool", "peer", "bootstrap", "import", "--site-name", two.name, POOL, tokenFile);
    rmSync(tokenFile);
}

async function startMirror({
    site,
    runDir,
    endpoint,
}: {
    site: CephSite;
    runDir: string;
    endpoint: string;
}): Promise<void> {
    const caps = ["mon", "profile rbd-mirror", "osd", "profile rbd", "mgr", "profile rbd"];
    const keyring = join(runDir, "rbd-mirror.keyring");
    const key = await site.ceph("auth", "get-or-create", "client.rbd-mirror.a", ...caps);
    writeFileSync(keyring, `${key}\n`, { mode: 0o600 });
    const conf = join(runDir, "rbd-mirror.conf");
    writeFileSync(conf, mirrorConf({ endpoints: `a=${endpoint}`, keyring, runDir }), { mode: 0o600 });
    await startProcess({
        name: "rbd-mirror",
        command: "rbd-mirror",
        args: ["--cluster", "ceph", "--id", "rbd-mirror.a", "--foreground"],
        env: { CEPH_CONF: conf },
        dir: runDir,
    });
}

/** The lab's driver, as the user that Rook makes for ceph-csi. */
async function ownDriver(site: CephSite, runDir: string, endpoint: string): Promise<Subject> {
    const user = "csi-rbd-provisioner";
    mkdirSync(runDir, { recursive: true });
    await site.ceph(
        "auth",
        "get-or-create",
        `client.${user}`,
        "mon",
        "profile rbd",
        "mgr",
        "allow rw",
        "osd",
        "profile rbd",
    );
    const userKey = (await site.ceph("auth", "print-key", `client.${user}`)).trim();
    const csiConfig = join(runDir, "csi.json");
    writeFileSync(csiConfig, JSON.stringify([{ clusterID: CLUSTER_ID, monitors: [endpoint], namespace: CLUSTER_ID }]));
    const [csiSocket, socket] = [join(runDir, "csi.sock"), join(runDir, "addons.sock")];
    await startProcess({
        name: "rbd-driver",
        command: process.execPath,
        args: [
            ...["--import", "tsx", join(ROOT, "lab/rbd-driver/main.ts"), "--csi-config", csiConfig],
            ...["--csi-socket", csiSocket, "--csi-addons-socket", socket],
        ],
        cwd: ROOT,
        dir: runDir,
    });
    await listening(socket, runDir);
    return Subject.connect({ socket, csiSocket, clusterId: CLUSTER_ID, secrets: { userID: user, userKey }, site });
}

async function listening(socket: string, runDir: string): Promise<void> {
    const client = connect(socket, "addonsIdentity");
    try {
        const end = Date.now() + 30_000;
        for (;;) {
            try {
                return void (await client.call("Probe", {}, 2000));
            } catch (error) {
                if (Date.now() > end) {
                    const log = await execa("tail", ["-n", "5", join(runDir, "rbd-driver.log")], { reject: false });
                    throw new Error(`the driver does not answer on ${socket}: ${log.stdout}`, { cause: error });
                }
                await new Promise((resolve) => setTimeout(resolve, 200));
            }
        }
    } finally {
        client.close();
    }
}
