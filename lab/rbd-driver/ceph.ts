/** The edge to Ceph's command line programs: the only file that starts processes. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { Cluster } from "./cluster-config.js";
import type { Credentials } from "./credentials.js";
import { Errno, resultText } from "./errno.js";

/** A Ceph program that failed. */
export class CephError extends Error {
    /**
     * @param program `rbd`, `rados` or `ceph`
     * @param errno exit code, which for `rbd` is the error number
     * @param said the program's last words
     * @param timedOut true when it was ended because it took too long
     */
    constructor(
        readonly program: string,
        readonly errno: number,
        readonly said: string,
        readonly timedOut: boolean,
    ) {
        super(
            timedOut
                ? `${program}: no answer in time`
                : program === "rbd"
                  ? resultText("rbd", errno)
                  : `${program}: ${said}`,
        );
        this.name = "CephError";
    }

    /** True when an object, image or key does not exist; `rados` exits with 1 whatever it was, so its words have to tell. */
    get missing(): boolean {
        return this.errno === Errno.ENOENT || /No such key|\(2\) No such file or directory/.test(this.said);
    }
}

/** How a program is run. */
export interface RunOptions {
    /** Milliseconds after which it is killed; without it there is no limit, as librbd has none. */
    readonly timeoutMs?: number;
}

/** Ceph as one user of one cluster sees it, for the time of one call. */
export class Ceph {
    /**
     * @param cluster where the monitors are
     * @param credentials cephx user
     * @param confFile a ceph.conf without anything site specific, so that the machine's own is not read
     * @param signal ends the running programs when the driver stops
     */
    constructor(
        readonly cluster: Cluster,
        readonly credentials: Credentials,
        private readonly confFile: string,
        private readonly signal: AbortSignal,
    ) {}

    /** Identifies cluster and user, for caches. */
    get key(): string {
        return `${this.cluster.monitors} ${this.credentials.user}`;
    }

    /** Runs `rbd`; returns its standard output. @throws CephError */
    async rbd(args: readonly string[], options: RunOptions = {}): Promise<string> {
        return new TextDecoder().decode(await this.run("rbd", args, options));
    }

    /** Runs `rbd --format json`. @throws CephError */
    async rbdJson<T>(args: readonly string[]): Promise<T> {
        return JSON.parse(await this.rbd([...args, "--format", "json"])) as T;
    }

    /** Runs `rados` in a pool (and the cluster's RADOS namespace); returns its standard output. @throws CephError */
    async rados(pool: string, args: readonly string[]): Promise<Uint8Array> {
        const { radosNamespace } = this.cluster;
        return this.run("rados", ["--pool", pool, ...(radosNamespace ? ["--namespace", radosNamespace] : []), ...args]);
    }

    /**
     * Value of an omap key; undefined when object or key does not exist. It goes through a file, as `rados` shows a
     * value as a hex dump and cannot open the kind of pipe that it is given here.
     * @throws CephError
     */
    async omapValue(pool: string, object: string, key: string): Promise<Uint8Array | undefined> {
        const file = join(dirname(this.credentials.keyFile), `omap-${randomUUID()}`);
        try {
            await this.rados(pool, ["getomapval", object, key, file]);
            return await readFile(file);
        } catch (error) {
            if (error instanceof CephError && error.missing) return undefined;
            throw error;
        }
    }

    /** Names of the pools by id. @throws CephError */
    async pools(): Promise<ReadonlyMap<number, string>> {
        const text = new TextDecoder().decode(await this.run("ceph", ["osd", "lspools", "--format", "json"]));
        const pools = JSON.parse(text) as { poolnum: number; poolname: string }[];
        return new Map(pools.map((pool) => [pool.poolnum, pool.poolname]));
    }

    private async run(program: string, args: readonly string[], { timeoutMs }: RunOptions = {}): Promise<Uint8Array> {
        const { user, keyFile } = this.credentials;
        const login = ["--conf", this.confFile, "--id", user, "--keyfile", keyFile, "-m", this.cluster.monitors];
        const result = await execa(program, [...login, ...args], {
            reject: false,
            encoding: "buffer",
            stdin: "ignore",
            env: { CEPH_ARGS: undefined, CEPH_CONF: undefined },
            cancelSignal: this.signal,
            forceKillAfterDelay: 1000,
            killSignal: "SIGTERM",
            ...(timeoutMs !== undefined && { timeout: timeoutMs }),
        });
        if (!result.failed) return result.stdout;
        if (result.code === "ENOENT") {
            throw new Error(`the program ${program} is not on PATH: install the package ceph-common`);
        }
        // `rados` says on its standard output that there is no such key.
        const said = lastLine(result.stderr) || lastLine(result.stdout);
        throw new CephError(program, result.exitCode ?? 4, said || (result.originalMessage ?? ""), result.timedOut);
    }
}

function lastLine(output: Uint8Array): string {
    return new TextDecoder().decode(output).trim().split("\n").at(-1) ?? "";
}
