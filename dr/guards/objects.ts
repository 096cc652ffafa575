/**
 * Guards over the objects of volumes here, before any state is asked of them: edits that would replace something, objects
 * that are on their way out, PVs that would take their image along.
 */
import { isReleased } from "./adoption.js";
import { parseQuantity } from "../quantity.js";
import { refuse } from "../refusals.js";
import type { Context, VolumeFacts } from "../facts.js";
import type { Refusal, RefusalCode } from "../model.js";

/** The first reason why this cluster's objects must not be touched. */
export function guardObjects(context: Context): Refusal | undefined {
    return (
        refuseWhere(context, context.all, "VOLUME_REMOVED", (v) => removed(context, v)) ??
        refuseWhere(context, context.volumes, "VR_DELETING", (v) => v.ownVr?.deleting === true) ??
        refuseWhere(context, context.volumes, "PVC_DELETING", (v) => v.own?.pvc?.deleting === true) ??
        refuseWhere(context, context.volumes, "PVC_LOST", (v) => v.own?.pvc?.phase === "Lost") ??
        refuseWhere(context, context.volumes, "PV_RELEASED", released) ??
        refuseWhere(context, context.volumes, "RECLAIM_POLICY", (v) => takesItsImage(context, v)) ??
        refuseWhere(context, context.volumes, "VR_OF_OTHER_CLAIM", otherClaim) ??
        refuseWhere(context, context.volumes, "VOLUME_SHRINK", shrinks) ??
        guardClasses(context)
    );
}

function guardClasses(context: Context): Refusal | undefined {
    const { replicationClass, storageClass } = context.intent;
    return (
        refuseWhere(
            context,
            context.volumes,
            "CLASS_CHANGED",
            (v) =>
                v.ownVr !== undefined &&
                replicationClass !== undefined &&
                v.ownVr.spec.volumeReplicationClass !== replicationClass,
            (v) => `its VR has the class ${v.ownVr?.spec.volumeReplicationClass}, config says ${replicationClass}`,
        ) ??
        refuseWhere(
            context,
            context.volumes,
            "CLASS_CHANGED",
            (v) =>
                storageClass !== undefined &&
                v.spec?.adopt !== true &&
                v.own?.pvc?.storageClass !== undefined &&
                v.own.pvc.storageClass !== storageClass,
            (v) => `its PVC has the StorageClass ${v.own?.pvc?.storageClass}, config says ${storageClass}`,
        )
    );
}

function refuseWhere(
    context: Context,
    volumes: readonly VolumeFacts[],
    code: RefusalCode,
    applies: (facts: VolumeFacts) => boolean,
    detail?: (facts: VolumeFacts) => string,
): Refusal | undefined {
    const hit = volumes.filter(applies);
    return hit.length === 0 ? undefined : refuse(code, context, hit, detail?.(hit[0]!));
}

/** No longer in config, and not let go in so many words either. */
function removed(context: Context, v: VolumeFacts): boolean {
    return v.spec === undefined && v.ownVr !== undefined && !isReleased(context, v);
}

/** A PV that is not Retain, and that this program is not going to make so. */
function takesItsImage({ intent }: Context, { spec, own }: VolumeFacts): boolean {
    if ((own?.pv?.reclaimPolicy ?? "Retain") === "Retain") return false;
    return !(spec?.adopt === true && intent.setRetain === true);
}

function released({ own }: VolumeFacts): boolean {
    return own?.pv?.phase === "Released" || own?.pv?.phase === "Failed";
}

function otherClaim({ key, ownVr }: VolumeFacts): boolean {
    return ownVr !== undefined && ownVr.spec.claim !== key.slice(key.indexOf("/") + 1);
}

function shrinks({ spec, own }: VolumeFacts): boolean {
    const requested = own?.pvc?.requestedBytes;
    return requested !== undefined && parseQuantity(spec!.size) < requested;
}
