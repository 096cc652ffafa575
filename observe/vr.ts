/** A VolumeReplication as the API has it, and as decisions want it. */
import type { Condition, ReplicationState, VrSnapshot } from "../dr/model.js";

/** The fields of a VolumeReplication that are read (csi-addons `api/replication.storage/v1alpha1`). */
export interface RawVr {
    metadata: {
        name: string;
        namespace?: string;
        generation?: number;
        deletionTimestamp?: string;
        annotations?: Record<string, string>;
    };
    spec: {
        replicationState: ReplicationState;
        autoResync?: boolean;
        volumeReplicationClass: string;
        dataSource: { name: string };
    };
    status?: {
        state?: "Primary" | "Secondary" | "Unknown";
        message?: string;
        observedGeneration?: number;
        conditions?: Condition[];
        lastSyncTime?: string;
        lastSyncBytes?: number;
        lastSyncDuration?: string;
    };
}

/** Turns the API's object into a snapshot, with the API's defaults filled in. */
export function toVrSnapshot(raw: RawVr): VrSnapshot {
    return {
        name: raw.metadata.name,
        generation: raw.metadata.generation ?? 1,
        deleting: raw.metadata.deletionTimestamp !== undefined,
        annotations: raw.metadata.annotations ?? {},
        spec: {
            replicationState: raw.spec.replicationState,
            autoResync: raw.spec.autoResync ?? false,
            volumeReplicationClass: raw.spec.volumeReplicationClass,
            claim: raw.spec.dataSource.name,
        },
        status: { ...raw.status, conditions: raw.status?.conditions ?? [] },
    };
}
