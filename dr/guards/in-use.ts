/** The guard right before a VR stops being primary: nobody uses the volume any more. */
import { inUse, type Context } from "../facts.js";
import { refuse } from "../refusals.js";
import type { Refusal, VolumeKey } from "../model.js";

/**
 * Whether a volume may be demoted now. The decision itself does not ask this, since it is made while the workload still
 * runs and is going to be stopped; this is for the gate right before the VR changes.
 *
 * @param key the volume
 * @param waited how long its being out of use was waited for, in words
 * @returns undefined when nothing mounts it and it is attached nowhere
 */
export function guardInUse(context: Context, key: VolumeKey, waited?: string): Refusal | undefined {
    const facts = context.all.find((v) => v.key === key);
    return facts !== undefined && inUse(facts.own) ? refuse("VOLUME_IN_USE", context, [facts], waited) : undefined;
}
