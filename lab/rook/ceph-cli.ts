/** Runs ceph and rbd with a connection taken from API objects. Keys are in files of mode 0600, never in arguments. */
import { join } from "node:path";
import { ExecaError, execa } from "execa";
import { privateDir, writePrivate } from "../../host/files.js";
import type { Connection } from "./shapes/cluster.js";

/** Rook's limit for a command, ROOK_CEPH_COMMANDS_TIMEOUT_SECONDS: also how long a dead peer holds an import up. */
const TIMEOUT_MS = 15_000;

/** A command that failed, with what it said. */
export class CephError extends Error {
    /**
     * @param exitCode undefined when the command ran out of time; ceph's and rbd's exit codes are errnos
     */
    constructor(
        message: string,
        readonly exitCode: number | undefined,
    ) {
        super(message);
    }
}

/** One Ceph cluster, asked as one user. */
export class CephCli {
    private readonly conf: string;
    private readonly keyring: string;

    /** @param workDir private folder for the configuration and the keyring */
    constructor(
        workDir: string,
        readonly connection: Omit<Connection, "monitors"> & { readonly monHost: string },
    ) {
        privateDir(workDir);
        this.conf = join(workDir, "ceph.conf");
        this.keyring = join(workDir, "keyring");
        writePrivate(this.keyring, `[${connection.user}]\n\tkey = ${connection.key}\n`);
        writePrivate(
            this.conf,
            [
                "[global]",
                `fsid = ${connection.fsid}`,
                `mon host = ${connection.monHost}`,
                `keyring = ${this.keyring}`,
                "log to file = false",
                "",
            ].join("\n"),
        );
    }

    /** `ceph ...`; the answer as it is. */
    async ceph(...args: string[]): Promise<string> {
        // The limit for connecting keeps a dead cluster from using up the whole time without an error of its own.
        return await this.run("ceph", [...args, "--connect-timeout=10"]);
    }

    /** `ceph ... --format json`, parsed. */
    async cephJson<T>(...args: string[]): Promise<T> {
        return JSON.parse(await this.ceph(...args, "--format", "json")) as T;
    }

    /** `rbd ...`; the answer as it is. */
    async rbd(...args: string[]): Promise<string> {
        return await this.run("rbd", args);
    }

    /** `rbd ... --format json`, parsed. */
    async rbdJson<T>(...args: string[]): Promise<T> {
        return JSON.parse(await this.rbd(...args, "--format", "json")) as T;
    }

    /** Key of a cephx user, which is made when it is missing and given these capabilities when it has others. */
    async userKey(user: string, caps: readonly string[]): Promise<string> {
        try {
            return (await this.cephJson<{ key: string }>("auth", "get-or-create-key", user, ...caps)).key;
        } catch (error) {
            // EINVAL: the user exists with other capabilities.
            if (!(error instanceof CephError) || error.exitCode !== 22) throw error;
            await this.ceph("auth", "caps", user, ...caps);
            return (await this.cephJson<{ key: string }>("auth", "get-key", user)).key;
        }
    }

    private async run(command: "ceph" | "rbd", args: readonly string[]): Promise<string> {
        try {
            const { stdout } = await execa(command, ["--conf", this.conf, "--name", this.connection.user, ...args], {
                timeout: TIMEOUT_MS,
                killSignal: "SIGKILL",
                stdin: "ignore",
            });
            return stdout;
        } catch (error) {
            if (!(error instanceof ExecaError)) throw error;
            const said = saidBy(String(error.stderr ?? ""));
            const why = error.timedOut
                ? `timed out after ${TIMEOUT_MS / 1000} s`
                : error.exitCode !== undefined
                  ? `exit status ${error.exitCode}`
                  : error.shortMessage;
            throw new CephError(`${command} ${args.join(" ")}: ${why}${said ? `. ${said}` : ""}`, error.exitCode);
        }
    }
}

/**
 * What a command said, without the time and thread that librados puts before its own lines: the same failure reads the
 * same at every try, so that it is logged and reported once.
 */
export function saidBy(stderr: string): string {
    return stderr
        .split("\n")
        .map((line) => line.replace(/^\d{4}-\d\d-\d\dT\S+ [0-9a-f]+ +-?\d+ /, "").trim())
        .filter((line) => line !== "")
        .slice(-3)
        .join("; ");
}

/** `mon host` for mon addresses: msgr2 for all but the port of msgr1. */
export function monHostOf(monitors: readonly string[]): string {
    return monitors.map((monitor) => (monitor.endsWith(":6789") ? `v1:${monitor}` : `v2:${monitor}`)).join(",");
}
