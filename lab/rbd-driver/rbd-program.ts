/** The `rbd` program, for what is rare, or must be ended when it takes too long: a call of librbd's cannot be. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { CephError } from "./ceph-error.js";
import type { Cluster } from "./cluster-config.js";
import type { Credentials } from "./credentials.js";

/** How the program is run. */
export interface RunOptions {
    /** Milliseconds after which it is killed; without it there is no limit, as librbd has none. */
    readonly timeoutMs?: number;
}

/** Runs `rbd`. */
export class RbdProgram {
    /**
     * @param dir private folder of the driver
     * @param confFile a ceph.conf without anything site specific, so that the machine's own is not read
     * @param signal ends what runs when the driver stops
     */
    constructor(
        private readonly dir: string,
        private readonly confFile: string,
        private readonly signal: AbortSignal,
    ) {}

    /** Runs `rbd` as a cephx user. @throws CephError with the program's last words */
    async run(
        { monitors }: Cluster,
        credentials: Credentials,
        args: readonly string[],
        { timeoutMs }: RunOptions = {},
    ): Promise<void> {
        const result = await withKeyFile(credentials, this.dir, (keyFile) => {
            const login = ["--conf", this.confFile, "--id", credentials.user, "--keyfile", keyFile, "-m", monitors];
            return execa("rbd", [...login, ...args], {
                reject: false,
                stdin: "ignore",
                env: { CEPH_ARGS: undefined, CEPH_CONF: undefined },
                cancelSignal: this.signal,
                forceKillAfterDelay: 1000,
                killSignal: "SIGTERM",
                ...(timeoutMs !== undefined && { timeout: timeoutMs }),
            });
        });
        if (!result.failed) return;
        if (result.code === "ENOENT") {
            throw new Error("the program rbd is not on PATH: install the package ceph-common");
        }
        const said = result.stderr.trim().split("\n").at(-1) || (result.originalMessage ?? "");
        throw new CephError("rbd", result.exitCode ?? 4, said, result.timedOut);
    }
}

/**
 * Writes a key to a file (0600, in a folder of its own with 0700) for as long as `work` takes: a key never stands in an
 * argument list.
 * @param dir private folder of the driver
 */
export async function withKeyFile<T>(
    { key }: Credentials,
    dir: string,
    work: (keyFile: string) => Promise<T>,
): Promise<T> {
    const folder = await mkdtemp(join(dir, "key-"));
    try {
        const keyFile = join(folder, "key");
        await writeFile(keyFile, key, { mode: 0o600 });
        return await work(keyFile);
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}
