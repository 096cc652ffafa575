/**
 * The guard before `resync`: a copy may only be given up while the other one is primary and alive, since a resync deletes
 * the image first (facts b.5 fact 6), and only if there is a reason to.
 */
import { asksPrimary, asksResync, handedOver, imageInSplitBrain, replaying } from "../vr-status.js";
import { holdsAnything, type Context, type VolumeFacts } from "../facts.js";
import { refuse } from "../refusals.js";
import { seenUnmirrored } from "../unprotected.js";
import { judge, no, type Moved, type Verdict } from "./verdict.js";
import { servesAsSource } from "./demotion.js";
import type { Refusal } from "../model.js";

/** What `resync` means for this site's volumes, or why not. */
export function guardResync(context: Context): Refusal | readonly Moved[] {
    const moved = judge(context, context.volumes, judgeResync);
    if (!Array.isArray(moved)) return moved as Refusal;
    const held = (moved as readonly Moved[]).filter((m) => m.move.move !== "absent");
    if (held.length === 0) return refuse("RESYNC_NOTHING_HELD", context);
    const healthy = held.every((m) => m.move.move === "keep" && !asksResync(m.facts.ownVr!));
    return healthy
        ? refuse(
              "RESYNC_NOT_NEEDED",
              context,
              held.map((m) => m.facts),
          )
        : (moved as readonly Moved[]);
}

function judgeResync(context: Context, v: VolumeFacts): Verdict {
    if (!holdsAnything(v.own) && !strayImage(v)) return { move: "absent" };
    if (!context.peerSeen) return no("RESYNC_PEER_UNREACHABLE");
    if (!servesAsSource(v)) return no("RESYNC_PEER_NOT_PRIMARY");
    // Its VR would wait in vain: the controller enables mirroring for a primary only.
    if (seenUnmirrored(v.own)) return no("HALF_PROVISIONED");
    const vr = v.ownVr;
    if (vr === undefined)
        return imageInSplitBrain(v.own?.image) || v.own?.image?.primary ? { move: "resync" } : { move: "secondary" };
    if (asksPrimary(vr)) return { move: "resync" };
    if (asksResync(vr)) return { move: "keep" };
    return isHealthy(v) ? { move: "keep" } : { move: "resync" };
}

/** An image that Kubernetes here knows nothing of, and that was made primary or fell into split brain. */
function strayImage({ own, peerRecord }: VolumeFacts): boolean {
    const image = own?.image;
    return peerRecord !== undefined && image?.exists === true && (image.primary || imageInSplitBrain(image));
}

/** Whether the copy is fine as it is: a resync of a healthy image only takes the second copy away for a while. */
function isHealthy({ own, ownVr }: VolumeFacts): boolean {
    if (imageInSplitBrain(own?.image) || own?.image?.exists === false || own?.image?.primary === true) return false;
    if (own?.image?.state !== undefined) return own.image.state === "up+replaying";
    return ownVr !== undefined && (replaying(ownVr) || handedOver(ownVr));
}
