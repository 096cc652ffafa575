/**
 * Two Ceph clusters that mirror each other, as far as decisions depend on it: images with their snapshots, promotion,
 * demotion, replay, split brain and resync (facts b.5, b.12). Data is a bit mask: bit n is the nth acknowledged write.
 */

/** A mirror snapshot; its parents are what a replay can start from. */
export interface Snap {
    readonly data: number;
    readonly parent: Snap | null;
    /** When it was taken, on the world's clock. */
    readonly at: number;
    /** The image that it was taken of. */
    readonly of: Image;
    readonly demotion: boolean;
}

export type Status = "none" | "up+stopped" | "up+replaying" | "up+unknown" | "up+error";

export interface Image {
    mirrored: boolean;
    primary: boolean;
    /** Newest complete mirror snapshot; null while the first copy is not complete. */
    snap: Snap | null;
    data: number;
    /** ceph-csi's `.rbd.image.creation_time`: set at the first demotion, gone when the image is recreated. */
    key: boolean;
    /** `rbd mirror image resync` was called. */
    resync: boolean;
    status: Status;
    /** When the status was reported, and when the role last changed, on the world's clock. */
    reported: number;
    changed: number;
}

export function newImage(primary: boolean, mirrored: boolean): Image {
    return {
        mirrored,
        primary,
        snap: null,
        data: 0,
        key: false,
        resync: false,
        status: "none",
        reported: 0,
        changed: 0,
    };
}

/** Whether a chain of snapshots has this one in it. */
export function contains(chain: Snap | null, snap: Snap | null): boolean {
    if (snap === null) return true;
    for (let s = chain; s !== null; s = s.parent) if (s === snap) return true;
    return false;
}

export function takeSnapshot(image: Image, clock: number): void {
    if (image.snap === null || image.snap.data !== image.data) snap(image, clock);
}

function snap(image: Image, clock: number, demotion = false): void {
    image.snap = { data: image.data, parent: image.snap, at: clock, of: image, demotion };
}

/** Demotes: the final snapshot always is a new one, and what replays from it must have it. */
export function demote(image: Image, clock: number): void {
    snap(image, clock, true);
    image.primary = false;
    image.changed = clock;
}

/** Promotes from the newest complete snapshot; false when there is none. */
export function promote(image: Image, clock: number): boolean {
    if (image.snap === null) return false;
    image.data = image.snap.data;
    snap(image, clock);
    image.primary = true;
    // A replayer heeds the request on a copy only.
    image.resync = false;
    image.changed = clock;
    return true;
}

/**
 * One round of rbd-mirror for an image that is there and not primary; the peer's image is reachable.
 *
 * @returns false when the local image is to be deleted
 */
export function replay(image: Image, peer: Image | undefined, clock: number): boolean {
    image.reported = clock;
    if (peer === undefined) {
        image.status = "up+unknown";
        return true;
    }
    // Mirroring of the primary was disabled: the copy goes.
    if (!peer.mirrored) return false;
    const follows = contains(peer.snap, image.snap);
    if (follows && image.snap !== peer.snap) {
        image.snap = peer.snap;
        image.data = peer.snap?.data ?? 0;
    }
    if (peer.primary) image.status = follows ? "up+replaying" : "up+error";
    else image.status = follows || contains(image.snap, peer.snap) ? "up+unknown" : "up+error";
    return true;
}
