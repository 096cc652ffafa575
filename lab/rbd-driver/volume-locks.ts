import { Code, RpcError } from "./rpc-error.js";

/** One operation a volume at a time; a second one is turned away, not queued, as with ceph-csi. */
export class VolumeLocks {
    readonly #held = new Set<string>();

    /**
     * Runs `work` while holding the lock of `key`. The lock is held until the work ends, however long the caller has
     * stopped waiting: Ceph may still be busy with it.
     * @param key volume id, or name of a volume to be created
     * @throws RpcError ABORTED when the lock is held
     */
    async with<T>(key: string, work: () => Promise<T>): Promise<T> {
        if (this.#held.has(key)) {
            throw new RpcError(Code.ABORTED, `an operation with the given Volume ID ${key} already exists`);
        }
        this.#held.add(key);
        try {
            return await work();
        } finally {
            this.#held.delete(key);
        }
    }
}
