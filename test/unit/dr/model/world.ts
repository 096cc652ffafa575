/** Two sites: Kubernetes objects, the csi-addons controller, Ceph and rbd-mirror; what happens there by itself. */
import type { VolumeSnapshot, VrSnapshot } from "../../../../dr/model.js";
import { demote, newImage, promote, replay, takeSnapshot, type Image } from "./ceph.js";
import { judgeDemotion, judgePromotion } from "./judge.js";

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
    /** Completed, Degraded, Resyncing as letters; empty before the controller's first answer. */
    face: string;
    status?: "Primary" | "Secondary";
    observed: number;
    /** The controller has no reason to look again. */
    idle: boolean;
    /** Deleted, and kept by its finalizer until the driver has disabled mirroring. */
    deleting: boolean;
    /** Whether somebody asked for the present state with kubectl. */
    byHand: boolean;
    /** Set where config named a lost site for the present state: writes since then, on the world's clock, may be lost. */
    forced?: { readonly since: number };
}

export interface SiteState {
    up: boolean;
    mirror: boolean;
    /** How its csi-addons controller is: a `mute` one calls the driver, and dies before it writes the status. */
    csi: "runs" | "mute" | "down";
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
    /** Per volume and write: when it was acknowledged. */
    readonly written: readonly number[][];
    /** Per volume: the site that the other's last `up` gave it to by its outputs, while nobody has been promoted since. */
    readonly given: (number | undefined)[];
    /** Per volume: the site that was last promoted, or asked to be. */
    readonly last: (number | undefined)[];
    /** Volumes whose roles somebody changed by hand. */
    readonly touched: boolean[];
    /** What somebody asked of each volume with kubectl last, and where. */
    readonly asked: (string | undefined)[];
    /** Volumes whose images somebody changed with rbd, which no controller notices. */
    readonly rbd: boolean[];
    /** Somebody did by hand what has to be undone by hand, which no text of ours can know. */
    beyondTexts: boolean;
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
        written: [[], []],
        given: [undefined, undefined],
        last: [undefined, undefined],
        touched: [false, false],
        asked: [undefined, undefined],
        rbd: [false, false],
        beyondTexts: false,
        violations: [],
    };
}

export function emptySite(): SiteState {
    return {
        up: true,
        mirror: true,
        csi: "runs",
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
    const bit = 1 << w.writes[v]!;
    w.written[v]![w.writes[v]!++] = w.clock;
    image.data |= bit;
    w.acked[v]! |= bit;
}

export function snapshot(w: World, s: number): void {
    if (w.sites[s]!.up)
        for (const image of w.sites[s]!.images) if (image?.primary && image.mirrored) takeSnapshot(image, w.clock);
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

/** The csi-addons controller looks at each VR that it has reason to look at. */
export function csiTick(w: World, s: number): void {
    w.clock++;
    const { up, csi } = w.sites[s]!;
    if (!up || csi === "down") return;
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
        // The status then still speaks of the former generation.
        if (csi === "mute") Object.assign(vr, { face, status, observed, idle });
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
        takeSnapshot(image, w.clock);
        promoted(w, s, v);
        image.changed = w.clock;
        return true;
    }
    if (image.primary) return true;
    if (!promote(image, w.clock)) return false;
    promoted(w, s, v);
    judgePromotion(w, s, v, vr, image);
    return true;
}

/** Whatever was handed over before is used up. */
export function promoted(w: World, s: number, v: number): void {
    w.given[v] = undefined;
    w.last[v] = s;
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
        judgeDemotion(w, s, v, vr);
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
