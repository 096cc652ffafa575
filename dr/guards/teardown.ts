/**
 * The guard before a site is taken down: the secondary first and only while it replays, then the primary (facts b.5 fact 9).
 * In any other order a VR's finalizer stays for ever, or the primary's end deletes the other site's copy under it.
 */
import { asksPrimary, handedOver, replaying } from "../vr-status.js";
import { holdsAnything, type Context, type VolumeFacts } from "../facts.js";
import { judge, no, type Moved, type Verdict } from "./verdict.js";
import type { Refusal } from "../model.js";

/** Whether this site may be taken down. */
export function guardTeardown(context: Context): Refusal | readonly Moved[] {
    return judge(context, context.volumes, judgeTeardown);
}

/** Whether one volume's VR may be taken away. */
export function judgeTeardown(context: Context, v: VolumeFacts): Verdict {
    const vr = v.ownVr;
    if (vr === undefined) return holdsAnything(v.own) ? { move: "keep" } : { move: "absent" };
    if (asksPrimary(vr)) return judgePrimary(context, v);
    if (!context.peerSeen) return no("TEARDOWN_PEER_UNKNOWN");
    const image = v.own?.image;
    // An image that the primary's end has deleted lets its VR go (NotFound is accepted).
    if (image?.exists === false) return { move: "keep" };
    const feeds = v.peerVr !== undefined && asksPrimary(v.peerVr);
    const healthy = image?.state === undefined ? replaying(vr) || handedOver(vr) : image.state === "up+replaying";
    return feeds && healthy ? { move: "keep" } : no("TEARDOWN_NOT_REPLAYING");
}

function judgePrimary(context: Context, v: VolumeFacts): Verdict {
    if (context.peerSeen) return v.peerVr === undefined ? { move: "keep" } : no("TEARDOWN_ORDER");
    const gone = v.peerRecord === undefined || context.peerLost;
    return gone ? { move: "keep" } : no("TEARDOWN_PEER_UNKNOWN");
}
