/** Two sites as `rbd-dr status` sees them, for its tests. */
import type { SiteSeen, StatusInput } from "../../../../cli/status/model.js";
import type { SiteIntent, SiteSnapshot, VolumeSnapshot } from "../../../../dr/model.js";
import { image, KEY, outputs, recordOf, seen, volume, vr } from "../../dr/world.js";

export const NOW = "2026-03-01T12:00:00.000Z";
export const HEALTHY = { health: "OK", daemonHealth: "OK", imageHealth: "OK", peers: 1 };

/** Time so many seconds before NOW. */
export function before(seconds: number): string {
    return new Date(Date.parse(NOW) - seconds * 1000).toISOString();
}

/** A primary's side of a volume. */
export function primarySide(more: Partial<VolumeSnapshot> = {}): VolumeSnapshot {
    return volume({
        vr: vr("primary", "TFF", { term: 1, lastSyncTime: before(200) }),
        image: image("primary"),
        pods: ["rbd-pvc-app-1"],
        ...more,
    });
}

/** A copy that replays, complete up to so many seconds ago. */
export function copySide(age = 100, more: Partial<VolumeSnapshot> = {}): VolumeSnapshot {
    const at = Math.round(Date.parse(before(age)) / 1000);
    return volume({
        vr: vr("secondary", "TTT"),
        image: image("secondary", {
            sync: { localSnapshotTimestamp: at, remoteSnapshotTimestamp: at, replayState: "idle", syncingPercent: 100 },
        }),
        ...more,
    });
}

/** A cluster that answers, with mirroring in good health. */
export function answering(...volumes: VolumeSnapshot[]): SiteSnapshot {
    return { ...(seen(...volumes) as Extract<SiteSnapshot, { reach: "observed" }>), mirroring: HEALTHY };
}

/** One site as it was seen. */
export function siteSeen(
    site: "cluster1" | "cluster2",
    replicationState: SiteIntent["replicationState"],
    snapshot: SiteSnapshot,
    more: Partial<Omit<SiteSeen, "intent">> & { intent?: Partial<SiteIntent> } = {},
): SiteSeen {
    const { intent, ...rest } = more;
    return {
        snapshot,
        outputs: outputs(site, replicationState === "primary" ? "primary" : "secondary", {
            term: replicationState === "primary" ? 1 : 0,
            sources: { [KEY]: replicationState === "primary" ? "provision" : "restore" },
            records: { [KEY]: recordOf() },
            at: before(3600),
        }),
        ...rest,
        intent: {
            site,
            peer: site === "cluster1" ? "cluster2" : "cluster1",
            replicationState,
            volumes: [{ name: "rbd-pvc", namespace: "default", size: "1Gi" }],
            teardown: false,
            schedulingInterval: "5m",
            ...intent,
        },
    };
}

/** cluster1 serves and cluster2 holds the copy, unless told otherwise. */
export function pair(more: { readonly one?: SiteSeen; readonly two?: SiteSeen } = {}): StatusInput {
    return {
        now: NOW,
        sites: [
            more.one ?? siteSeen("cluster1", "primary", answering(primarySide())),
            more.two ?? siteSeen("cluster2", "secondary", answering(copySide())),
        ],
    };
}
