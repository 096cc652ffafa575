/** Two sites: Kubernetes objects, the csi-addons controller, Ceph and rbd-mirror; what happens there by itself. */
import { TERM_ANNOTATION } from "../../../../dr/vr-status.js";
import { WAIT_FOR_ANNOTATION } from "../../../../dr/wait-for.js";
import type { Condition, SiteSnapshot, VolumeRecord, VolumeSnapshot, VrSnapshot } from "../../../../dr/model.js";
import { contains, demote, newImage, promote, replay, takeSnapshot, type Image } from "./ceph.js";

export const SITES = ["cluster1", "cluster2"] as const;
export const KEYS = ["default/a", "default/b"] as const;
/** Writes per volume that a mask can hold. */
const MAX_WRITES = 30;

/** A VolumeReplication and what its controller has said of it. */
export interface Vr {
    state: "primary" | "secondary" | "resync";
    auto: boolean;
    generation: number;
    term?: number;
    waitFor?: string;
    /** Completed, Degraded, Resyncing as letters; empty before the controller's first answer. */
    face: string;
    status?: "Primary" | "Secondary";
    observed: number;
    /** The controller has no reason to look again. */
    idle: boolean;
    /** Deleted, and kept by its finalizer until the driver has disabled mirroring. */
    deleting: boolean;
    /** Who asked for the present state, and whether config named a lost site for it. */
    byHand: boolean;
    forced: boolean;
}

export interface SiteState {
    up: boolean;
    mirror: boolean;
    replicas: boolean;
    pods: boolean[];
    /** A pod of somebody else's that mounts the claim, and that no workload of ours stops. */
    strangers: boolean[];
    pv: boolean[];
    pvc: boolean[];
    vr: (Vr | undefined)[];
    images: (Image | undefined)[];
    /** What is out of the ordinary with a volume's objects, and stays so until somebody mends it. */
    quirks: Quirk[];
}

/** Fields that a look shows in place of what the model holds. */
export interface Quirk {
    pvc?: Partial<NonNullable<VolumeSnapshot["pvc"]>>;
    pv?: Partial<NonNullable<VolumeSnapshot["pv"]>>;
    vr?: Partial<VrSnapshot["spec"]>;
    image?: Partial<NonNullable<VolumeSnapshot["image"]>>;
}

export interface World {
    clock: number;
    link: boolean;
    readonly sites: [SiteState, SiteState];
    /** Per volume: writes acknowledged, and those whose loss was named (lostSite, resync) or done by hand. */
    readonly acked: number[];
    readonly excused: number[];
    readonly writes: number[];
    /** Volumes whose roles somebody changed by hand. */
    readonly touched: boolean[];
    /** Somebody used rbd by hand: what that did has to be undone by hand, which no text of ours can know. */
    rbdUsed: boolean;
    readonly violations: string[];
}

export function newWorld(): World {
    return {
        clock: 1,
        link: true,
        sites: [emptySite(), emptySite()],
        acked: [0, 0],
        excused: [0, 0],
        writes: [0, 0],
        touched: [false, false],
        rbdUsed: false,
        violations: [],
    };
}

export function emptySite(): SiteState {
    return {
        up: true,
        mirror: true,
        replicas: false,
        pods: [false, false],
        strangers: [false, false],
        pv: [false, false],
        pvc: [false, false],
        vr: [undefined, undefined],
        images: [undefined, undefined],
        quirks: [{}, {}],
    };
}

/** The application writes where it runs. */
export function write(w: World, s: number, v: number): void {
    const site = w.sites[s]!;
    const image = site.images[v];
    if (!site.up || !site.pods[v] || !image?.primary || w.writes[v]! >= MAX_WRITES) return;
    const bit = 1 << w.writes[v]!++;
    image.data |= bit;
    w.acked[v]! |= bit;
}

export function snapshot(w: World, s: number): void {
    if (w.sites[s]!.up)
        for (const image of w.sites[s]!.images) if (image?.primary && image.mirrored) takeSnapshot(image);
}

