/** The `ceph` command line: JSON answers, a limit on every call, errors that say what was asked. */
import { execa, ExecaError } from "execa";

/** Limits of a call. */
export interface CephCallOptions {
    /** Milliseconds for the whole call; default 15 s. */
    readonly timeoutMs?: number;
}

/**
 * Runs `ceph` against one cluster.
 * @param conf path of its ceph.conf.
 * @returns the answer, parsed from JSON; undefined for a command that answers nothing.
 * @throws with what Ceph said, or that it did not answer in time.
 */
export async function ceph(conf: string, args: readonly string[], options: CephCallOptions = {}): Promise<unknown> {
    const timeoutMs = options.timeoutMs ?? 15_000;
    const connect = Math.max(1, Math.ceil(timeoutMs / 1000) - 1);
    try {
        const fixed = ["--conf", conf, "--connect-timeout", String(connect), "--format", "json"];
        const { stdout } = await execa("ceph", [...fixed, ...args], { timeout: timeoutMs, forceKillAfterDelay: 1000 });
        return stdout.trim() ? JSON.parse(stdout) : undefined;
    } catch (error) {
        if (!(error instanceof ExecaError)) throw error;
        const said = error.timedOut
            ? `no answer in ${Math.round(timeoutMs / 1000)} s`
            : error.stderr || error.shortMessage;
        throw new Error(`ceph ${args.join(" ")}: ${said}`, { cause: error });
    }
}

/** Health of a Ceph cluster, as far as the lab reads it. */
export interface CephHealth {
    /** `HEALTH_OK`, `HEALTH_WARN` or `HEALTH_ERR`. */
    readonly status: string;
    /** The warnings' and errors' one-line summaries. */
    readonly checks: readonly string[];
    readonly osdsUp: number;
    readonly mgrAvailable: boolean;
    /** Whether every placement group is active and clean, and none laggy. */
    readonly placementGroupsOk: boolean;
}

interface RawStatus {
    health: { status: string; checks: Record<string, { summary: { message: string } }> };
    osdmap: { num_up_osds: number };
    mgrmap: { available: boolean };
    pgmap: { pgs_by_state: Array<{ state_name: string }> };
}

/** Reads a `ceph status --format json`. */
export function readHealth(raw: unknown): CephHealth {
    const { health, osdmap, mgrmap, pgmap } = raw as RawStatus;
    return {
        status: health.status,
        checks: Object.values(health.checks).map((check) => check.summary.message),
        osdsUp: osdmap.num_up_osds,
        mgrAvailable: mgrmap.available,
        placementGroupsOk: pgmap.pgs_by_state.every(({ state_name }) =>
            /^active\+clean(\+scrubbing(\+deep)?)?$/.test(state_name),
        ),
    };
}

/**
 * Asks a cluster for its health.
 * @throws if it does not answer in time.
 */
export async function cephHealth(conf: string, options: CephCallOptions = {}): Promise<CephHealth> {
    return readHealth(await ceph(conf, ["status"], { timeoutMs: 5000, ...options }));
}
