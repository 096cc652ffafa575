import type { Ceph } from "./ceph.js";

/** Names and ids of pools, remembered, as they hardly ever change and every call wants one. */
export class Pools {
    readonly #known = new Map<string, ReadonlyMap<number, string>>();

    /** Name of a pool; undefined when the cluster has no pool of that id. @throws CephError */
    async name(ceph: Ceph, id: number): Promise<string | undefined> {
        return this.#known.get(ceph.key)?.get(id) ?? (await this.load(ceph)).get(id);
    }

    /** Id of a pool; undefined when the cluster has no pool of that name. @throws CephError */
    async id(ceph: Ceph, name: string): Promise<number | undefined> {
        const find = (pools?: ReadonlyMap<number, string>) => [...(pools ?? [])].find(([, pool]) => pool === name)?.[0];
        return find(this.#known.get(ceph.key)) ?? find(await this.load(ceph));
    }

    /** Forgets a cluster's pools: the next question is put to Ceph. For when a pool may have been made anew. */
    forget(ceph: Ceph): void {
        this.#known.delete(ceph.key);
    }

    private async load(ceph: Ceph): Promise<ReadonlyMap<number, string>> {
        const pools = await ceph.pools();
        this.#known.set(ceph.key, pools);
        return pools;
    }
}
