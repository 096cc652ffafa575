/** What a person should weigh before a plan is carried out. */
import { removeConfig } from "../commands.js";
import { describeLossWindow } from "../loss-window.js";
import { parseQuantity } from "../quantity.js";
import { asksPrimary, asksResync, handedOver, imageInSplitBrain, replaying, vrInSplitBrain } from "../vr-status.js";
import type { Context, VolumeFacts } from "../facts.js";
import type { Moved } from "../guards/verdict.js";
import type { Plan, VolumePlan } from "../model.js";

/** All warnings of a plan, gravest first. */
export function warningsOf(
    context: Context,
    operation: Plan["operation"],
    moved: readonly Moved[],
    volumes: readonly VolumePlan[],
): string[] {
    return [
        ...lossWarnings(context, moved, volumes),
        ...moved.flatMap((m) => volumeWarnings(context, m)),
        ...siteWarnings(context, operation, moved),
    ];
}

function lossWarnings(context: Context, moved: readonly Moved[], volumes: readonly VolumePlan[]): string[] {
    const forced = volumes.flatMap((v) =>
        v.lossWindow === undefined ? [] : [describeLossWindow(v.key, v.lossWindow)],
    );
    const given = moved
        .filter((m) => m.move.move === "resync")
        .map(({ facts }) => {
            const since = receivedByPeer(context, facts);
            const when = since === undefined ? "" : ` (the last sync known to have reached it is of ${since})`;
            return `${facts.key}: whatever ${context.intent.site} wrote that ${context.intent.peer} never received is discarded${when}`;
        });
    return [...forced, ...given];
}

/**
 * When the peer last received something from here. Where it took over by force, it recorded that then; else our VR saw it
 * while it was primary, or our outputs recorded it.
 */
function receivedByPeer(context: Context, v: VolumeFacts): string | undefined {
    const { peerOutputs, ownOutputs, intent } = context;
    const atTakeover = peerOutputs?.lostSite === intent.site ? peerOutputs.lastSync[v.key] : undefined;
    return atTakeover ?? v.ownVr?.status.lastSyncTime ?? ownOutputs?.lastSync[v.key];
}

function volumeWarnings(context: Context, { facts: v, move }: Moved): string[] {
    const { site, peer } = context.intent;
    const warnings: string[] = [];
    if (move.move === "promote" && move.recorded)
        warnings.push(
            `${v.key}: ${peer} cannot be seen; its last up at ${context.peerOutputs?.at} recorded the handover, and that is relied on`,
        );
    if (move.move === "promote" && move.forced && v.peerPrimary)
        warnings.push(
            `${v.key}: ${peer} is still primary: it must not serve again before its copy is given up by resync`,
        );
    if (v.ownVr === undefined && v.ownTerm > 0 && move.move !== "absent")
        warnings.push(
            `${v.key}: its VR was deleted outside of this program; if it is not made again: pulumi refresh -s ${site}`,
        );
    if (v.own?.pvc === undefined && v.ownVr === undefined && v.own?.image?.primary === true && move.move === "absent")
        warnings.push(`${v.key}: its image is still primary in ${site}'s Ceph though Kubernetes holds nothing of it`);
    if (move.move === "keep" && v.ownVr !== undefined && asksPrimary(v.ownVr))
        warnings.push(...aboutPeersCopy(context, v));
    if (move.move === "keep" && v.ownVr !== undefined && !asksPrimary(v.ownVr))
        warnings.push(...aboutOwnCopy(context, v));
    if (
        move.move === "demote" &&
        context.peerSeen &&
        v.peer?.image === undefined &&
        v.ownVr?.status.lastSyncTime === undefined
    )
        warnings.push(`${v.key}: no sync to ${peer} is known yet; the handover waits for the first one`);
    if (restoredSmaller(v))
        warnings.push(`${v.key}: it is restored with the size it had; config asks for ${v.spec?.size}`);
    return warnings;
}

/** A primary's view of the other copy. */
function aboutPeersCopy(context: Context, v: VolumeFacts): string[] {
    const { peer } = context.intent;
    if (imageInSplitBrain(v.peer?.image) || vrInSplitBrain(v.peerVr))
        return [`${v.key}: ${peer}'s copy is in split brain and receives nothing; give it up with resync on ${peer}`];
    if (v.peerVr !== undefined && asksResync(v.peerVr))
        return [`${v.key}: ${peer} is receiving a fresh copy; set it secondary once it has caught up`];
    return [];
}

/** A secondary's view of its own copy, with a primary at the other site. */
function aboutOwnCopy(context: Context, v: VolumeFacts): string[] {
    if (!v.peerPrimary || v.ownVr === undefined || asksResync(v.ownVr)) return [];
    if (handedOver(v.ownVr) || replaying(v.ownVr)) return [];
    return [
        `${v.key}: it is not seen replaying from ${context.intent.peer}; if that stays so, see rbd-mirror on both sites, or resync`,
    ];
}

function siteWarnings(context: Context, operation: Plan["operation"], moved: readonly Moved[]): string[] {
    const { intent } = context;
    const warnings: string[] = [];
    const removed = context.all.filter(
        (v) => v.spec === undefined && v.ownRecord !== undefined && v.ownVr === undefined,
    );
    for (const v of removed)
        warnings.push(`${v.key}: no longer in config and without a VR here; its PV and image stay`);
    if (intent.lostSite !== undefined && operation !== "forced-promotion" && operation !== "teardown") {
        const why =
            intent.replicationState === "primary"
                ? `nothing is promoted by force now`
                : `it has no effect on a site that is not primary`;
        warnings.push(
            `lostSite is still set, and ${why}. Once ${intent.peer} takes part again: ${removeConfig(intent.site, "lostSite")}`,
        );
    }
    if (!context.peerSeen && moved.some((m) => m.move.move === "demote"))
        warnings.push(`${intent.peer} cannot be seen: whether it receives the last writes shows only in the handover`);
    return warnings;
}

function restoredSmaller(v: VolumeFacts): boolean {
    if (v.spec === undefined || v.spec.adopt === true || v.own?.pvc !== undefined || v.ownVr !== undefined)
        return false;
    const resources = (v.peerRecord ?? v.ownRecord)?.pvc.spec["resources"] as
        { requests?: { storage?: string } } | undefined;
    const had = resources?.requests?.storage;
    if (had === undefined) return false;
    try {
        return parseQuantity(had) < parseQuantity(v.spec.size);
    } catch {
        return false;
    }
}
