/** What is done with one RBD image, by librbd. Failures carry ceph-csi's texts. */
import { CephError } from "./ceph-error.js";
import type { Ceph } from "./ceph.js";
import { Errno, resultText } from "./errno.js";
import { readMirrorInfo, type GlobalStatus, type ImageInfo, type MirrorInfo } from "./mirror-status.js";
import type { MirroringMode, Schedule } from "./parameters.js";
import { decodeCephTime, type Timestamp } from "./timestamp.js";

/** A forced promotion that has not ended by then is killed: it can hang while the peer is half-dead. */
const FORCED_PROMOTION_TIMEOUT_MS = 120_000;

/** An operation on an image that Ceph refused. */
export class ImageError extends Error {
    /**
     * @param message text in ceph-csi's words
     * @param errno Ceph's error number
     */
    constructor(
        message: string,
        readonly errno: number,
    ) {
        super(message);
        this.name = "ImageError";
    }
}

/** One RBD image. */
export class Image {
    /**
     * @param ceph the cluster
     * @param pool name of the pool
     * @param name name of the image
     * @param namespace RADOS namespace; that of the cluster's images by default
     */
    constructor(
        readonly ceph: Ceph,
        readonly pool: string,
        readonly name: string,
        readonly namespace: string = ceph.cluster.radosNamespace,
    ) {}

    /** `pool/image`, or `pool/namespace/image`. */
    get spec(): string {
        return [this.pool, this.namespace, this.name].filter((part) => part !== "").join("/");
    }

    /** What the image is. @throws CephError with errno ENOENT when there is no such image */
    async info(): Promise<ImageInfo> {
        return this.ask("info");
    }

    /** Mirroring of the image now. @throws ImageError */
    async mirrorInfo(): Promise<MirrorInfo> {
        return this.act(
            async () => readMirrorInfo(await this.info()),
            (result) => `failed to get mirroring info of "${this.spec}" with error: ${result}`,
        );
    }

    /** What both sites report of the image. @throws ImageError */
    async status(): Promise<GlobalStatus> {
        return this.act(
            () => this.ask<GlobalStatus>("status"),
            (result) => `failed to get image mirroring status "${this.spec}" with error: ${result}`,
        );
    }

    /**
     * Creation time to the nanosecond, from the image's header object: librbd rounds it.
     * @param imageId id of the image, from {@link info}
     */
    async created(imageId: string): Promise<Timestamp> {
        const key = "create_timestamp";
        const value = (await this.ceph.omap(this.pool, `rbd_header.${imageId}`, [key])).get(key);
        if (!value) throw new Error(`failed to get creation time for image "${this.spec}"`);
        return decodeCephTime(value);
    }

    /** Metadata of the image; undefined when the key is not set. @throws ImageError */
    async metadata(key: string): Promise<string | undefined> {
        try {
            return (await this.ask<string | null>("metadata", { key })) ?? undefined;
        } catch (error) {
            if (error instanceof CephError && error.errno === Errno.ENOENT) return undefined;
            throw asImageError(error, (result) => result);
        }
    }

    /** Sets metadata of the image. @throws ImageError */
    async setMetadata(key: string, value: string): Promise<void> {
        await this.act(
            () => this.ask("set_metadata", { key, value }),
            (result) => `failed to set metadata key "${key}", value "${value}" on image: ${result}`,
        );
    }

    /** Starts mirroring; the image becomes primary. @throws ImageError */
    async enableMirroring(mode: MirroringMode): Promise<void> {
        await this.act(
            () => this.ask("enable_mirroring", { mode }),
            (result) => `failed to enable mirroring on "${this.spec}" with error: ${result}`,
        );
    }

    /** Ends mirroring; the peer's copy goes. @throws ImageError */
    async disableMirroring(force: boolean): Promise<void> {
        await this.act(
            () => this.ask("disable_mirroring", { force }),
            (result) =>
                `failed to disable image mirroring: failed to disable mirroring on "${this.spec}" with error: ${result}`,
        );
    }

