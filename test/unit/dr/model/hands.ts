/** What people do behind the program's back. */
import { demote, promote } from "./ceph.js";
import { promoted, type Vr, type World } from "./world.js";

/** Somebody changes a VR with kubectl. */
export function patchByHand(w: World, s: number, v: number, state: Vr["state"]): void {
    const vr = w.sites[s]!.vr[v];
    if (vr === undefined || !w.sites[s]!.up || vr.state === state || vr.deleting) return;
    Object.assign(vr, { state, auto: false, generation: vr.generation + 1, byHand: true, forced: undefined });
    w.touched[v] = true;
    w.asked[v] = `${state} on ${s}`;
    // It deletes the image first; where the other one is not primary, nothing may be left to copy from.
    if (state === "resync" && !w.sites[1 - s]!.images[v]?.primary) w.beyondTexts = true;
}

/**
 * Somebody deletes a VR with kubectl.
 *
 * @param images whether the stacks see images
 */
export function deleteByHand(w: World, s: number, v: number, images = true): void {
    const vr = w.sites[s]!.vr[v];
    if (vr === undefined || !w.sites[s]!.up) return;
    vr.deleting = true;
    vr.idle = false;
    w.touched[v] = true;
    // A primary's ends mirroring and takes the other copy along; what is left in the end only a look at the image can tell.
    const primary = w.sites[s]!.images[v]?.primary === true;
    if ((primary && !images) || w.sites[1 - s]!.vr[v]?.auto) w.beyondTexts = true;
    if (primary) w.asked[v] = `nothing on ${s}`;
}

/** Somebody takes the finalizer off a VR that is being deleted: it goes, and the image stays as it is. */
export function dropFinalizer(w: World, s: number, v: number): void {
    if (w.sites[s]!.up && w.sites[s]!.vr[v]?.deleting) w.sites[s]!.vr[v] = undefined;
}

/** Somebody promotes or demotes an image with rbd. */
export function rbdByHand(w: World, s: number, v: number): void {
    const image = w.sites[s]!.images[v];
    if (image === undefined || !image.mirrored || !w.sites[s]!.up) return;
    w.touched[v] = w.rbd[v] = w.beyondTexts = true;
    if (image.primary) demote(image, w.clock);
    else if (promote(image, w.clock)) {
        promoted(w, s, v);
        w.excused[v]! |= w.acked[v]! & ~image.data;
    }
}
