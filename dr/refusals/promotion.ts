/** Refusals of `primary`. */
import { disaster, flip, groupKey, removeConfig, setState, up, setConfig } from "../commands.js";
import { inUse, type Context, type VolumeFacts } from "../facts.js";
import { describeProgress, seenOutputs, seenSite } from "../seen.js";
import { ownLostItsVr } from "../unprotected.js";
import { allNames, bothSides, names, told, type RefusalBuilder, type RefusalText } from "./build.js";
import { anyUnprotectedAtPeer, howUnprotected, stopWorkloads, waysOutOfBoth } from "./unprotected.js";

export const PROMOTION_REFUSALS = {
    BOTH_PRIMARY: (context, volumes) => ({
        reason: `${
            anyUnprotectedAtPeer(context, volumes)
                ? `Both sites serve ${names(volumes)}: ${context.intent.site} is primary, and ${context.intent.peer} uses it too: ${howUnprotected(volumes)}. Each`
                : `Both sites are primary for ${names(volumes)} (split brain): each`
        } may hold writes that the other lacks, and one copy has to be given up.`,
        seen: bothSides(context, volumes),
        next: waysOutOfBoth(context, volumes),
    }),
    PEER_PRIMARY: (context, volumes) =>
        anyUnprotectedAtPeer(context, volumes)
            ? peerUnprotected(context, volumes)
            : {
                  reason: `${context.intent.peer} is primary for ${names(volumes)}: promoting ${context.intent.site} now would make two primaries and lose the last writes.`,
                  seen: [...bothSides(context, volumes), seenOutputs(context, "peer")],
                  next: volumes.some((v) => ownLostItsVr(context, v))
                      ? waysOutOfBoth(context, volumes)
                      : [flip(context, "peer", "secondary"), flip(context, "own", "primary")],
              },
    PEER_NOT_HANDED_OVER: (context, volumes) => ({
        reason: `${context.intent.peer} has not handed ${names(volumes)} over yet: promoting now would lose its last writes, since csi-addons would force it.${progressOf(context, volumes)}`,
        seen: bothSides(context, volumes),
        next: [
            `wait, usually 15 to 60 s, and run again: ${up(context.intent.site)}`,
            `${up(context.intent.peer)}, which waits for the handover and says what it sees`,
            `if it never comes, see that rbd-mirror runs on both sites; to serve from ${context.intent.peer} again: ${flip(context, "peer", "primary")}`,
            `to give ${context.intent.peer}'s copy up: ${disaster(context)}`,
        ],
    }),
    PEER_RESYNCING: (context, volumes) => ({
        reason: `${context.intent.peer} is giving its copy of ${names(volumes)} up for a fresh one, and nobody is primary to copy from.`,
        seen: bothSides(context, volumes),
        next: [flip(context, "peer", "secondary"), flip(context, "own", "primary")],
    }),
    PEER_VR_MISSING: (context, volumes) => ({
        reason: `${context.intent.peer} no longer has a VR of ${names(volumes)}, and was primary since ${context.intent.site} was: it cannot be shown that this copy is the latest.`,
        seen: [...bothSides(context, volumes), seenOutputs(context, "peer")],
        next: [
            `if ${context.intent.peer} still has the volume: pulumi refresh -s ${context.intent.peer} && ${flip(context, "peer", "secondary")}`,
            `if it is gone: ${disaster(context)}`,
        ],
    }),
    PEER_UNREACHABLE: (context, volumes, detail) => ({
        reason: `${context.intent.peer} cannot be seen, and nothing records that it handed ${names(volumes)} over${detail ? `: ${detail}` : ""}. It may still be primary.`,
        seen: [seenSite(context, "peer"), seenOutputs(context, "peer"), seenOutputs(context, "own")],
        next: [
            `bring ${context.intent.peer} back, then ${flip(context, "peer", "secondary")}`,
            `only if ${context.intent.peer} is lost and cannot serve any more: ${disaster(context)}`,
        ],
    }),
    LOST_SITE_ALIVE: (context, volumes) => ({
        reason: `${context.intent.peer} is declared lost, but its API answers and ${usedAtPeer(context)} is in use there: its writes would be lost, and two sites would serve.`,
        seen: bothSides(context, volumes),
        next: [
            // One that has lost its VR cannot hand over before it has a new one.
            `if it works: ${removeConfig(context.intent.site, "lostSite")}, then ${flip(context, "peer", anyUnprotectedAtPeer(context, volumes) ? "primary" : "secondary")}`,
            `if it is to be abandoned, fence it: stop its workloads (kubectl scale --replicas=0) until no pod and no VolumeAttachment is left, then ${up(context.intent.site)}`,
        ],
    }),
    LOST_SITE_LEFTOVER: (context, volumes) => ({
        reason: `lostSite is left over from an earlier disaster: it was used by the last finished up, and consent to lose writes of ${names(volumes)} counts once.`,
        seen: [seenOutputs(context, "own"), seenSite(context, "peer"), ...bothSides(context, volumes)],
        next: [
            `${removeConfig(context.intent.site, "lostSite")} && ${flip(context, "own", "secondary")}`,
            `only if ${context.intent.peer} is lost again: ${removeConfig(context.intent.site, "lostSite")} && ${flip(context, "own", "secondary")}, then ${disaster(context)}`,
        ],
    }),
    OWN_SPLIT_BRAIN: (context, volumes) => ({
        reason: `The copy of ${names(volumes)} on ${context.intent.site} is in split brain: it is not the latest, and a promotion would not even be refused by the driver.`,
        seen: bothSides(context, volumes),
        next: [
            `to keep ${context.intent.peer}'s copy and discard this one: ${setConfig(context.intent.peer, "lostSite", context.intent.site)} && ${flip(context, "peer", "primary")}, then ${flip(context, "own", "resync")}, then ${removeConfig(context.intent.peer, "lostSite")}`,
            `only if ${context.intent.peer}'s copy is to be discarded: ${disaster(context)}`,
        ],
    }),
    OWN_RESYNCING: (context, volumes) => ({
        reason: `The copy of ${names(volumes)} on ${context.intent.site} was given up for a fresh one: it is not the latest, ${context.intent.peer} has that.`,
        seen: bothSides(context, volumes),
        next: [flip(context, "own", "secondary"), flip(context, "peer", "secondary"), flip(context, "own", "primary")],
    }),
    OWN_COPY_MISSING: (context, volumes) => ({
        reason: `${context.intent.site}'s Ceph has no image of ${names(volumes)}: there is nothing to promote.`,
        seen: bothSides(context, volumes),
        next: [
            flip(context, "peer", "primary"),
            `wait until ${context.intent.site} has received the image: rbd mirror image status POOL/IMAGE`,
        ],
    }),
    OWN_COPY_INCOMPLETE: (context, volumes) => ({
        reason: `The copy of ${names(volumes)} on ${context.intent.site} has never been complete: there is no consistent state to promote.${progressOf(context, volumes, "own")}`,
        seen: bothSides(context, volumes),
        next: [
            `bring ${context.intent.peer} back and keep it primary: ${flip(context, "peer", "primary")}`,
            `${setState(context, "own", "secondary")}, and wait until the copy is complete`,
        ],
    }),
    NOTHING_TO_RESTORE: (context, volumes) => ({
        reason: `${context.intent.peer} is declared lost, and neither stack has a record of ${names(volumes)}: an empty volume would take the place of the lost one.`,
        seen: [seenOutputs(context, "peer"), seenOutputs(context, "own"), seenSite(context, "peer")],
        next: [
            `if ${allNames(volumes)} is new, leave it out of ${groupKey(context.intent.group, "volumes")} of ${context.intent.site} until the failover is done`,
            `if this is a first deployment: ${removeConfig(context.intent.site, "lostSite")} && ${up(context.intent.site)}`,
        ],
    }),
    RECORD_MISSING: (context, volumes) => ({
        reason: `${context.intent.peer} holds ${names(volumes)} and its outputs have no record of it: ${context.intent.site} cannot restore it, and must not make an empty one.`,
        seen: [...bothSides(context, volumes), seenOutputs(context, "peer")],
        next: [
            `finish the peer's last run, which writes the record: ${up(context.intent.peer)}`,
            up(context.intent.site),
        ],
    }),
    VOLUME_LOST: (context, volumes) => ({
        reason: `${context.intent.site} held ${names(volumes)} and has nothing of it any more: its cluster was rebuilt, and whether its Ceph still has the image cannot be told. An empty volume would hide the loss.`,
        seen: [...bothSides(context, volumes), seenOutputs(context, "own")],
        next: [
            `if the cluster was rebuilt and its Ceph still has the image, let it be seen: set rbdConf, then ${up(context.intent.site)}`,
            `otherwise let it join afresh: ${flip(context, "own", "secondary")}, then ${flip(context, "peer", "primary")}`,
        ],
    }),
    PROVISION_UNSURE: (context, volumes) => ({
        reason: `${names(volumes)} has no record, and ${context.intent.peer} cannot be asked whether it holds one: a new volume might take the place of an old one.`,
        seen: [seenSite(context, "peer"), seenOutputs(context, "peer"), seenOutputs(context, "own")],
        next: [
            `bring ${context.intent.peer} back and run again: ${up(context.intent.site)}`,
            `or leave ${allNames(volumes)} out of ${groupKey(context.intent.group, "volumes")} of ${context.intent.site} for now`,
        ],
    }),
} as const satisfies Record<string, RefusalBuilder>;

