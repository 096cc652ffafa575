/** Turns what is to happen to a volume into what is to be built of it. */
import { asksPrimary, isPromoted, termOf } from "../vr-status.js";
import { holdsAnything, type Context, type VolumeFacts } from "../facts.js";
import { lossWindow } from "../loss-window.js";
import { gateLeft, type Gate } from "../wait-for.js";
import type { Moved } from "../guards/verdict.js";
import type { ReplicationState, VolumePlan, VolumeRecord } from "../model.js";

/**
 * Whether a demotion was begun here and its handover is still to come: this copy was primary last, nobody else is now, and
 * it is not seen to be handed over.
 */
export function awaitsHandover(context: Context, { facts: v, move }: Moved): boolean {
    if (move.move === "demote") return true;
    const vr = v.ownVr;
    if (move.move !== "keep" || vr === undefined || asksPrimary(vr) || v.ownHandedOver || v.peerPrimary) return false;
    // It was seen before, and the peer, who may have been promoted on it since, cannot be asked.
    if (!context.peerSeen && v.ownRecordsHandover && termOf(vr) <= (context.ownOutputs?.terms?.[v.key] ?? 0))
        return false;
    return v.ownTerm > v.peerTerm;
}

/** The plan of one volume of a site that is, or becomes, primary. */
export function planPrimary(context: Context, moved: Moved): VolumePlan {
    const { facts: v, move } = moved;
    const forced = move.move === "promote" && move.forced;
    const term = move.move === "keep" ? termOfPrimary(v) : Math.max(v.ownTerm, v.peerTerm) + (forced ? 2 : 1);
    return {
        ...base(context, v, move.move === "provision"),
        vr: vrPlan(context, v, { replicationState: "primary", autoResync: false }, "promoted", term),
        summary: primarySummary(context, moved),
        ...(forced ? { lossWindow: lossWindow(context, v) } : {}),
    };
}

/** The plan of one volume of a site that is, or becomes, secondary; `undefined` VR where nothing is held. */
export function planSecondary(context: Context, moved: Moved): VolumePlan {
    const { facts: v, move } = moved;
    if (move.move === "absent") return absent(v);
    // Only below a peer that has been promoted will the controller ever say Completed; and of a VR that is secondary already, as one
    // that handed over, it may say less again once the peer is.
    const fed = move.move !== "keep" && v.peerVr !== undefined && isPromoted(v.peerVr);
    const gate: Gate = fed ? "secondary" : "demoted";
    const term = move.move === "demote" ? termOfPrimary(v) : v.ownTerm;
    return {
        ...base(context, v, false),
        vr: {
            ...vrPlan(context, v, { replicationState: "secondary", autoResync: false }, gate, term),
            ...(awaitsHandover(context, moved) ? { awaitsHandover: true } : {}),
        },
        summary: secondarySummary(context, moved),
    };
}

/** The plan of one volume of a site whose copies are given up for fresh ones. */
export function planResync(context: Context, moved: Moved): VolumePlan {
    const { facts: v, move } = moved;
    const given = move.move === "resync" || (move.move === "keep" && v.ownVr !== undefined && v.ownVr.spec.autoResync);
    if (!given) return planSecondary(context, moved);
    return {
        ...base(context, v, false),
        vr: vrPlan(context, v, { replicationState: "secondary", autoResync: true }, "resynced", v.ownTerm),
        summary: `this copy is given up and copied afresh from ${context.intent.peer}`,
    };
}

/** The plan of one volume that stays exactly as it is. */
export function planUnchanged(context: Context, v: VolumeFacts): VolumePlan {
    const vr = v.ownVr;
    if (vr === undefined)
        return planSecondary(context, { facts: v, move: { move: holdsAnything(v.own) ? "secondary" : "absent" } });
    const { replicationState: state, autoResync } = vr.spec;
    return {
        ...base(context, v, false),
        vr: { replicationState: state, autoResync, term: v.ownTerm },
        summary: `stays ${state}`,
    };
}

function absent(v: VolumeFacts): VolumePlan {
    return {
        key: v.key,
        spec: v.spec!,
        source: "absent",
        summary: "not held here yet: the image arrives by mirroring",
    };
}

/**
 * The term of a VR that is primary: the one it carries. One that carries none, made by hand or by an older version, gets
 * one above everything known.
 */
function termOfPrimary(v: VolumeFacts): number {
    return termOf(v.ownVr) > 0 ? termOf(v.ownVr) : Math.max(v.ownTerm, v.peerTerm + 1);
}