/** One round of a site's rbd-mirror over its volumes. */
export function mirrorTick(w: World, s: number): void {
    w.clock++;
    const own = w.sites[s]!;
    const peer = w.sites[1 - s]!;
    if (!own.up || !own.mirror || !peer.up || !w.link) return;
    for (let v = 0; v < KEYS.length; v++) {
        const image = own.images[v];
        const other = peer.images[v];
        if (image === undefined) {
            if (other?.primary && other.mirrored) own.images[v] = newImage(false, true);
        } else if (image.resync) {
            if (!other?.primary && !w.touched[v])
                w.violations.push(`${SITES[s]} deletes ${KEYS[v]} for a resync while nobody is primary`);
            // Named by config when our own plan asked for it; the flip says which copy is discarded.
            w.excused[v]! |= w.acked[v]! & image.data & ~(other?.data ?? 0);
            own.images[v] = undefined;
        } else if (image.mirrored && image.primary) {
            image.status = "up+stopped";
            image.reported = w.clock;
        } else if (image.mirrored && !replay(image, other, w.clock)) own.images[v] = undefined;
    }
}

/** Pods follow their Deployment; a pod starts once its claim is there. */
export function podTick(w: World, s: number): void {
    const site = w.sites[s]!;
    if (site.up) for (let v = 0; v < KEYS.length; v++) site.pods[v] = site.replicas && site.pvc[v]!;
}

/**
 * The csi-addons controller looks at each VR that it has reason to look at.
 *
 * @param dies whether it dies between the driver's answer and the status, which then still speaks of the former generation
 */
export function csiTick(w: World, s: number, dies = false): void {
    w.clock++;
    if (!w.sites[s]!.up) return;
    for (let v = 0; v < KEYS.length; v++) {
        const vr = w.sites[s]!.vr[v];
        if (vr === undefined || (vr.idle && vr.observed === vr.generation)) continue;
        if (vr.deleting) {
            if (disable(w.sites[s]!.images[v])) w.sites[s]!.vr[v] = undefined;
            continue;
        }
        const { face, status, observed, idle } = vr;
        vr.observed = vr.generation;
        if (vr.state === "primary") reconcilePrimary(w, s, v, vr);
        else reconcileSecondary(w, s, v, vr);
        if (dies) Object.assign(vr, { face, status, observed, idle });
    }
}

/** What DisableVolumeReplication answers: a secondary lets go only while it replays. */
function disable(image: Image | undefined): boolean {
    if (image === undefined || !image.mirrored) return true;
    if (!image.primary) return image.status === "up+replaying";
    image.mirrored = false;
    return true;
}

function reconcilePrimary(w: World, s: number, v: number, vr: Vr): void {
    vr.idle = true;
    if (vr.status === "Primary") {
        vr.face = "TFF";
        return;
    }
    const image = w.sites[s]!.images[v];
    if (image === undefined || !promotable(w, s, v, vr, image)) {
        vr.face = "FTF";
        vr.idle = false;
        return;
    }
    vr.status = "Primary";
    vr.face = "TFF";
}

/** Enable, then promote; by force when a plain promotion is refused, which the controller does on its own. */
function promotable(w: World, s: number, v: number, vr: Vr, image: Image): boolean {
    if (!image.mirrored) {
        image.mirrored = true;
        image.primary = true;
        takeSnapshot(image);
        image.changed = w.clock;
        return true;
    }
    if (image.primary) return true;
    if (!promote(image, w.clock)) return false;
    judgePromotion(w, s, v, vr, image);
    return true;
}

/** The invariants at the one moment that cannot be taken back. */
function judgePromotion(w: World, s: number, v: number, vr: Vr, image: Image): void {
    const other = w.sites[1 - s]!.images[v];
    const lost = w.acked[v]! & ~image.data & ~w.excused[v]!;
    if (vr.byHand || vr.forced || w.touched[v]) {
        w.excused[v]! |= lost;
        return;
    }
    if (other?.primary)
        w.violations.push(`two primaries of ${KEYS[v]}: ${SITES[s]} was promoted while ${SITES[1 - s]} is primary`);
    if (lost !== 0)
        w.violations.push(
            `${SITES[s]} was promoted without ${lost.toString(2)} of ${KEYS[v]}, and nobody named the loss`,
        );
}

