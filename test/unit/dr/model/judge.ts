/** What must never happen, judged by what the model knows and no look shows: one function for each moment that counts. */
import { asksPrimary, isPromoted } from "../../../../dr/vr-status.js";
import type { DecisionInput, Refusal, SiteSnapshot, VolumePlan } from "../../../../dr/model.js";
import { contains, type Image } from "./ceph.js";
import { KEYS, SITES, type SiteState, type Vr, type World } from "./world.js";

/** What no plan to be primary may overlook, where it can be seen: the other site serves, or an image here is not primary. */
export function judgePrimaryPlan(w: World, s: number, { own, peer, peerOutputs }: DecisionInput): void {
    const volumes = (snapshot: SiteSnapshot) => (snapshot.reach === "observed" ? Object.values(snapshot.volumes) : []);
    const there = volumes(peer);
    const leftPrimary = peerOutputs.found === "outputs" && peerOutputs.outputs.replicationState === "primary";
    for (const { key, pods, pvc, vr, image } of there)
        if (pods.length > 0 && pvc !== undefined && vr === undefined)
            if (image === undefined ? leftPrimary : image.exists && image.mirroring !== "enabled")
                w.violations.push(
                    `the plan of ${SITES[s]} is to serve ${key}, which ${SITES[1 - s]} uses without a VR`,
                );
    const serves = there.some((v) => v.pods.length > 0) && there.some((v) => v.vr !== undefined && asksPrimary(v.vr));
    if (serves) w.violations.push(`the plan of ${SITES[s]} is to serve, and ${SITES[1 - s]} is seen serving`);
    for (const { key, vr, image } of volumes(own))
        if (vr !== undefined && isPromoted(vr) && image?.primary === false && image.mirroring === "enabled")
            w.violations.push(`the plan of ${SITES[s]} takes ${key} for primary, and its image is seen not to be`);
}

/** A handover that was written down, and that nothing has used up, is enough for a site that can see nothing else. */
export function judgeRefusal(w: World, s: number, { code }: Refusal): void {
    if (code === "PEER_UNREACHABLE" && w.given.every((to, v) => to === s && !w.touched[v]))
        w.violations.push(`${SITES[s]} is refused, though all was handed over to it and that was written down`);
}

/** Whether a site's application writes what nothing replicates, its VR having been deleted by hand. */
function servesUnprotected({ pods, strangers, pvc, vr, images }: SiteState, v: number): boolean {
    return (pods[v]! || strangers[v]!) && pvc[v]! && vr[v] === undefined && images[v]?.mirrored === false;
}

/**
 * What our own change to a VR must not do, whatever people did before.
 *
 * @param seen what could be looked at: what somebody did at a site that cannot be seen nobody can heed
 */
export function judgeChange(
    w: World,
    s: number,
    v: number,
    plan: VolumePlan,
    seen: { readonly peer: boolean; readonly images: boolean },
): void {
    if (!seen.peer && w.touched[v] && !(seen.images && replays(w.sites[s]!.images[v]))) return;
    const wanted = plan.vr!;
    const [own, other] = [w.sites[s]!, w.sites[1 - s]!].map((site) => site.images[v]);
    const live = w.sites[s]!.vr[v];
    const otherPrimary = other?.primary === true && other.mirrored;
    const tell = (what: string) => w.violations.push(`${SITES[s]} asks for ${KEYS[v]} ${what}`);
    // Whoever deleted the other VR did no more than that: a second site that serves would be ours.
    if (wanted.replicationState === "primary" && seen.peer && seen.images && servesUnprotected(w.sites[1 - s]!, v))
        tell(`to be primary while ${SITES[1 - s]} writes it without a VR`);
    if (wanted.replicationState === "primary") {
        if (plan.lossWindow !== undefined || own === undefined) return;
        // It is mirrored again, as it is: the other copy is the one to be replaced.
        const missing = own.mirrored ? 0 : w.acked[v]! & ~w.excused[v]! & ~own.data;
        if (missing !== 0 && w.sites[1 - s]!.vr[v] !== undefined && seen.peer && seen.images)
            tell(`to be mirrored again without ${missing.toString(2)}, and nobody named the loss`);
        if (!own.mirrored || own.primary) return;
        if (otherPrimary) tell(`to be primary while ${SITES[1 - s]} is`);
        const lost = lostBy(w, v, own);
        if (lost !== 0) tell(`to be primary without ${lost.toString(2)}, and nobody named the loss`);
    } else if (wanted.autoResync) {
        if (!otherPrimary) tell(`to be resynced while ${SITES[1 - s]} is not primary`);
    } else if (live !== undefined && own !== undefined && otherPrimary && seen.peer) {
        if (live.state === "primary" && own.primary)
            tell(`to be secondary below another primary, where it stays in split brain`);
        if (live.auto && !w.rbd[v] && !own.resync && !contains(other.snap, own.snap))
            tell(`to leave its resync, and it is in split brain`);
    }
}

