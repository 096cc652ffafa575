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

/** Of how many volumes a refusal tells one by one: of hundreds that are alike, the first few say it. */
const TOLD = 5;

/** The first of the volumes; the rest are only counted. */
export function told(volumes: readonly VolumeFacts[]): readonly VolumeFacts[] {
    return volumes.length > TOLD + 1 ? volumes.slice(0, TOLD) : volumes;
}

/** The volumes by name, for a sentence. */
export function names(volumes: readonly VolumeFacts[]): string {
    const some = told(volumes);
    const more = volumes.length - some.length;
    return some.map((v) => v.key).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Every volume by name, for what is to be typed. */
export function allNames(volumes: readonly VolumeFacts[]): string {
    return volumes.map((v) => v.key).join(", ");
}

/** Both sides of each volume. */
export function bothSides(context: Context, volumes: readonly VolumeFacts[]): string[] {
    return seenOf(volumes, (v) => [seenVolume(context, v, "own"), seenVolume(context, v, "peer")]);
}

/** One side of each volume. */
export function oneSide(context: Context, volumes: readonly VolumeFacts[], side: "own" | "peer"): string[] {
    return seenOf(volumes, (v) => [seenVolume(context, v, side)]);
}

function seenOf(volumes: readonly VolumeFacts[], lines: (v: VolumeFacts) => string[]): string[] {
    const some = told(volumes);
    const more = volumes.length - some.length;
    return [...some.flatMap(lines), ...(more > 0 ? [`and ${more} more volumes: rbd-dr status shows each`] : [])];
}