/** The peer's VR was deleted by hand while its application writes: nothing is lost as long as nobody takes its place. */
function peerUnprotected(context: Context, volumes: readonly VolumeFacts[]): RefusalText {
    const { site, peer } = context.intent;
    // What mirroring has taken along when it ended cannot be promoted at any price.
    const copies = volumes.every((v) => v.own?.image?.exists !== false);
    return {
        reason: `${peer} serves ${names(volumes)}, and nothing replicates it: ${howUnprotected(volumes)}. Promoting ${site} now would make two sites serve, and lose what ${peer} wrote since.`,
        seen: [...bothSides(context, volumes), seenOutputs(context, "peer")],
        next: [
            `to go on serving from ${peer}, which makes its VR again: ${flip(context, "peer", "primary")}`,
            `wait until ${site} has a complete copy again (rbd mirror image status POOL/IMAGE), and move then: ${flip(context, "peer", "secondary")}`,
            flip(context, "own", "primary"),
            ...(copies ? [`to give up what ${peer} has: ${stopWorkloads(peer)}, then ${disaster(context)}`] : []),
        ],
    };
}

/** What shows that the peer is alive: a site is lost for all its groups or for none. */
function usedAtPeer({ all, input }: Context): string {
    const own = all.filter((v) => inUse(v.peer)).map((v) => v.key);
    return [...own, ...(input.inUseAtPeer ?? []).map((key) => `${key} of another group`)].join(", ");
}

/** How far the copy that is waited for has come, as the end of a sentence. */
function progressOf(
    _context: Parameters<RefusalBuilder>[0],
    volumes: Parameters<RefusalBuilder>[1],
    side: "own" | "both" = "both",
): string {
    const lines = told(volumes).flatMap((v) => {
        const text = describeProgress(v.own?.image) || (side === "both" ? describeProgress(v.peer?.image) : "");
        return text === "" ? [] : [` ${v.key}: ${text}.`];
    });
    return lines.join("");
}