/** A copy that is seen to be healthy is not given up. */
export function judgeResync(w: World, s: number, v: number): void {
    if (replays(w.sites[s]!.images[v]) && w.sites[s]!.vr[v]?.state === "secondary")
        w.violations.push(`${SITES[s]} asked for a resync of ${KEYS[v]}, whose copy is healthy`);
}

/** Whether its own replayer says that it receives from a primary. */
function replays(copy: Image | undefined): boolean {
    return copy?.status === "up+replaying" && copy.reported >= copy.changed && !copy.primary;
}

/** The invariants at the one moment that cannot be taken back. */
export function judgePromotion(w: World, s: number, v: number, vr: Vr, image: Image): void {
    const other = w.sites[1 - s]!.images[v];
    const lost = lostBy(w, v, image);
    w.excused[v]! |= vr.byHand || vr.forced || w.touched[v] ? lost : 0;
    if (vr.byHand || w.touched[v]) return;
    if (vr.forced) {
        const older = w.written[v]!.findIndex((at, bit) => (lost >> bit) & 1 && at < vr.forced!.since);
        if (older !== -1)
            w.violations.push(
                `${SITES[s]} lost write ${older} of ${KEYS[v]}, which is older than the loss that was named`,
            );
        return;
    }
    if (other?.primary)
        w.violations.push(`two primaries of ${KEYS[v]}: ${SITES[s]} was promoted while ${SITES[1 - s]} is primary`);
    if (lost !== 0)
        w.violations.push(
            `${SITES[s]} was promoted without ${lost.toString(2)} of ${KEYS[v]}, and nobody named the loss`,
        );
}

/** Writes that count, and that a promotion of this image drops. */
function lostBy(w: World, v: number, { snap }: Image): number {
    return w.acked[v]! & ~w.excused[v]! & ~(snap?.data ?? 0);
}

/** A demotion pulls the volume away from under whoever uses it. */
export function judgeDemotion(w: World, s: number, v: number, vr: Vr): void {
    if ((w.sites[s]!.pods[v] || w.sites[s]!.strangers[v]) && !vr.byHand)
        w.violations.push(`${SITES[s]} demoted ${KEYS[v]} under its application`);
}

/** An application that starts below a second primary writes what the other copy will never have. */
export function judgeStart(w: World, s: number, volumes: readonly VolumePlan[]): void {
    if (w.sites[s]!.replicas) return;
    for (const { key } of volumes) {
        const v = KEYS.findIndex((k) => k === key);
        const [own, other] = [w.sites[s]!, w.sites[1 - s]!];
        if (!own.images[v]?.primary && own.vr[v]?.state !== "primary" && !w.rbd[v])
            w.violations.push(`${SITES[s]} starts the application of ${key} on a copy that is not primary`);
        if (w.touched[v] || own.vr[v]?.forced) continue;
        if (other.images[v]?.primary && other.images[v]!.mirrored)
            w.violations.push(`${SITES[s]} starts the application of ${key} while ${SITES[1 - s]} is primary`);
    }
}

/** A handover that is written down is believed by a site that can see nothing else. */
export function judgeRecord(w: World, s: number, key: string): void {
    const v = KEYS.findIndex((k) => k === key);
    const [own, other] = [w.sites[s]!.images[v], w.sites[1 - s]!.images[v]];
    if (own === undefined || w.rbd[v]) return;
    if (own.primary || (other !== undefined && !contains(other.snap, own.snap)))
        w.violations.push(`${SITES[s]} writes down that it handed ${key} over, and it has not`);
    else if (w.last[v] === s) w.given[v] = 1 - s;
}
