import type { Cluster } from "./cluster-config.js";
import type { Credentials } from "./credentials.js";
import type { Workers } from "./librbd/workers.js";
import type { RbdProgram, RunOptions } from "./rbd-program.js";

/** The two ways to Ceph. */
export interface CephTools {
    readonly workers: Workers;
    readonly program: RbdProgram;
}

/** Ceph as one user of one cluster sees it, for the time of one call. */
export class Ceph {
    /**
     * @param cluster where the monitors are
     * @param credentials cephx user
     * @param tools the driver's
     */
    constructor(
        readonly cluster: Cluster,
        readonly credentials: Credentials,
        private readonly tools: CephTools,
    ) {}

    /** Identifies cluster and user, for caches. */
    get key(): string {
        return `${this.cluster.monitors} ${this.credentials.user}`;
    }

    /**
     * Asks librbd (librados for what is about `rados`), by a function's name in librbd/questions.py.
     * @param args the function's arguments
     * @throws CephError
     */
    async ask<T>(about: "rbd" | "rados", ask: string, args: Readonly<Record<string, unknown>> = {}): Promise<T> {
        const login = { monitors: this.cluster.monitors, ...this.credentials };
        return (await this.tools.workers.ask(login, { about, ask, with: args })) as T;
    }

    /** Runs the `rbd` program. @throws CephError */
    async rbd(args: readonly string[], options?: RunOptions): Promise<void> {
        await this.tools.program.run(this.cluster, this.credentials, args, options);
    }

    /**
     * Values of those of an object's omap keys that are there.
     * @param keys which ones; of an object that does not exist there are none
     * @throws CephError
     */
    async omap(pool: string, object: string, keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
        const namespace = this.cluster.radosNamespace;
        const values = await this.ask<Record<string, string>>("rados", "omap", { pool, namespace, object, keys });
        return new Map(Object.entries(values).map(([key, value]) => [key, Buffer.from(value, "base64")]));
    }

    /** Names of the pools by id. @throws CephError */
    async pools(): Promise<ReadonlyMap<number, string>> {
        const pools = await this.ask<{ id: number; name: string }[]>("rados", "pools");
        return new Map(pools.map(({ id, name }) => [id, name]));
    }
}
