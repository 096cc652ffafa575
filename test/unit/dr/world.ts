/** Snapshots, outputs and inputs for the tests of the decision core, in the words of the field. */
import { TERM_ANNOTATION } from "../../../dr/vr-status.js";
import type {
    Condition,
    DecisionInput,
    ImageSnapshot,
    SiteIntent,
    SiteOutputs,
    SiteSnapshot,
    StackOutputs,
    VolumeRecord,
    VolumeSnapshot,
    VrSnapshot,
} from "../../../dr/model.js";

export const AT = "2026-03-01T12:00:00.000Z";
export const KEY = "default/rbd-pvc";
export const PV_NAME = "pvc-0a1b";

type Face = "TFF" | "TTF" | "TTT" | "FTF" | "none";

const letters: Record<string, Condition["status"]> = { T: "True", F: "False" };

/** A VR with Completed, Degraded, Resyncing as three letters, at the current generation. */
export function vr(
    asks: "primary" | "secondary" | "resync",
    face: Face,
    more: {
        term?: number;
        autoResync?: boolean;
        deleting?: boolean;
        stale?: boolean;
        message?: string;
        lastSyncTime?: string;
        claim?: string;
        replicationClass?: string;
    } = {},
): VrSnapshot {
    const generation = 3;
    const observedGeneration = more.stale ? 2 : generation;
    const conditions =
        face === "none"
            ? []
            : ["Completed", "Degraded", "Resyncing"].map((type, i) => ({
                  type,
                  status: letters[face[i]!]!,
                  observedGeneration,
              }));
    const promoted = asks === "primary" && face === "TFF";
    return {
        name: "rbd-pvc",
        generation,
        deleting: more.deleting ?? false,
        annotations: more.term === undefined ? {} : { [TERM_ANNOTATION]: String(more.term) },
        spec: {
            replicationState: asks,
            autoResync: more.autoResync ?? false,
            volumeReplicationClass: more.replicationClass ?? "rbd-volumereplicationclass",
            claim: more.claim ?? "rbd-pvc",
        },
        status: {
            state: face === "none" ? undefined : promoted ? "Primary" : asks === "primary" ? "Unknown" : "Secondary",
            message: more.message,
            observedGeneration: face === "none" ? undefined : observedGeneration,
            conditions,
            lastSyncTime: more.lastSyncTime,
        },
    };
}

/** An image of a mirrored pool. */
export function image(role: "primary" | "secondary" | "missing", more: Partial<ImageSnapshot> = {}): ImageSnapshot {
    if (role === "missing") return { exists: false, mirroring: "disabled", primary: false };
    const primary = role === "primary";
    return {
        exists: true,
        mirroring: "enabled",
        primary,
        state: primary ? "up+stopped" : "up+replaying",
        description: primary ? "local image is primary" : "replaying",
        ...more,
    };
}

export const SPLIT = { state: "up+error", description: "split-brain" };
export const BOTH_DEMOTED = { state: "up+unknown", description: "remote image is not primary" };
/** Demoted on both sites: as the site that was demoted has it, and as the other one has it once that has arrived. */
export const DEMOTED = { ...BOTH_DEMOTED, newest: { id: 7, at: 1_772_366_300, demotion: true } };
export const ARRIVED = { ...BOTH_DEMOTED, newest: { id: 12, at: 1_772_366_301, demotion: true, copyOf: 7 } };

/** A volume on a cluster, with PVC and PV bound, out of use. */
export function volume(more: Partial<VolumeSnapshot> = {}): VolumeSnapshot {
    return {
        key: KEY,
        pvc: { phase: "Bound", volumeName: PV_NAME, uid: "u", deleting: false, requestedBytes: 2 ** 30 },
        pv: { name: PV_NAME, phase: "Bound", reclaimPolicy: "Retain" },
        pods: [],
        attachments: [],
        ...more,
    };
}

/** A volume of which nothing is on the cluster, except perhaps its image. */
export function nothing(more: Partial<VolumeSnapshot> = {}): VolumeSnapshot {
    return { key: KEY, pods: [], attachments: [], ...more };
}

/** A cluster that was observed. */
export function seen(...volumes: VolumeSnapshot[]): SiteSnapshot {
    return { reach: "observed", at: AT, volumes: Object.fromEntries(volumes.map((v) => [v.key, v])) };
}

export const UNREACHABLE: SiteSnapshot = { reach: "unreachable", at: AT, error: "connect ECONNREFUSED" };
export const UNKNOWN: SiteSnapshot = { reach: "unknown", at: AT, why: "peerContext is not set" };

/** A record of a volume. */
export function recordOf(key = KEY): VolumeRecord {
    const [namespace, name] = key.split("/") as [string, string];
    return {
        key,
        image: { pool: "replicapool", image: "csi-vol-1" },
        pv: { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: PV_NAME }, spec: {} },
        pvc: {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: { name, namespace },
            spec: { volumeName: PV_NAME, resources: { requests: { storage: "1Gi" } } },
        },
    };
}

export const NONE: StackOutputs = { found: "none" };

/** A stack's last outputs, holding the volume. */
export function outputs(
    site: string,
    replicationState: SiteOutputs["replicationState"],
    more: Partial<SiteOutputs> & { term?: number } = {},
): StackOutputs {
    const { term, ...rest } = more;
    return {
        found: "outputs",
        outputs: {
            schema: "rbd-dr/1",
            site,
            replicationState,
            at: AT,
            records: { [KEY]: recordOf() },
            sources: {},
            handedOver: [],
            lastSync: {},
            terms: term === undefined ? {} : { [KEY]: term },
            teardown: false,
            ...rest,
        },
    };
}

/** An input: cluster1 is asked for something, everything else as given. */
export function ask(
    replicationState: SiteIntent["replicationState"],
    more: Partial<Omit<DecisionInput, "intent">> & { intent?: Partial<SiteIntent> } = {},
): DecisionInput {
    const { intent, ...rest } = more;
    return {
        intent: {
            site: "cluster1",
            peer: "cluster2",
            replicationState,
            volumes: [{ name: "rbd-pvc", namespace: "default", size: "1Gi" }],
            teardown: false,
            schedulingInterval: "5m",
            ...intent,
        },
        own: seen(nothing()),
        peer: seen(nothing()),
        ownOutputs: NONE,
        peerOutputs: NONE,
        now: AT,
        ...rest,
    };
}