function reconcileSecondary(w: World, s: number, v: number, vr: Vr): void {
    const image = w.sites[s]!.images[v];
    const first = vr.status !== "Secondary";
    vr.idle = false;
    if (image === undefined || !image.mirrored) {
        vr.face = "FTF";
        return;
    }
    if (image.primary) {
        if ((w.sites[s]!.pods[v] || w.sites[s]!.strangers[v]) && !vr.byHand)
            w.violations.push(`${SITES[s]} demoted ${KEYS[v]} under its application`);
        // ceph-csi notes the creation time when it demotes a primary, so a forced resync fires once per demotion.
        image.key = true;
        demote(image, w.clock);
    }
    vr.status = "Secondary";
    if (first) {
        vr.face = "TTF";
        return;
    }
    vr.face = resyncFace(w, s, v, vr, image);
    vr.idle = vr.face === "TFF";
}

/** What ResyncVolume answers, by the table of facts b.12. */
function resyncFace(w: World, s: number, v: number, vr: Vr, image: Image): string {
    if ((vr.auto || vr.state === "resync") && (image.key || image.status === "up+error")) {
        // As seen: with the key set, force asks for a resync whatever the image's health.
        image.resync = true;
        return "FTF";
    }
    if (image.reported < image.changed) return "FTF";
    if (image.status === "up+replaying") return "TTT";
    if (image.status !== "up+unknown") return "FTF";
    const peer = w.sites[1 - s]!;
    const other = peer.images[v];
    const heard = w.link && peer.up && peer.mirror && other !== undefined && other.reported >= image.changed;
    return heard && other.status === "up+unknown" ? "TFF" : "FTF";
}

/** Somebody changes a VR with kubectl. */
export function patchByHand(w: World, s: number, v: number, state: Vr["state"]): void {
    const vr = w.sites[s]!.vr[v];
    if (vr === undefined || !w.sites[s]!.up || vr.state === state || vr.deleting) return;
    Object.assign(vr, { state, auto: false, generation: vr.generation + 1, byHand: true, forced: false });
    w.touched[v] = true;
}

/** Somebody deletes a VR with kubectl. */
export function deleteByHand(w: World, s: number, v: number): void {
    const vr = w.sites[s]!.vr[v];
    if (vr === undefined || !w.sites[s]!.up) return;
    vr.deleting = true;
    vr.idle = false;
    // Mirroring may end with it, and the copy go: what to do then is for people to say.
    w.touched[v] = w.rbdUsed = true;
}

/** Somebody takes the finalizer off a VR that is being deleted: it goes, and the image stays as it is. */
export function dropFinalizer(w: World, s: number, v: number): void {
    if (w.sites[s]!.up && w.sites[s]!.vr[v]?.deleting) w.sites[s]!.vr[v] = undefined;
}

/** Somebody promotes or demotes an image with rbd. */
export function rbdByHand(w: World, s: number, v: number): void {
    const image = w.sites[s]!.images[v];
    if (image === undefined || !image.mirrored || !w.sites[s]!.up) return;
    w.touched[v] = w.rbdUsed = true;
    if (image.primary) demote(image, w.clock);
    else if (promote(image, w.clock)) w.excused[v]! |= w.acked[v]! & ~image.data;
}

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
            vr: vr && withSpec(lookAtVr(vr, v), quirk.vr),
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

export function lookAtVr(vr: Vr, v: number): VrSnapshot {
    const annotations: Record<string, string> = {};
    if (vr.term !== undefined) annotations[TERM_ANNOTATION] = String(vr.term);
    if (vr.waitFor !== undefined) annotations[WAIT_FOR_ANNOTATION] = vr.waitFor;
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
        status: { state: vr.status, observedGeneration: vr.observed, conditions },
    };
}

function lookAtImage(w: World, s: number, v: number): NonNullable<VolumeSnapshot["image"]> {
    const image = w.sites[s]!.images[v];
    if (image === undefined) return { exists: false, mirroring: "disabled", primary: false };
    return {
        exists: true,
        mirroring: image.mirrored ? "enabled" : "disabled",
        primary: image.primary,
        state: image.status === "none" ? undefined : image.status,
        description: image.status === "up+error" ? "split-brain" : undefined,
        sync: image.snap === null && !image.primary ? { syncingPercent: 10 } : undefined,
    };
}

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

/** Whether two images hold the same history, for the health check. */
export function inStep(a: Image | undefined, b: Image | undefined): boolean {
    return a !== undefined && b !== undefined && contains(a.snap, b.snap);
}
