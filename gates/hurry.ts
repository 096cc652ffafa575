/** Has csi-addons look at a demoted volume as soon as Ceph has handed it over, and not only when its next poll is due. */
import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterAccess } from "../config.js";
import { volumeIn } from "../dr/facts.js";
import { handoverUnseen } from "../dr/handover-unseen.js";
import type { VolumeKey, VolumeSnapshot } from "../dr/model.js";
import { handedOver, replaying } from "../dr/vr-status.js";
import { connect, within } from "../observe/cluster.js";
import type { Observation } from "../observe/index.js";
import { REPLICATION_API } from "../observe/lists.js";
import { toVrSnapshot, type RawVr } from "../observe/vr.js";
import { mark } from "../timings.js";

/** Seconds between two looks at both sites. */
const INTERVAL = 1.5;
/** Seconds after which the controller's own polls have to do. */
const LONGEST = 120;
/** How often the controller is asked to look. A look that comes too early costs it nothing: its next poll stays due. */
const MOST_NUDGES = 3;

/** Asks the controller to look at a volume; false where it has looked meanwhile. */
export type Nudge = (volume: VolumeSnapshot) => Promise<boolean>;

/**
 * Watches a volume that is demoted until it is handed over, and asks for a look once there is something to see. Nothing
 * depends on it: without it, or where Ceph cannot be looked at, the controller's poll says the same later.
 *
 * @param observation of the volume's group; its looks are shared with whoever waits at the same time
 * @param key the volume
 * @param nudge asks the controller to look
 */
export async function hurryHandover(
    { again }: Pick<Observation, "again">,
    key: VolumeKey,
    nudge: Nudge,
    interval = INTERVAL,
): Promise<void> {
    const end = Date.now() + LONGEST * 1000;
    for (let nudges = 0; nudges < MOST_NUDGES && Date.now() < end;) {
        await sleep(interval * 1000, undefined, { ref: false });
        const now = await again();
        const [own, peer] = [volumeIn(now.own, key), volumeIn(now.peer, key)];
        if (isOver(own, peer)) return;
        if (own === undefined || !handoverUnseen(own, peer)) continue;
        nudges++;
        if (await nudge(own)) mark("asked csi-addons to look");
    }
}

/** Handed over, as the controller has said itself; or long since, and the copy replays from the other site again. */
function isOver(own: VolumeSnapshot | undefined, peer: VolumeSnapshot | undefined): boolean {
    return (own?.vr !== undefined && (handedOver(own.vr) || replaying(own.vr))) || peer?.image?.primary === true;
}

/**
 * The nudge: csi-addons looks at a VR when its spec changes, and at nothing else. The field that changes is the one that
 * ceph-csi does not read, `replicationHandle`, and becomes the volume's own handle, or empty again.
 *
 * The change is made to the VR as it was read, so that it fails where the controller has written anything since: a handover
 * that is there already must not be asked for once more, as the peer may have been promoted on it.
 */
export function nudgeVr(access: ClusterAccess): Nudge {
    return async ({ key, pv }) => {
        const [namespace, name] = key.split("/") as [string, string];
        const { custom } = connect(access);
        const at = { ...REPLICATION_API, plural: "volumereplications", namespace, name };
        const raw = (await within(custom.getNamespacedCustomObject(at), `VolumeReplication ${key}`)) as NudgedVr;
        if (handedOver(toVrSnapshot(raw))) return false;
        const replicationHandle = raw.spec.replicationHandle ? "" : (pv?.volumeHandle ?? key);
        const body = { metadata: { resourceVersion: raw.metadata.resourceVersion }, spec: { replicationHandle } };
        const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
        await within(custom.patchNamespacedCustomObject({ ...at, body }, mergePatch), `VolumeReplication ${key}`);
        return true;
    };
}

interface NudgedVr extends RawVr {
    readonly metadata: RawVr["metadata"] & { readonly resourceVersion?: string };
    readonly spec: RawVr["spec"] & { readonly replicationHandle?: string };
}
