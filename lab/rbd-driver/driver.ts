/** What all services of the driver share. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ceph, type CephTools } from "./ceph.js";
import { readCluster, type ConfigFiles } from "./cluster-config.js";
import { readCredentials } from "./credentials.js";
import { Workers } from "./librbd/workers.js";
import { Pools } from "./pools.js";
import { RbdProgram } from "./rbd-program.js";
import type { Surroundings } from "./volume.js";
import { VolumeLocks } from "./volume-locks.js";

/** Version that the driver reports of itself. */
export const VENDOR_VERSION = "rbd-dr-lab-1";

/** How the names of private folders begin. */
const PRIVATE = "rbd-driver-private-";

/** How a driver is set up. */
export interface DriverOptions {
    /** CSI name of the driver, for example `rook-ceph.rbd.csi.ceph.com`. */
    readonly name: string;
    readonly files: ConfigFiles;
    /** Folder of this driver alone, where its sockets are: a key lies below it while a program needs it. */
    readonly runDir: string;
    /** Noted as metadata on each image it makes. */
    readonly clusterName?: string;
    /** Whether PVC and PV names are noted as metadata on each image it makes. */
    readonly setMetadata?: boolean;
}

/** State of a running driver: locks, known pools, connections to Ceph, a private folder. */
export class Driver {
    readonly locks = new VolumeLocks();
    readonly #pools = new Pools();
    readonly #stopping = new AbortController();
    readonly #tools: CephTools;

    private constructor(
        readonly options: DriverOptions,
        private readonly dir: string,
        confFile: string,
    ) {
        const { signal } = this.#stopping;
        this.#tools = { workers: new Workers(confFile, signal), program: new RbdProgram(dir, confFile, signal) };
    }

    /**
     * Makes the driver's private folder (0700) with a ceph.conf that says nothing about any site. What a killed
     * driver left there is removed.
     */
    static async create(options: DriverOptions): Promise<Driver> {
        for (const left of await readdir(options.runDir)) {
            if (left.startsWith(PRIVATE)) await rm(join(options.runDir, left), { recursive: true, force: true });
        }
        const dir = await mkdtemp(join(options.runDir, PRIVATE));
        const confFile = join(dir, "ceph.conf");
        const settings = ["log_to_file = false", "log_to_stderr = false", "admin_socket = ", "keyring = "];
        await writeFile(confFile, ["[global]", ...settings, ""].join("\n"), { mode: 0o600 });
        return new Driver(options, dir, confFile);
    }

    /**
     * Runs `work` as the cephx user of a request.
     * @param secrets the request's secrets
     * @param work gets what is needed to find volumes
     * @throws SecretError
     */
    async as<T>(
        secrets: Readonly<Record<string, string>> | undefined,
        work: (around: Surroundings) => Promise<T>,
    ): Promise<T> {
        const credentials = readCredentials(secrets);
        return work({
            files: this.options.files,
            pools: this.#pools,
            open: async (clusterId) =>
                new Ceph(await readCluster(this.options.files, clusterId), credentials, this.#tools),
        });
    }

    /** Ends the connections to Ceph and the programs that still run, and removes the private folder. */
    async close(): Promise<void> {
        this.#stopping.abort();
        await rm(this.dir, { recursive: true, force: true });
    }
}
