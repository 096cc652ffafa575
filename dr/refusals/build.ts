/** What every refusal is made with. */
import type { Context, VolumeFacts } from "../facts.js";
import { seenVolume } from "../seen.js";

/** The words of one refusal; the code is its key in the catalogue. */
export interface RefusalText {
    readonly reason: string;
    readonly seen: readonly string[];
    readonly next: readonly string[];
}

/**
 * Writes one refusal.
 *
 * @param context all that is known
 * @param volumes those that the refusal is about; empty where it is about the site
 * @param detail what only the guard knows, in words that end the reason
 */
export type RefusalBuilder = (context: Context, volumes: readonly VolumeFacts[], detail?: string) => RefusalText;

/** The volumes by name, for a sentence. */
export function names(volumes: readonly VolumeFacts[]): string {
    return volumes.map((v) => v.key).join(", ");
}

/** Both sides of each volume. */
export function bothSides(context: Context, volumes: readonly VolumeFacts[]): string[] {
    return volumes.flatMap((v) => [seenVolume(context, v, "own"), seenVolume(context, v, "peer")]);
}

/** One side of each volume. */
export function oneSide(context: Context, volumes: readonly VolumeFacts[], side: "own" | "peer"): string[] {
    return volumes.map((v) => seenVolume(context, v, side));
}