    /** Makes the image primary. Refused with EBUSY while the peer is primary or its demotion has not arrived. @throws ImageError */
    async promote(): Promise<void> {
        await this.act(
            () => this.ask("promote"),
            (result) => `failed to promote image "${this.spec}" with error: ${result}`,
        );
    }

    /** Makes the image primary whatever the peer says, within two minutes. @throws ImageError */
    async forcePromote(): Promise<void> {
        try {
            await this.ceph.rbd(["mirror", "image", "promote", this.spec, "--force"], {
                timeoutMs: FORCED_PROMOTION_TIMEOUT_MS,
            });
        } catch (error) {
            if (!(error instanceof CephError)) throw error;
            const what = error.timedOut ? "timeout: context deadline exceeded" : `exit status ${error.errno}`;
            throw new ImageError(
                `failed to promote image "${this.spec}" with error: an error (${what}) and stderror (${error.said}) ` +
                    "occurred while running rbd",
                error.errno,
            );
        }
    }

    /** Makes the image secondary. @throws ImageError */
    async demote(): Promise<void> {
        await this.act(
            () => this.ask("demote"),
            (result) => `failed to demote image "${this.spec}" with error: ${result}`,
        );
    }

    /** Asks rbd-mirror to delete this copy and fetch the peer's. @throws ImageError */
    async resync(): Promise<void> {
        await this.act(
            () => this.ask("resync"),
            (result) => `failed to resync image "${this.spec}" with error: ${result}`,
        );
    }

    /** Adds a schedule of mirror snapshots; one that is there already stays as it is. @throws ImageError */
    async addSchedule({ interval, startTime }: Schedule): Promise<void> {
        try {
            await this.ask("add_schedule", { interval, ...(startTime && { start: startTime }) });
        } catch (error) {
            if (!(error instanceof CephError)) throw error;
            throw new ImageError(`${resultText("rados", error.errno)}: "${error.said}"`, error.errno);
        }
    }

    /** Copies the parent's data, so that the image stands alone. @throws ImageError */
    async flatten(): Promise<void> {
        await this.act(
            () => this.ceph.rbd(["flatten", "--no-progress", this.spec]),
            (result) => `failed to flatten image ${this.spec}: ${result}`,
        );
    }

    /** Grows the image. @param bytes multiple of a MiB @throws ImageError */
    async resize(bytes: number): Promise<void> {
        await this.act(
            () => this.ask("resize", { size: bytes }),
            (result) => `failed to resize rbd image: ${result}`,
        );
    }

    /** How many clients have the image open. @throws ImageError */
    async watchers(): Promise<number> {
        return this.act(
            () => this.ask<number>("watchers"),
            (result) => result,
        );
    }

    /** Deletes the image with its mirror snapshots; if it is a mirrored primary, the peer's copy goes too. @throws ImageError */
    async remove(): Promise<void> {
        await this.act(
            () => this.ask("remove"),
            (result) => result,
        );
    }

    /** Makes the image. @param features empty: Ceph's own default @throws CephError */
    async create(bytes: number, features: readonly string[], dataPool?: string): Promise<void> {
        await this.ask("create", { size: bytes, features, ...(dataPool && { data_pool: dataPool }) });
    }

    private async ask<T>(what: string, args: object = {}): Promise<T> {
        return this.ceph.ask("rbd", what, { pool: this.pool, namespace: this.namespace, image: this.name, ...args });
    }

    private async act<T>(work: () => Promise<T>, text: (result: string) => string): Promise<T> {
        try {
            return await work();
        } catch (error) {
            throw asImageError(error, text);
        }
    }
}

function asImageError(error: unknown, text: (result: string) => string): unknown {
    return error instanceof CephError ? new ImageError(text(error.message), error.errno) : error;
}
