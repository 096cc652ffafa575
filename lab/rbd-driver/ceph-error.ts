import { Errno, resultText } from "./errno.js";

/** Something that Ceph refused. */
export class CephError extends Error {
    /**
     * @param asked who answered: `rbd` for an image, `rados` for anything else
     * @param errno error number
     * @param said Ceph's own words
     * @param timedOut true when a program was ended because it took too long
     */
    constructor(
        readonly asked: "rbd" | "rados",
        readonly errno: number,
        readonly said: string,
        readonly timedOut = false,
    ) {
        super(
            timedOut ? `${asked}: no answer in time` : asked === "rbd" ? resultText("rbd", errno) : `${asked}: ${said}`,
        );
        this.name = "CephError";
    }

    /** True when a pool, image, or object does not exist. */
    get missing(): boolean {
        return this.errno === Errno.ENOENT;
    }
}
