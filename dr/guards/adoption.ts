/** Guards over adoption: what config names must be there and fit; what is replicated is never dropped in silence. */
import { judgeTeardown } from "./teardown.js";
import { refuse } from "../refusals.js";
import { boundElsewhere } from "../unprotected.js";
import type { Context, VolumeFacts } from "../facts.js";
import type { Refusal, RefusalCode } from "../model.js";

/** The first reason why the claims that config adopts cannot be worked with. */
export function guardAdoption(context: Context): Refusal | undefined {
    const { adoption } = context.intent;
    const factsOf = (keys: readonly string[]) => context.all.filter((v) => keys.includes(v.key));
    if (adoption !== undefined && adoption.vanished.length > 0)
        return refuse("ADOPTED_VANISHED", context, factsOf(adoption.vanished.map((v) => v.key)));
    if (adoption !== undefined && adoption.missing.length > 0) return refuse("ADOPT_MISSING", context);
    if (adoption?.unfit.some((each) => each.named)) return refuse("ADOPT_UNFIT", context);
    return guardClaims(context) ?? guardRelease(context);
}

/** A claim of that name which is not this volume: what is asked of it would be asked of other data. */
function guardClaims(context: Context): Refusal | undefined {
    const own = context.volumes.filter((v) => v.ownVr === undefined && isStranger(v));
    if (own.length > 0) return refuse("CLAIM_IN_THE_WAY", context, own);
    // The other site could never restore it.
    const peer = context.volumes.filter((v) => v.spec?.adopt === true && v.peerVr === undefined && boundElsewhere(v));
    return peer.length > 0 ? refuse("PEER_CLAIM_IN_THE_WAY", context, peer) : undefined;
}

/** Whether the claim here is bound to a volume that neither stack's record of it names. */
function isStranger({ own, ownRecord, peerRecord }: VolumeFacts): boolean {
    const bound = own?.pvc?.volumeName;
    const known = [ownRecord, peerRecord].flatMap((record) => (record === undefined ? [] : [record.pv.metadata.name]));
    return bound !== undefined && known.length > 0 && !known.includes(bound);
}

/** The order of letting go is that of taking a site down: the copy first, and only while it replays. */
function guardRelease(context: Context): Refusal | undefined {
    const released = context.all.filter((v) => isReleased(context, v));
    const refused = released.flatMap((facts) => {
        const verdict = judgeTeardown(context, facts);
        return "no" in verdict ? [{ facts, code: verdict.no }] : [];
    });
    const [first] = refused;
    if (first === undefined) return undefined;
    const code: RefusalCode =
        first.code === "TEARDOWN_ORDER"
            ? "RELEASE_ORDER"
            : first.code === "TEARDOWN_NOT_REPLAYING"
              ? "RELEASE_NOT_REPLAYING"
              : "RELEASE_PEER_UNKNOWN";
    return refuse(
        code,
        context,
        refused.filter((each) => each.code === first.code).map((each) => each.facts),
    );
}

/** Whether config lets go of a volume. */
export function isReleased({ intent }: Context, { key }: VolumeFacts): boolean {
    return intent.release?.includes(key) === true;
}
