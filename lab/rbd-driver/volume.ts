/** From a volume's handle to its image. */
import { CephError } from "./ceph-error.js";
import type { Ceph } from "./ceph.js";
import { mappedPlaces, readMapping, type ConfigFiles } from "./cluster-config.js";
import { Errno, resultText } from "./errno.js";
import { BadHandleError, parseHandle, type VolumeHandle } from "./handle.js";
import { Image } from "./image.js";
import { Journal } from "./journal.js";
import { readMirrorInfo, type ImageInfo, type MirrorInfo } from "./mirror-status.js";
import type { Pools } from "./pools.js";

/** A volume whose image was found. */
export interface Volume {
    readonly id: string;
    readonly handle: VolumeHandle;
    readonly image: Image;
    readonly info: ImageInfo;
    readonly mirror: MirrorInfo;
    readonly journal: Journal;
}

/** Why a volume was not found: no such image, or no such pool. The text is what ceph-csi says inside its own. */
export class NotFoundError extends Error {
    constructor(
        readonly what: "image" | "pool",
        message: string,
        /** Where the image should have been; undefined when there is no such pool. */
        readonly journal?: Journal,
    ) {
        super(message);
        this.name = "NotFoundError";
    }
}

/** What finding a volume needs of the driver. */
export interface Surroundings {
    readonly files: ConfigFiles;
    readonly pools: Pools;
    /** Opens a cluster by id, as the user of the request. */
    readonly open: (clusterId: string) => Promise<Ceph>;
}

/**
 * Finds a volume by its handle: in the pool that the handle names, else in a pool that the mapping names.
 * @throws NotFoundError when neither has it (the text is that of the first place)
 * @throws BadHandleError with ceph-csi's text
 */
export async function findVolume(volumeId: string, around: Surroundings): Promise<Volume> {
    const handle = readHandle(volumeId);
    try {
        return await findAt(volumeId, handle, around);
    } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
        for (const place of mappedPlaces(await readMapping(around.files), handle.clusterId, handle.poolId)) {
            try {
                return await findAt(volumeId, { ...handle, ...place }, around);
            } catch (mappedError) {
                if (!(mappedError instanceof NotFoundError)) throw mappedError;
            }
        }
        throw error;
    }
}

function readHandle(volumeId: string): VolumeHandle {
    try {
        return parseHandle(volumeId);
    } catch (error) {
        if (!(error instanceof BadHandleError)) throw error;
        throw new BadHandleError(`invalid VolumeID: error decoding volume ID (${error.message}) (${volumeId})`);
    }
}

async function findAt(id: string, handle: VolumeHandle, around: Surroundings): Promise<Volume> {
    const ceph = await around.open(handle.clusterId);
    const pool = await around.pools.name(ceph, handle.poolId);
    if (pool === undefined) {
        throw new NotFoundError("pool", `pool not found: pool ID(${handle.poolId}) not found in Ceph cluster`);
    }
    const journal = new Journal(ceph, pool);
    // Most images have the default name, and a site that did not create the volume has no journal of it.
    const usual = `csi-vol-${handle.uuid}`;
    const [name, usualInfo] = await Promise.all([journal.imageName(handle.uuid), infoOf(new Image(ceph, pool, usual))]);
    const image = new Image(ceph, pool, name ?? usual);
    const info = image.name === usual ? usualInfo : await infoOf(image);
    if (!info) {
        around.pools.forget(ceph);
        const result = `internal RBD image not found: ${resultText("rbd", Errno.ENOENT)}`;
        throw new NotFoundError("image", `Failed as image not found (${result})`, journal);
    }
    return { id, handle, image, info, mirror: readMirrorInfo(info), journal };
}

/** Undefined when there is no such image. */
async function infoOf(image: Image): Promise<ImageInfo | undefined> {
    try {
        return await image.info();
    } catch (error) {
        if (error instanceof CephError && error.missing) return undefined;
        throw error;
    }
}
