/** How guards speak: volume by volume, what is to happen or why not. */
import { refuse } from "../refusals.js";
import type { Context, VolumeFacts } from "../facts.js";
import type { Refusal, RefusalCode } from "../model.js";

/** A guard's no to one volume. */
export interface No {
    readonly no: RefusalCode;
    readonly detail?: string;
}

/** What is to happen to one volume. */
export type Move =
    /** It already is what is asked, or was asked for it by an earlier run. */
    | { readonly move: "keep" }
    | { readonly move: "provision" }
    /** `forced`: writes may be lost; `recorded`: on the strength of the peer's outputs alone. */
    | { readonly move: "promote"; readonly forced: boolean; readonly recorded: boolean }
    | { readonly move: "demote" }
    /** A VR that is made, or cleared of autoResync, as a secondary. */
    | { readonly move: "secondary" }
    | { readonly move: "resync" }
    | { readonly move: "absent" };

/** A guard's answer for one volume. */
export type Verdict = Move | No;

/** A volume and what is to happen to it. */
export interface Moved {
    readonly facts: VolumeFacts;
    readonly move: Move;
}

/** Makes a no. */
export function no(code: RefusalCode, detail?: string): No {
    return { no: code, detail };
}

/**
 * Asks a guard about every volume.
 *
 * All or nothing: one volume that must not move keeps the others where they are. The refusal names every volume that the
 * gravest reason applies to, gravest first as `order` has it.
 *
 * @param order codes from grave to slight; codes that it lacks come last
 */
export function judge(
    context: Context,
    volumes: readonly VolumeFacts[],
    guard: (context: Context, facts: VolumeFacts) => Verdict,
    order: readonly RefusalCode[] = [],
): Refusal | readonly Moved[] {
    const moved: Moved[] = [];
    const refused: { facts: VolumeFacts; verdict: No }[] = [];
    for (const facts of volumes) {
        const verdict = guard(context, facts);
        if ("no" in verdict) refused.push({ facts, verdict });
        else moved.push({ facts, move: verdict });
    }
    if (refused.length === 0) return moved;
    const rank = (code: RefusalCode): number => (order.includes(code) ? order.indexOf(code) : order.length);
    const gravest = refused.reduce((a, b) => (rank(b.verdict.no) < rank(a.verdict.no) ? b : a)).verdict;
    const same = refused.filter((r) => r.verdict.no === gravest.no).map((r) => r.facts);
    return refuse(gravest.no, context, same, gravest.detail);
}
