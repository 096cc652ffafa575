/** CSI controller: makes, grows and deletes images. */
import { randomUUID } from "node:crypto";
import { CephError } from "../ceph-error.js";
import { SecretError } from "../credentials.js";
import type { Driver } from "../driver.js";
import { BadHandleError, formatHandle } from "../handle.js";
import { Image, ImageError } from "../image.js";
import { Journal, type Reservation } from "../journal.js";
import type { CreateVolumeRequest, ExpandVolumeRequest, ValidateRequest, VolumeRequest } from "../requests.js";
import { Code, RpcError } from "../rpc-error.js";
import type { Handlers } from "../server.js";
import { Errno, resultText } from "../errno.js";
import { findVolume, NotFoundError, type Surroundings, type Volume } from "../volume.js";
import { imageRequest, volumeContext, type ImageRequest } from "./create-parameters.js";
import { askedSize, roundUpBytes, type Size } from "./sizes.js";

/** The CSI controller calls that the lab's sidecars make. */
export function csiController(driver: Driver): Handlers {
    return {
        ControllerGetCapabilities: async () => ({
            capabilities: ["CREATE_DELETE_VOLUME", "EXPAND_VOLUME", "SINGLE_NODE_MULTI_WRITER"].map((type) => ({
                rpc: { type },
            })),
        }),
        CreateVolume: (request: CreateVolumeRequest) => createVolume(driver, request),
        DeleteVolume: (request: VolumeRequest) => deleteVolume(driver, request),
        ControllerExpandVolume: (request: ExpandVolumeRequest) => expandVolume(driver, request),
        ValidateVolumeCapabilities: (request: ValidateRequest) => validateCapabilities(driver, request),
    };
}

/** As {@link Driver.as}, with the code that CSI calls answer when the secrets are no good. */
async function asUser<T>(driver: Driver, request: VolumeRequest, work: (around: Surroundings) => Promise<T>) {
    try {
        return await driver.as(request.secrets, work);
    } catch (error) {
        throw error instanceof SecretError ? new RpcError(Code.INVALID_ARGUMENT, error.message) : error;
    }
}

async function createVolume(driver: Driver, request: CreateVolumeRequest): Promise<object> {
    const wanted = imageRequest(request);
    const size = askedSize(request.capacity_range);
    return asUser(driver, request, (around) =>
        driver.locks.with(wanted.name, async () => {
            const ceph = await around.open(wanted.clusterId);
            const poolId = await around.pools.id(ceph, wanted.pool);
            if (poolId === undefined) {
                throw new RpcError(
                    Code.INTERNAL,
                    `pool not found: pool (${wanted.pool}) not found in Ceph cluster ${wanted.clusterId}`,
                );
            }
            const journal = new Journal(ceph, wanted.pool);
            const image = (reservation: Reservation) => new Image(ceph, wanted.pool, reservation.imageName);
            let reservation = await journal.byName(wanted.name);
            let bytes = reservation && (await existingSize(image(reservation), size));
            if (!reservation || bytes === undefined) {
                await journal.releaseName(wanted.name);
                reservation = newReservation(wanted);
                await journal.reserve(reservation);
                bytes = await makeImage(driver, image(reservation), journal, reservation, wanted, size, request);
            }
            const parameters = request.parameters ?? {};
            return {
                volume: {
                    volume_id: formatHandle({ clusterId: wanted.clusterId, poolId, uuid: reservation.uuid }),
                    capacity_bytes: String(bytes),
                    volume_context: {
                        ...volumeContext(parameters),
                        pool: wanted.pool,
                        journalPool: wanted.pool,
                        imageName: reservation.imageName,
                    },
                },
            };
        }),
    );
}

function newReservation({ name, namePrefix }: ImageRequest): Reservation {
    const uuid = randomUUID();
    return { uuid, requestName: name, imageName: `${namePrefix}${uuid}` };
}

/** Size of the image made for the same name before; undefined when it is gone. */
async function existingSize(image: Image, size: Size): Promise<number | undefined> {
    let bytes: number;
    try {
        bytes = (await image.info()).size;
    } catch (error) {
        if (error instanceof CephError && error.missing) return undefined;
        throw error;
    }
    if (bytes >= size.bytes && bytes <= (size.limit ?? Infinity)) return bytes;
    throw new RpcError(
        Code.ALREADY_EXISTS,
        `volume name conflict: image with the same name (${image.name}) but with different size already exists`,
    );
}

async function makeImage(
    driver: Driver,
    image: Image,
    journal: Journal,
    reservation: Reservation,
    wanted: ImageRequest,
    size: Size,
    request: CreateVolumeRequest,
): Promise<number> {
    try {
        await image.create(size.bytes, wanted.features, wanted.dataPool);
    } catch (error) {
        await journal.release(reservation.uuid, reservation.requestName);
        if (!(error instanceof CephError)) throw error;
        throw new RpcError(
            Code.INTERNAL,
            `failed to create rbd image: ${resultText("rbd", error.errno)}: ${error.said}`,
        );
    }
    await noteMetadata(driver, image, request);
    return size.bytes;
}