function vrPlan(
    { ownOutputs, intent }: Context,
    v: VolumeFacts,
    wanted: { readonly replicationState: ReplicationState; readonly autoResync: boolean },
    gate: Gate,
    term: number,
): NonNullable<VolumePlan["vr"]> {
    const finished = ownOutputs?.replicationState === intent.replicationState && ownOutputs.terms?.[v.key] === term;
    const left = gateLeft(v.ownVr, wanted, gate, finished);
    return { ...wanted, term, ...(left === undefined ? {} : { waitFor: left }) };
}

/** Key, spec, and where the volume's objects come from. */
function base(
    context: Context,
    v: VolumeFacts,
    fresh: boolean,
): Pick<VolumePlan, "key" | "spec" | "source" | "record"> {
    const adopted = adoptedRecord(context, v);
    if (adopted !== undefined) return { key: v.key, spec: v.spec!, source: "adopt", record: adopted };
    const record = fresh ? undefined : recordToUse(context, v);
    return record === undefined
        ? { key: v.key, spec: v.spec!, source: "provision" }
        : { key: v.key, spec: v.spec!, source: "restore", record };
}

/**
 * The record of a claim that others made and that is there, taken afresh from what was seen; undefined for any other volume.
 * What this program restored of an adopted volume is not such a claim, for as long as a record of it is known.
 */
function adoptedRecord(
    context: Context,
    { key, spec, own, ownRecord, peerRecord }: VolumeFacts,
): VolumeRecord | undefined {
    if (spec?.adopt !== true || own?.pvc === undefined) return undefined;
    const adoptedBefore = context.ownOutputs?.sources[key] === "adopt";
    if (own.pvc.restored === true && !adoptedBefore && (ownRecord ?? peerRecord) !== undefined) return undefined;
    const { own: site } = context.input;
    const seen = site.reach === "observed" ? site.claims?.find((claim) => claim.key === key)?.record : undefined;
    // One that is being deleted or unbound says less than what was written down of it.
    return seen ?? ownRecord ?? peerRecord;
}

/**
 * The record that the volume here was, or is to be, restored from; undefined for one that was provisioned here. What was
 * once restored stays restored, and from the same record: anything else would replace its PV.
 */
function recordToUse(context: Context, v: VolumeFacts): VolumeRecord | undefined {
    const { own, ownRecord, peerRecord } = v;
    if (own === undefined || !holdsAnything(own)) return peerRecord ?? ownRecord;
    const source = context.ownOutputs?.sources?.[v.key];
    if (source === "restore") return ownRecord ?? peerRecord;
    const pvName = own.pv?.name ?? own.pvc?.volumeName;
    // A provisioned claim always has its PV made for it; a PV without its claim can only be a restore that was cut short.
    if (source === "provision" && own.pvc !== undefined) return undefined;
    const match = [peerRecord, ownRecord].find((record) => record !== undefined && record.pv.metadata.name === pvName);
    return source === undefined || own.pvc === undefined ? match : undefined;
}

function primarySummary(context: Context, { facts: v, move }: Moved): string {
    switch (move.move) {
        case "provision":
            return "a new volume is provisioned and replicated";
        case "promote":
            if (move.forced) return `promoted by force: ${context.intent.peer} is declared lost`;
            return move.recorded
                ? `promoted: ${context.intent.peer}'s last up recorded its handover`
                : `promoted: ${context.intent.peer} has handed it over`;
        default:
            return v.ownVr?.status.state === "Primary" ? "stays primary" : "its promotion is under way";
    }
}

function secondarySummary(context: Context, moved: Moved): string {
    const { facts: v, move } = moved;
    if (move.move === "demote") return `demoted, and handed over to ${context.intent.peer}`;
    if (awaitsHandover(context, moved)) return `demoted already; its handover to ${context.intent.peer} is waited for`;
    if (move.move === "secondary")
        return v.ownVr === undefined ? "becomes a secondary" : "stays a secondary, without autoResync";
    return "stays secondary";
}

/** Whether a volume has been handed over, or will have been once a plan with this move is done. */
export function handsOver(context: Context, moved: Moved): boolean {
    if (moved.move.move === "demote") return true;
    if (moved.move.move !== "keep" || moved.facts.ownVr === undefined) return false;
    if (moved.facts.ownHandedOver) return true;
    // Begun by a run that was killed. Of a VR that was demoted by hand nothing is claimed.
    return awaitsHandover(context, moved) && context.ownOutputs?.replicationState !== "secondary";
}
