/** What a look at the two sites shows, as `observe/` would put it. */
import { TERM_ANNOTATION } from "../../../../dr/vr-status.js";
import { fromEpoch } from "../../../../dr/time.js";
import { contains, type Image, type Snap } from "./ceph.js";
import { KEYS, type Quirk, type SiteState, type Vr, type World } from "./world.js";
import type {
    Condition,
    ImageSnapshot,
    SiteSnapshot,
    VolumeRecord,
    VolumeSnapshot,
    VrSnapshot,
} from "../../../../dr/model.js";
/** What a look at a site gives; `images` tells whether its Ceph can be seen as well. */
export function look(w: World, s: number, images: boolean): SiteSnapshot {
    const site = w.sites[s]!;
    if (!site.up) return { reach: "unreachable", at: "T", error: "no answer" };
    const volumes: Record<string, VolumeSnapshot> = {};
    for (let v = 0; v < KEYS.length; v++) {
        const [vr, quirk] = [site.vr[v], site.quirks[v]!];
        volumes[KEYS[v]!] = {
            key: KEYS[v]!,
            pvc: site.pvc[v] ? { ...CLAIM, volumeName: pvName(v), ...quirk.pvc } : undefined,
            pv: site.pv[v] ? { name: pvName(v), phase: "Bound", reclaimPolicy: "Retain", ...quirk.pv } : undefined,
            vr: vr && withSpec(lookAtVr(vr, v, lastSync(w, s, v)), quirk.vr),
            pods: usersOf(site, v),
            attachments: [],
            image: images ? { ...lookAtImage(w, s, v), ...quirk.image } : undefined,
        };
    }
    return { reach: "observed", at: "T", volumes };
}

const CLAIM = { phase: "Bound", uid: "u", deleting: false, requestedBytes: 2 ** 30, storageClass: "s" } as const;

function withSpec(vr: VrSnapshot, spec: Quirk["vr"]): VrSnapshot {
    return spec === undefined ? vr : { ...vr, spec: { ...vr.spec, ...spec } };
}

function usersOf(site: SiteState, v: number): string[] {
    return [...(site.pods[v] ? ["app"] : []), ...(site.strangers[v] ? ["stranger"] : [])];
}

const TYPES = ["Completed", "Degraded", "Resyncing"];

/** The world's clock counts seconds from here on. */
const EPOCH = Date.parse("2026-03-01T12:00:00Z") / 1000;

/** RFC 3339 time of the world's clock. */
export function timeOf(clock: number): string {
    return fromEpoch(EPOCH + clock);
}

/** The world's clock at a time that a plan names. */
export function clockAt(time: string): number {
    return Date.parse(time) / 1000 - EPOCH;
}

/** What the controller of a primary hears of the newest snapshot that the other site holds. */
function lastSync(w: World, s: number, v: number): string | undefined {
    const [own, other] = [w.sites[s]!.images[v], w.sites[1 - s]!.images[v]];
    const heard = w.link && w.sites[1 - s]!.up && own?.primary && other?.snap;
    return heard && contains(own.snap, other.snap) ? timeOf(other.snap!.at) : undefined;
}

/** A VR, with all that its controller has said of it. */
export function lookAtVr(vr: Vr, v: number, lastSyncTime?: string): VrSnapshot {
    const annotations: Record<string, string> = {};
    if (vr.term !== undefined) annotations[TERM_ANNOTATION] = String(vr.term);
    const conditions: Condition[] = [];
    for (let i = 0; i < vr.face.length; i++)
        conditions.push({
            type: TYPES[i]!,
            status: vr.face[i] === "T" ? "True" : "False",
            observedGeneration: vr.observed,
        });
    return {
        name: KEYS[v]!.slice(8),
        generation: vr.generation,
        deleting: vr.deleting,
        annotations,
        spec: {
            replicationState: vr.state,
            autoResync: vr.auto,
            volumeReplicationClass: "c",
            claim: KEYS[v]!.slice(8),
        },
        status: { state: vr.status, observedGeneration: vr.observed, conditions, lastSyncTime },
    };
}

function lookAtImage(w: World, s: number, v: number): NonNullable<VolumeSnapshot["image"]> {
    const image = w.sites[s]!.images[v];
    if (image === undefined) return { exists: false, mirroring: "disabled", primary: false };
    return {
        exists: true,
        mirroring: image.mirrored ? "enabled" : "disabled",
        // What is not mirrored is not called primary, whatever it was before.
        primary: image.mirrored && image.primary,
        state: image.status === "none" ? undefined : image.status,
        description: image.status === "up+error" ? "split-brain" : undefined,
        ...(!image.primary && { sync: syncOf(image, copies(w, s)) }),
        ...(!image.primary && image.snap === null && { complete: false }),
        ...(!image.primary && image.status !== "up+replaying" && newestOf(image)),
    };
}

/** What the image itself says of its newest snapshot. Ids are those of one Ceph cluster, and may be the same on the other. */
function newestOf(image: Image): Pick<ImageSnapshot, "newest"> {
    const { snap } = image;
    if (snap === null) return {};
    const id = idOf(snap);
    const received = snap.of !== image && { copyOf: id };
    return { newest: { id: received ? id + 1 : id, at: EPOCH + snap.at, demotion: snap.demotion, ...received } };
}

/** As many snapshots as there were before it on its image, so that those of two images that have parted are alike. */
function idOf(snap: Snap): number {
    let id = 1;
    for (let s = snap.parent; s !== null; s = s.parent) id++;
    return id;
}

/** Whether a site's replayers have a primary to copy from. */
function copies(w: World, s: number): boolean {
    return w.link && w.sites[1 - s]!.up;
}

/** The replayer's own report, which there is only while it replays, and of a first copy only while it grows. */
function syncOf({ snap, status }: Image, grows: boolean): ImageSnapshot["sync"] {
    if (snap === null) return grows ? { syncingPercent: 10 } : undefined;
    if (status !== "up+replaying") return undefined;
    return { localSnapshotTimestamp: EPOCH + snap.at, remoteSnapshotTimestamp: EPOCH + snap.at };
}

/** Name of a volume's PV. */
export function pvName(v: number): string {
    return `pvc-${v}`;
}

/** Records are the same on both sites: the PV is restored as it was. */
export function recordOf(v: number): VolumeRecord {
    return RECORDS[v]!;
}

const RECORDS: VolumeRecord[] = KEYS.map((key, v) => ({
    key,
    image: { pool: "p", image: `i${v}` },
    pv: { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: pvName(v) }, spec: {} },
    pvc: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: key.slice(8), namespace: "default" },
        spec: {},
    },
}));