/** Notes on the image whom it belongs to, where the driver was told to. */
async function noteMetadata({ options }: Driver, image: Image, request: CreateVolumeRequest): Promise<void> {
    if (!options.setMetadata) return;
    const names = ["csi.storage.k8s.io/pvc/name", "csi.storage.k8s.io/pvc/namespace", "csi.storage.k8s.io/pv/name"];
    for (const key of names) {
        const value = request.parameters?.[key];
        if (value) await image.setMetadata(key, value);
    }
    if (options.clusterName) await image.setMetadata("csi.ceph.com/cluster/name", options.clusterName);
}

async function deleteVolume(driver: Driver, request: VolumeRequest): Promise<object> {
    const id = request.volume_id;
    if (!id) throw new RpcError(Code.INVALID_ARGUMENT, "empty volume ID in request");
    return asUser(driver, request, (around) =>
        driver.locks.with(id, async () => {
            let volume: Volume;
            try {
                volume = await findVolume(id, around);
            } catch (error) {
                if (!(error instanceof NotFoundError)) throw error;
                await forget(id, error, around);
                return {};
            }
            const uuid = volume.handle.uuid;
            const name = (await volume.journal.byUuid(uuid))?.requestName;
            if (name === undefined) await removeImage(volume);
            else await driver.locks.with(name, () => removeImage(volume));
            await volume.journal.release(uuid, name);
            return {};
        }),
    );
}

/** The image is gone already: only the journal may still know it. */
async function forget(id: string, { journal }: NotFoundError, _around: Surroundings): Promise<void> {
    const uuid = id.slice(-36);
    if (journal) await journal.release(uuid, (await journal.byUuid(uuid))?.requestName);
}

async function removeImage({ image, mirror }: Volume): Promise<void> {
    if (mirror.state === "enabled" && !mirror.primary) {
        const { local } = await image.status();
        // A healthy secondary cannot be deleted here; it goes when the primary does.
        if (local?.up && local.state === "replaying") return;
        throw new RpcError(Code.INTERNAL, `cannot map image ${image.spec} it is not primary`);
    }
    const expected = mirror.primary ? image.ceph.cluster.mirrorDaemons : 0;
    const inUse = new RpcError(Code.INTERNAL, `rbd ${image.name} is still being used`);
    if ((await image.watchers()) > expected) throw inUse;
    try {
        await image.remove();
    } catch (error) {
        throw error instanceof ImageError && error.errno === Errno.EBUSY ? inUse : error;
    }
}

async function expandVolume(driver: Driver, request: ExpandVolumeRequest): Promise<object> {
    const id = request.volume_id;
    if (!id) throw new RpcError(Code.INVALID_ARGUMENT, "volume ID cannot be empty");
    const range = request.capacity_range;
    if (!range) throw new RpcError(Code.INVALID_ARGUMENT, "capacityRange cannot be empty");
    return asUser(driver, request, (around) =>
        driver.locks.with(id, async () => {
            const { image, info } = await findForCsi(id, around);
            const bytes = roundUpBytes(Number(range.required_bytes ?? 0));
            if (Number(range.limit_bytes ?? 0) > 0 && bytes > Number(range.limit_bytes)) {
                throw new RpcError(Code.OUT_OF_RANGE, `${bytes} bytes exceed the limit of ${range.limit_bytes} bytes`);
            }
            if (info.size < bytes) await image.resize(bytes);
            return {
                capacity_bytes: String(Math.max(info.size, bytes)),
                node_expansion_required: !request.volume_capability?.block,
            };
        }),
    );
}

async function validateCapabilities(driver: Driver, request: ValidateRequest): Promise<object> {
    const id = request.volume_id;
    if (!id) throw new RpcError(Code.INVALID_ARGUMENT, "empty volume ID in request");
    const capabilities = request.volume_capabilities ?? [];
    if (capabilities.length === 0) throw new RpcError(Code.INVALID_ARGUMENT, "empty volume capabilities in request");
    // ceph-csi does not look for the volume; the CSI specification wants NOT_FOUND, which needs the secrets.
    if (request.secrets && Object.keys(request.secrets).length > 0) {
        await asUser(driver, request, (around) => findForCsi(id, around));
    }
    const single = capabilities.every(({ access_mode }) => access_mode?.mode?.startsWith("SINGLE_NODE_"));
    return single ? { confirmed: { volume_capabilities: capabilities } } : {};
}

async function findForCsi(id: string, around: Surroundings): Promise<Volume> {
    try {
        return await findVolume(id, around);
    } catch (error) {
        if (error instanceof NotFoundError) {
            const text = error.what === "image" ? `volume ID ${id} not found` : error.message;
            throw new RpcError(Code.NOT_FOUND, text);
        }
        if (error instanceof BadHandleError) throw new RpcError(Code.NOT_FOUND, error.message);
        throw error;
    }
}
