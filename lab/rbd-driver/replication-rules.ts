/**
 * What each replication call may do with an image in a given state: pure functions over what Ceph says, in the order
 * and with the codes and texts of ceph-csi as of 2024-10 (3.10 and later).
 */
import type { GlobalStatus, LastSync, MirrorInfo } from "./mirror-status.js";
import { readLastSync } from "./mirror-status.js";
import { Code, RpcError } from "./rpc-error.js";
import { resultText } from "./errno.js";
import { sameTime, type Timestamp } from "./timestamp.js";

/**
 * Promote and Demote need a mirrored image.
 * @throws RpcError INVALID_ARGUMENT
 */
export function requireMirrored(volumeId: string, info: MirrorInfo): void {
    if (info.state === "enabled") return;
    throw new RpcError(
        Code.INVALID_ARGUMENT,
        `mirroring is not enabled on ${volumeId}, image is in ${info.state} Mode`,
    );
}

/** What Disable does next. `status`: an image that is secondary here is judged by {@link disableSecondary}. */
export type DisableStep = "done" | "disable" | "status";

/**
 * Disable, by the image's mirroring alone.
 * @throws RpcError ABORTED while a former disable is under way, INVALID_ARGUMENT for a state unknown here
 */
export function disableStep(volumeId: string, info: MirrorInfo): DisableStep {
    switch (info.state) {
        case "disabled":
            return "done";
        case "disabling":
            throw new RpcError(Code.ABORTED, `${volumeId} is in disabling state`);
        case "enabled":
            return info.primary ? "disable" : "status";
        default:
            throw new RpcError(Code.INVALID_ARGUMENT, `image is in ${info.state} Mode`);
    }
}

/**
 * Disable on a secondary: only a healthy one answers OK, and nothing is done to it, as it goes when mirroring is
 * disabled on the primary.
 * @throws RpcError INVALID_ARGUMENT for any other secondary
 */
export function disableSecondary({ local }: GlobalStatus): void {
    if (!local) throw new RpcError(Code.INVALID_ARGUMENT, "failed to get local state: invalid arguments provided");
    if (local.up && local.state === "replaying") return;
    throw new RpcError(
        Code.INVALID_ARGUMENT,
        `invalid arguments provided: secondary image status is up=${local.up} and state=${local.state}`,
    );
}

/**
 * After a disable the image must not be mirrored any more.
 * @throws RpcError ABORTED, to be asked again
 */
export function requireDisabled(info: MirrorInfo): void {
    if (info.state === "disabled") return;
    throw new RpcError(
        Code.ABORTED,
        `operation got aborted: image is in "${info.state}" state, expected state "disabled"`,
    );
}

/**
 * Resync needs a mirrored image that is secondary here.
 * @throws RpcError INVALID_ARGUMENT
 */
export function requireResyncable(info: MirrorInfo): void {
    if (info.state !== "enabled") throw new RpcError(Code.INVALID_ARGUMENT, "image mirroring is not enabled");
    if (info.primary) throw new RpcError(Code.INVALID_ARGUMENT, "image is in primary state");
}

/** What Resync looks at. */
export interface ResyncView {
    readonly status: GlobalStatus;
    /** Creation time of the image as it is now. */
    readonly created: Timestamp;
    /** Creation time that Demote noted on the image; undefined on an image that was recreated since. */
    readonly noted?: Timestamp;
    /** The request's `force`, which is the VR's `autoResync`. */
    readonly force: boolean;
}

/** `resync`: ask rbd-mirror to recreate the image. `answer`: nothing to do but say how it stands. */
export type ResyncStep = { readonly step: "resync" } | { readonly step: "answer"; readonly ready: boolean };

/**
 * Resync. Ready means that both sites are demoted and hold the same data. With `force`, an image that still is the
 * one that was demoted is given up, **healthy or not**: this is the driver's rule, and the reason why nobody should
 * set autoResync in a planned failover.
 * @throws RpcError UNKNOWN without a local report; INTERNAL while the report shows no progress
 */
export function resyncStep({ status, created, noted, force }: ResyncView): ResyncStep {
    const { local, remotes } = status;
    if (!local) {
        throw new RpcError(
            Code.UNKNOWN,
            `failed to get local status: failed to get local site status: RBD image not found: ${resultText("rbd", 2)}`,
        );
    }
    const unknown = (site: { up: boolean; state: string }) => site.up && site.state === "unknown";
    const ready = unknown(local) && remotes.length > 0 && remotes.every(unknown);
    if (force && noted && sameTime(noted, created)) return { step: "resync" };
    if (!ready) {
        const sync = readLastSync(local.description);
        if ("text" in sync) throw new RpcError(Code.INTERNAL, sync.text);
    }
    return { step: "answer", ready };
}

/** The answer to a Resync that asked for one: come back later. */
export const RESYNC_REQUESTED = new RpcError(
    Code.UNAVAILABLE,
    "image needs to be recreated: awaiting initial resync due to split brain",
);

/**
 * GetVolumeReplicationInfo is answered by the primary only.
 * @throws RpcError INVALID_ARGUMENT
 */
export function requirePrimary(info: MirrorInfo): void {
    if (info.state !== "enabled") throw new RpcError(Code.INVALID_ARGUMENT, "image mirroring is not enabled");
    if (!info.primary) throw new RpcError(Code.INVALID_ARGUMENT, "image is not in primary state");
}

/**
 * The last sync of the first peer that has reported.
 * @throws RpcError INTERNAL without a report, NOT_FOUND when the report has no sync time
 */
export function lastSyncOfPeer({ remotes }: GlobalStatus): LastSync {
    const remote = remotes[0];
    if (!remote) throw new RpcError(Code.INTERNAL, `failed to get remote status: ${resultText("rbd", 2)}`);
    const sync = readLastSync(remote.description);
    if ("text" in sync) throw new RpcError(sync.notFound ? Code.NOT_FOUND : Code.INTERNAL, sync.text);
    return sync;
}
