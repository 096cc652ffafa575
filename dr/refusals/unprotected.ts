/**
 * The words for a volume whose VR was deleted by hand. Its site is no source that a resync could copy from, and is not made primary
 * again while the other one is: what leads out is to stop the other one and to declare it lost.
 */
import { flip, removeConfig, setConfig, up } from "../commands.js";
import type { Context, VolumeFacts } from "../facts.js";
import type { ImageRef } from "../model.js";
import { peerServesUnprotected, seenUnmirrored } from "../unprotected.js";

/** Whether any of these volumes is served by the peer with nothing to replicate it. */
export function anyUnprotectedAtPeer(context: Context, volumes: readonly VolumeFacts[]): boolean {
    return volumes.some((v) => peerServesUnprotected(context, v));
}

/** What that is like, as a clause of a sentence. */
export function howUnprotected(volumes: readonly VolumeFacts[]): string {
    const image = volumes.some((v) => seenUnmirrored(v.peer))
        ? "its image is not mirrored"
        : "its image cannot be looked at";
    return `there is no VolumeReplication of it there, and ${image}, yet it is in use`;
}

/** Brings a site out of use: a site that is declared lost must not serve. */
export function stopWorkloads(site: string): string {
    return `stop the workloads of ${site} (kubectl scale --replicas=0) until no pod and no VolumeAttachment is left`;
}

/** The line that keeps one site's copy, which makes its VR again, and discards the other one. */
export function keepByLostSite(context: Context, kept: "own" | "peer"): string {
    const other = kept === "own" ? "peer" : "own";
    const [keeps, lost] = [siteOf(context, kept), siteOf(context, other)];
    return [
        `to keep ${keeps}'s copy and discard what only ${lost} has: ${stopWorkloads(lost)}`,
        `${setConfig(keeps, "lostSite", lost)} && ${flip(context, kept, "primary")}, which makes the VR again`,
        flip(context, other, "resync"),
        flip(context, other, "secondary"),
        `${removeConfig(keeps, "lostSite")} && ${up(keeps)}`,
    ].join(", then ");
}

/** The lines that lead out of two sites that both serve, whichever of them has lost its VRs. */
export function waysOutOfBoth(context: Context, volumes: readonly VolumeFacts[]): string[] {
    return [keepOwn(context, volumes), keepPeer(context, volumes)];
}

function keepOwn(context: Context, volumes: readonly VolumeFacts[]): string {
    const { site, peer } = context.intent;
    const keep = `to keep ${site}'s copy and discard what only ${peer} has`;
    // What is not mirrored cannot be given up by a resync: once nobody uses it, it is no second primary any more.
    if (anyUnprotectedAtPeer(context, volumes))
        return `${keep}: ${stopWorkloads(peer)}, then ${flip(context, "own", "primary")}, then ${flip(context, "peer", "secondary")}${
            volumes.some((v) => seenUnmirrored(v.peer)) ? ", which says how to remove the image that is left there" : ""
        }`;
    // A primary is a source only with its VR.
    if (volumes.some((v) => v.ownVr === undefined)) return keepByLostSite(context, "own");
    return `${keep}: ${flip(context, "peer", "resync")}`;
}

function keepPeer(context: Context, volumes: readonly VolumeFacts[]): string {
    const { site, peer } = context.intent;
    if (volumes.some((v) => v.peerVr === undefined)) return keepByLostSite(context, "peer");
    return `to keep ${peer}'s copy and discard what only ${site} has: ${flip(context, "own", "resync")}`;
}

/**
 * The lines for a copy here that is not mirrored, below a primary peer: a fresh one arrives under its name once it is gone, and PVC
 * and PV then hold that.
 */
export function waysOutOfUnmirrored(context: Context, volumes: readonly VolumeFacts[]): string[] {
    const { site } = context.intent;
    const images = volumes.map((v) => v.ownRecord?.image ?? v.peerRecord?.image).filter((image) => image !== undefined);
    return [
        `to discard what only ${site} has: ${stopWorkloads(site)}, then, on ${site}: ${images.map(removeImage).join(" && ")}, wait until rbd-mirror has copied it again, then ${flip(context, "own", "secondary")}`,
        keepByLostSite(context, "own"),
    ];
}

function removeImage({ pool, image }: ImageRef): string {
    return `rbd rm ${pool}/${image}`;
}

/** Whether the peer has lost the VR of a volume that it holds. */
export function peerLostItsVr(v: VolumeFacts): boolean {
    return v.peerVr === undefined && v.peer?.pvc !== undefined;
}

function siteOf({ intent }: Context, side: "own" | "peer"): string {
    return side === "own" ? intent.site : intent.peer;
}
