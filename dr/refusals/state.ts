/** Refusals of states on this cluster that have to be mended before anything is asked of it. */
import { deleteClaim, describeClaim, dropFinalizer, flip, up } from "../commands.js";
import type { Context, VolumeFacts } from "../facts.js";
import { ownLostItsVr } from "../unprotected.js";
import { asksPrimary } from "../vr-status.js";
import { bothSides, names, oneSide, type RefusalBuilder } from "./build.js";
import { waysOutOfUnmirrored } from "./unprotected.js";

export const STATE_REFUSALS = {
    VR_DELETING: (context, volumes) => ({
        reason: `The VR of ${names(volumes)} is being deleted: what it will be afterwards cannot be told.`,
        seen: bothSides(context, volumes),
        next: [
            `wait until it is gone: kubectl get volumereplication -A`,
            ...volumes.map(
                (v) =>
                    `if it stays, the driver does not let go of a copy that does not replay; drop its finalizer, which leaves the image as it is: ${dropFinalizer(v.key)}, on ${v.ownVr?.deleting ? context.intent.site : context.intent.peer}`,
            ),
            up(context.intent.site),
        ],
    }),
    PVC_DELETING: (context, volumes) => ({
        reason: `The PVC of ${names(volumes)} is being deleted.`,
        seen: oneSide(context, volumes, "own"),
        next: [`kubectl get pvc -A, and wait until it is gone; its PV and its image stay`, up(context.intent.site)],
    }),
    PVC_LOST: (context, volumes) => ({
        reason: `The PVC of ${names(volumes)} has lost its PV, and Kubernetes never mends that by itself.`,
        seen: oneSide(context, volumes, "own"),
        next: [
            ...volumes.map((v) => deleteClaim(v.key)),
            `pulumi refresh -s ${context.intent.site} && ${up(context.intent.site)}`,
        ],
    }),
    PV_RELEASED: (context, volumes) => ({
        reason: `The PV of ${names(volumes)} still belongs to a PVC that is gone, so no PVC can be bound to it.`,
        seen: oneSide(context, volumes, "own"),
        next: [
            ...volumes.map(
                (v) =>
                    `kubectl patch pv ${v.own?.pv?.name} --type json -p '[{"op":"remove","path":"/spec/claimRef/uid"},{"op":"remove","path":"/spec/claimRef/resourceVersion"}]'`,
            ),
            up(context.intent.site),
        ],
    }),
    IMAGE_DISAGREES: (context, volumes) => ({
        reason: `The VR of ${names(volumes)} and its image disagree about who is primary: the image was changed by hand, which the controller does not notice.`,
        seen: bothSides(context, volumes),
        next: [`look at both images: rbd mirror image status POOL/IMAGE, on both sites`, ...undoings(context, volumes)],
    }),
    HALF_PROVISIONED: (context, volumes) => ({
        reason: volumes.every((v) => ownLostItsVr(context, v))
            ? `${names(volumes)} is not replicated here any more: its VR is gone, most likely deleted by hand, and its image is not mirrored, so that it can receive nothing.`
            : `${names(volumes)} was provisioned here and never replicated: as a secondary it would have no primary anywhere.`,
        seen: bothSides(context, volumes),
        next: volumes.every((v) => v.peerPrimary && ownLostItsVr(context, v))
            ? waysOutOfUnmirrored(context, volumes)
            : finishing(context, volumes),
    }),
    VR_DRIFTED: (context, volumes) => ({
        reason: `The VR of ${names(volumes)} is not what this up asked for: it was changed or deleted outside of Pulumi, which does not notice by itself.`,
        seen: oneSide(context, volumes, "own"),
        next: [`pulumi refresh -s ${context.intent.site} && ${up(context.intent.site)}`],
    }),
    PLAN_CHANGED: (context, volumes, detail) => ({
        reason: `While this up was under way, things changed for ${names(volumes)}: ${detail}. What was planned no longer holds.`,
        seen: bothSides(context, volumes),
        next: [`look at the new plan: pulumi preview -s ${context.intent.site}`, up(context.intent.site)],
    }),
    VOLUME_IN_USE: (context, volumes, detail) => ({
        reason: `${names(volumes)} is still in use: a demotion would pull it away from under the application. Its VR was not changed.`,
        seen: [...(detail === undefined ? [] : [detail]), ...oneSide(context, volumes, "own")],
        next: [
            ...volumes.map((v) => `see who uses it: ${describeClaim(v.key)}`),
            `stop that (a Deployment or StatefulSet named in config, workloads, is stopped by the up itself), and wait until no pod and no VolumeAttachment is left`,
            up(context.intent.site),
        ],
    }),
} as const satisfies Record<string, RefusalBuilder>;

/** What was never replicated, or lost its VR while the peer is not primary, is finished here. */
function finishing(context: Context, volumes: readonly VolumeFacts[]): string[] {
    return [
        `finish it: ${flip(context, "own", "primary")}`,
        // One that is on record was replicated once: without its claim neither stack could tell what became of it.
        ...(volumes.some((v) => v.ownRecord !== undefined)
            ? []
            : [
                  `or, if nothing is on it, delete its PVC and its PV, which leaves the image in Ceph: ${volumes.map((v) => deleteClaim(v.key, v.own?.pv?.name)).join(" && ")} && ${up(context.intent.site)}`,
              ]),
    ];
}

/** How to undo what was done to an image with rbd: it depends on whether it was demoted or promoted. */
function undoings(context: Context, volumes: readonly VolumeFacts[]): string[] {
    const { site, peer } = context.intent;
    const demoted = volumes.some((v) => v.ownVr !== undefined && asksPrimary(v.ownVr));
    return demoted
        ? [
              `to keep ${peer}'s copy: ${flip(context, "own", "secondary")}, then ${flip(context, "peer", "primary")}`,
              `to keep ${site}'s copy: rbd mirror image promote POOL/IMAGE on ${site}, then ${flip(context, "own", "primary")}`,
          ]
        : [
              `to keep ${peer}'s copy: rbd mirror image demote POOL/IMAGE on ${site}, then ${flip(context, "peer", "primary")}, then, if it stays in split brain here, ${flip(context, "own", "resync")}`,
              `to keep ${site}'s copy: ${flip(context, "own", "primary")}`,
          ];
}
