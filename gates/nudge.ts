/** Has csi-addons look at a demoted volume as soon as Ceph has handed it over, and not only when its next poll is due. */
import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { ClusterAccess } from "../config.js";
import type { VolumeSnapshot } from "../dr/model.js";
import { handedOver } from "../dr/vr-status.js";
import { connect, within } from "../observe/cluster.js";
import { REPLICATION_API } from "../observe/lists.js";
import { toVrSnapshot, type RawVr } from "../observe/vr.js";

/** Asks the controller to look at a volume; false where it has looked meanwhile. */
export type Nudge = (volume: VolumeSnapshot) => Promise<boolean>;

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
