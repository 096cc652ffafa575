/** Refusals of `secondary`, `resync` and of taking a site down. */
import { disaster, flip, setConfig, setState, up, removeConfig } from "../commands.js";
import { describeProgress, seenOutputs, seenSite } from "../seen.js";
import { asksPrimary } from "../vr-status.js";
import { bothSides, names, told, type RefusalBuilder } from "./build.js";
import { anyUnprotectedAtPeer, howUnprotected, keepByLostSite, peerLostItsVr, waysOutOfBoth } from "./unprotected.js";

export const DEMOTION_REFUSALS = {
    BOTH_PRIMARY_USE_RESYNC: (context, volumes) => ({
        reason: `Both sites are primary for ${names(volumes)}: as a plain secondary ${context.intent.site} would stay in split brain. \`resync\` discards what was written here since the sites parted.`,
        seen: [...bothSides(context, volumes), seenOutputs(context, "peer")],
        next: [
            `to discard ${context.intent.site}'s copy: ${flip(context, "own", "resync")}`,
            `to discard ${context.intent.peer}'s copy instead: ${setState(context, "own", "primary")} && ${flip(context, "peer", "resync")} && ${up(context.intent.site)}`,
        ],
    }),
    PEER_AUTO_RESYNC: (context, volumes) => ({
        reason: `${context.intent.peer} still has autoResync on ${names(volumes)}: once ${context.intent.site} is demoted it could discard the only good copy there with nobody to copy from.`,
        seen: [...bothSides(context, volumes), seenOutputs(context, "peer")],
        next: [flip(context, "peer", "secondary"), flip(context, "own", "secondary")],
    }),
    PEER_SPLIT_BRAIN: (context, volumes) => ({
        reason: `The copy of ${names(volumes)} on ${context.intent.peer} is in split brain: it cannot receive the last writes, so the handover would never come.`,
        seen: bothSides(context, volumes),
        next: [flip(context, "peer", "resync"), flip(context, "peer", "secondary"), flip(context, "own", "secondary")],
    }),
    PEER_HAS_NO_COPY: (context, volumes) => ({
        reason: `${context.intent.peer} has no copy of ${names(volumes)} yet: stopping the application now would be an outage with nowhere to go.`,
        seen: bothSides(context, volumes),
        next: [
            `see that rbd-mirror runs on ${context.intent.peer} and the sites are peered: ${up(context.intent.peer)}, then ${up(context.intent.site)}`,
            `once the image is there: ${flip(context, "own", "secondary")}`,
            `until then serve from here: ${flip(context, "own", "primary")}`,
        ],
    }),
    PEER_MIRROR_DOWN: (context, volumes) => ({
        reason: `rbd-mirror on ${context.intent.peer} does not run: ${names(volumes)} could be demoted, but never handed over.`,
        seen: bothSides(context, volumes),
        next: [
            `kubectl -n rook-ceph rollout restart deployment/rook-ceph-rbd-mirror-a, on ${context.intent.peer}`,
            up(context.intent.site),
        ],
    }),
    OWN_MIRROR_DOWN: (context, volumes) => ({
        reason: `rbd-mirror on ${context.intent.site} does not run, or cannot reach ${context.intent.peer}: ${names(volumes)} ${
            volumes.some((v) => v.ownVr !== undefined && asksPrimary(v.ownVr))
                ? "could be demoted, but the handover would never be reported"
                : "was demoted, and the handover is not reported"
        }. Right after a start that passes in half a minute; else its log says why.`,
        seen: bothSides(context, volumes),
        next: [
            `if it cannot log in to ${context.intent.peer} (a key was changed): kubectl -n rook-ceph rollout restart deployment/rook-ceph-operator, on ${context.intent.site}, and wait a minute: Rook imports the peer's token again`,
            `kubectl -n rook-ceph rollout restart deployment/rook-ceph-rbd-mirror-a, on ${context.intent.site}`,
            up(context.intent.site),
        ],
    }),
    OWN_MIRROR_HUNG: (context, volumes) => ({
        reason: `rbd-mirror on ${context.intent.site} has hung since the forced promotion of ${names(volumes)}: it still waits for the cluster that was lost, so the demotion could never be handed over.`,
        seen: bothSides(context, volumes),
        next: [
            `kubectl -n rook-ceph rollout restart deployment/rook-ceph-rbd-mirror-a, on ${context.intent.site}`,
            up(context.intent.site),
        ],
    }),
    PEER_NOT_REPLAYING: (context, volumes) => ({
        reason: `${context.intent.peer} does not replay ${names(volumes)} at the moment: stopping the application now would only make the outage longer.`,
        seen: bothSides(context, volumes),
        next: [
            `wait, usually less than a minute, and run again: ${up(context.intent.site)}`,
            `if it stays like this: ${flip(context, "peer", "resync")}`,
        ],
    }),
    PEER_BEHIND: (context, volumes) => ({
        reason: anyUnprotectedAtPeer(context, volumes)
            ? `${context.intent.peer} receives nothing of ${names(volumes)}: ${howUnprotected(volumes)}. Both sites serve, and one copy has to be given up.`
            : `${context.intent.peer} is still receiving ${names(volumes)}: stopping the application now would only make the outage longer.${told(
                  volumes,
              )
                  .map((v) => ` ${v.key}: ${describeProgress(v.peer?.image) || "the first copy is not complete"}.`)
                  .join("")}`,
        seen: bothSides(context, volumes),
        next: anyUnprotectedAtPeer(context, volumes)
            ? waysOutOfBoth(context, volumes)
            : [`wait until it has caught up, and run again: ${up(context.intent.site)}`],
    }),
    DEMOTION_WITHOUT_PEER: (context, volumes) => ({
        reason: `${context.intent.peer} cannot be seen to take ${names(volumes)} over: the application would stop, and the handover might never come.`,
        seen: [seenSite(context, "peer"), seenOutputs(context, "peer")],
        next: [
            `bring ${context.intent.peer} up: ${up(context.intent.peer)}`,
            up(context.intent.site),
            `to stay primary: ${setState(context, "own", "primary")}; if a demotion was begun: ${disaster(context)}`,
        ],
    }),
    OWN_SPLIT_BRAIN_USE_RESYNC: (context, volumes) => ({
        reason: `The copy of ${names(volumes)} on ${context.intent.site} is in split brain and receives nothing: it has to be given up, or the other one.`,
        seen: bothSides(context, volumes),
        next: [
            `to discard ${context.intent.site}'s copy: ${flip(context, "own", "resync")}`,
            `to discard ${context.intent.peer}'s copy instead: stop the workloads of ${context.intent.peer} (kubectl scale --replicas=0) until no pod and no VolumeAttachment is left, then ${disaster(context)}, then ${flip(context, "peer", "resync")}, then ${removeConfig(context.intent.site, "lostSite")}`,
        ],
    }),
    RESYNC_UNFINISHED: (context, volumes) => ({
        reason: `The fresh copy of ${names(volumes)} is not being replayed yet: leaving \`resync\` now could leave it in split brain.${told(
            volumes,
        )
            .map((v) => describeProgress(v.own?.image))
            .filter((text) => text !== "")
            .map((text) => ` ${text}.`)
            .join("")}`,
        seen: bothSides(context, volumes),
        next: [
            `wait, usually one to two minutes, and run again: ${up(context.intent.site)}`,
            `or let an up wait for it: ${flip(context, "own", "resync")}`,
        ],
    }),
    RESYNC_PEER_UNREACHABLE: (context, volumes) => ({
        reason: `${context.intent.peer} cannot be seen: discarding ${names(volumes)} here is only safe while the other copy is primary and alive.`,
        seen: [seenSite(context, "peer"), seenOutputs(context, "peer")],
        next: [`bring ${context.intent.peer} back, then ${flip(context, "own", "resync")}`],
    }),
    RESYNC_PEER_NOT_PRIMARY: (context, volumes) => ({
        reason: `${context.intent.peer} is not primary for ${names(volumes)}: a resync would delete this copy with nothing to copy from.`,
        seen: bothSides(context, volumes),
        // A site that has lost its VR is not made primary again while this one is.
        next: volumes.some((v) => v.ownPrimary && peerLostItsVr(v))
            ? [
                  keepByLostSite(context, "peer"),
                  `to keep ${context.intent.site}'s copy instead: ${flip(context, "own", "primary")}`,
              ]
            : [
                  `make ${context.intent.peer} primary first: ${flip(context, "peer", "primary")}`,
                  `then ${flip(context, "own", "resync")}`,
                  `if nothing is to be discarded: ${flip(context, "own", "secondary")}`,
              ],
    }),
    RESYNC_NOTHING_HELD: (context) => ({
        reason: `${context.intent.site} holds none of its volumes: there is no copy to give up.`,
        seen: [seenSite(context, "own"), seenOutputs(context, "own")],
        next: [flip(context, "own", "secondary")],
    }),
    RESYNC_NOT_NEEDED: (context, volumes) => ({
        reason: `${context.intent.site} replays ${names(volumes)} and is healthy: a resync would throw a good copy away and leave no second one for a while.`,
        seen: bothSides(context, volumes),
        next: [flip(context, "own", "secondary")],
    }),
    TEARDOWN_ORDER: (context, volumes) => ({
        reason: `${context.intent.peer} still replicates ${names(volumes)}: taking the primary down first would delete the other site's copy under it.`,
        seen: bothSides(context, volumes),
        next: [
            `${setConfig(context.intent.peer, "teardown", "true")} && ${up(context.intent.peer)} && pulumi destroy -s ${context.intent.peer}`,
            `${up(context.intent.site)} && pulumi destroy -s ${context.intent.site}`,
        ],
    }),
    TEARDOWN_NOT_REPLAYING: (context, volumes) => ({
        reason: `${names(volumes)} does not replay here from a primary: its VR could not be deleted, its finalizer would stay.`,
        seen: bothSides(context, volumes),
        next: [
            `make ${context.intent.peer} primary: ${flip(context, "peer", "primary")}, wait until ${context.intent.site} replays, then ${up(context.intent.site)}`,
            `or make this site primary and take the other one down first: ${setConfig(context.intent.site, "teardown", "false")} && ${flip(context, "own", "primary")}`,
        ],
    }),
    TEARDOWN_PEER_UNKNOWN: (context, volumes) => ({
        reason: `${context.intent.peer} cannot be seen, and its outputs say that it holds ${names(volumes)}: taking ${context.intent.site} down might delete the last copies.`,
        seen: [seenSite(context, "peer"), seenOutputs(context, "peer")],
        next: [
            `bring ${context.intent.peer} back and take it down first`,
            `if it is lost: ${setConfig(context.intent.site, "lostSite", context.intent.peer)} && ${up(context.intent.site)}`,
        ],
    }),
} as const satisfies Record<string, RefusalBuilder>;
