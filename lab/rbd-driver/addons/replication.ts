/** csi-addons replication: reads the state, asks the rules, does what they say. */
import type { Driver } from "../driver.js";
import { Image, ImageError } from "../image.js";
import { readMirrorInfo } from "../mirror-status.js";
import { checkScheduling, flattenMode, forceParameter, mirroringMode, schedule } from "../parameters.js";
import * as rules from "../replication-rules.js";
import { replicatedVolume, type ReplicationRequest } from "../requests.js";
import { Code, RpcError } from "../rpc-error.js";
import type { Handlers } from "../server.js";
import { SecretError } from "../credentials.js";
import { CREATION_TIME_KEY, formatTimestamp, parseTimestamp } from "../timestamp.js";
import { Errno } from "../errno.js";
import { findVolume, NotFoundError, type Volume } from "../volume.js";

/** The replication calls, in the order of checks that ceph-csi has. */
export function addonsReplication(driver: Driver): Handlers {
    const call =
        (work: (volume: Volume, request: ReplicationRequest) => Promise<object>, check?: Check) =>
        (request: ReplicationRequest) =>
            withVolume(driver, request, work, check);
    return {
        EnableVolumeReplication: call(enable, (request) => checkScheduling(request.parameters ?? {})),
        DisableVolumeReplication: call(disable),
        PromoteVolume: call(promote),
        DemoteVolume: call(demote),
        ResyncVolume: call(resync),
        GetVolumeReplicationInfo: call(replicationInfo),
    };
}

type Check = (request: ReplicationRequest) => void;

async function withVolume(
    driver: Driver,
    request: ReplicationRequest,
    work: (volume: Volume, request: ReplicationRequest) => Promise<object>,
    check: Check = () => undefined,
): Promise<object> {
    const id = replicatedVolume(request);
    if (id === "") throw new RpcError(Code.INVALID_ARGUMENT, "empty volume ID in request");
    try {
        return await driver.as(request.secrets, async (around) => {
            check(request);
            return driver.locks.with(id, async () => work(await find(id, () => findVolume(id, around)), request));
        });
    } catch (error) {
        throw error instanceof SecretError ? new RpcError(Code.INTERNAL, error.message) : error;
    }
}

async function find(id: string, work: () => Promise<Volume>): Promise<Volume> {
    try {
        return await work();
    } catch (error) {
        if (!(error instanceof NotFoundError)) {
            throw new RpcError(Code.INTERNAL, `failed to get volume from id "${id}": ${(error as Error).message}`);
        }
        const text = error.what === "image" ? `volume ${id} not found` : `pool  not found for ${id}`;
        throw new RpcError(Code.NOT_FOUND, `${text}: ${error.message}`);
    }
}

async function enable({ image, mirror, info }: Volume, { parameters = {} }: ReplicationRequest): Promise<object> {
    const mode = mirroringMode(parameters);
    const flatten = flattenMode(parameters);
    if (mirror.state === "enabled") return {};
    if (info.parent) {
        if (flatten === "force") await image.flatten();
        else await requireMirroredParent(image, info.parent);
    }
    await image.enableMirroring(mode);
    return {};
}

/** An image that shares data with a parent can be mirrored only together with it. */
async function requireMirroredParent(image: Image, parent: NonNullable<Volume["info"]["parent"]>): Promise<void> {
    const refuse = (why: string) => {
        const what = "system is not in a state required for the operation's execution";
        return new RpcError(
            Code.FAILED_PRECONDITION,
            `${what}: failed to enable mirroring on image "${image.spec}": ${why}`,
        );
    };
    if (parent.trash) throw refuse("parent is in trash");
    const original = new Image(image.ceph, parent.pool, parent.image, parent.namespace);
    const { state } = readMirrorInfo(await original.info());
    if (state !== "enabled") throw refuse(`parent image "${original.spec}" is not enabled for mirroring`);
}

async function disable({ id, image, mirror }: Volume, { parameters = {} }: ReplicationRequest): Promise<object> {
    const force = forceParameter(parameters);
    switch (rules.disableStep(id, mirror)) {
        case "done":
            break;
        case "status":
            rules.disableSecondary(await image.status());
            break;
        case "disable":
            await image.disableMirroring(force);
            rules.requireDisabled(await image.mirrorInfo());
    }
    return {};
}

async function promote({ id, image, mirror }: Volume, request: ReplicationRequest): Promise<object> {
    rules.requireMirrored(id, mirror);
    if (!mirror.primary) {
        try {
            await (request.force ? image.forcePromote() : image.promote());
        } catch (error) {
            // csi-addons takes this code as leave to force the promotion: the peer is primary, or its demotion has not arrived.
            if (error instanceof ImageError && error.errno === Errno.EBUSY) {
                throw new RpcError(Code.FAILED_PRECONDITION, error.message);
            }
            throw error;
        }
    }
    const wanted = schedule(request.parameters ?? {});
    if (wanted) await addSchedule(image, wanted);
    return {};
}

async function addSchedule(image: Image, wanted: NonNullable<ReturnType<typeof schedule>>): Promise<void> {
    try {
        await image.addSchedule(wanted);
    } catch (error) {
        throw error instanceof ImageError ? new RpcError(Code.UNKNOWN, error.message) : error;
    }
}

async function demote({ id, image, info, mirror }: Volume): Promise<object> {
    rules.requireMirrored(id, mirror);
    if (!mirror.primary) return {};
    if ((await image.metadata(CREATION_TIME_KEY)) === undefined) {
        await image.setMetadata(CREATION_TIME_KEY, formatTimestamp(await image.created(info.id)));
    }
    await image.demote();
    return {};
}

async function resync(volume: Volume, request: ReplicationRequest): Promise<object> {
    const { image, info, mirror } = volume;
    rules.requireResyncable(mirror);
    const [status, created, noted] = await Promise.all([
        statusDuringResync(image),
        image.created(info.id),
        image.metadata(CREATION_TIME_KEY),
    ]);
    const next = rules.resyncStep({
        status,
        created,
        ...(noted && { noted: parseTimestamp(noted) }),
        force: request.force ?? false,
    });
    if (next.step === "answer") return { ready: next.ready };
    await image.resync();
    throw rules.RESYNC_REQUESTED;
}

/** A resync deletes and recreates the image, so it may vanish between two questions. */
async function statusDuringResync(image: Image) {
    try {
        return await image.status();
    } catch (error) {
        if (error instanceof ImageError && error.errno === Errno.ENOENT)
            throw new RpcError(Code.ABORTED, error.message);
        throw error;
    }
}

async function replicationInfo({ image, mirror }: Volume): Promise<object> {
    rules.requirePrimary(mirror);
    const sync = rules.lastSyncOfPeer(await statusDuringResync(image));
    return {
        last_sync_time: { seconds: String(sync.time), nanos: 0 },
        ...(sync.duration !== undefined && { last_sync_duration: { seconds: String(sync.duration), nanos: 0 } }),
        last_sync_bytes: String(sync.bytes),
    };
}
