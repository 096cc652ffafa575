/** The gate before a demotion: nobody uses the volume any more. */
import type { ClusterAccess } from "../config.js";
import { describeRefusal } from "../dr/describe.js";
import { contextOf } from "../dr/facts.js";
import { guardInUse } from "../dr/guards/in-use.js";
import { usersOf } from "../dr/seen.js";
import type { DecisionInput, Refusal, VolumeKey, VolumeSnapshot } from "../dr/model.js";
import { connect } from "../observe/cluster.js";
import { observeVolume } from "../observe/site.js";
import { waitUntil } from "./poll.js";

/**
 * Waits until the guard has nothing against a demotion: no pod mounts the claim, no VolumeAttachment of its PV is left.
 *
 * @param input what was seen of everything else when the run began
 * @param look looks at the volume once more
 * @param seconds how long to wait
 * @throws Error with the guard's refusal when somebody still uses the volume after that
 */
export async function waitQuiesced(
    input: DecisionInput,
    key: VolumeKey,
    look: () => Promise<VolumeSnapshot>,
    seconds: number,
): Promise<void> {
    let refusal: Refusal | undefined;
    await waitUntil(
        `${key} to be out of use`,
        async () => {
            // A look that fails says nothing of who uses it now.
            refusal = undefined;
            const volume = await look();
            refusal = guardInUse(
                contextOf(withVolume(input, volume)),
                key,
                `waited ${seconds} s for it to be out of use`,
            );
            return refusal && usersOf(volume).join(", ");
        },
        seconds,
        { failure: () => refusal && describeRefusal(refusal) },
    );
}

/** Looks at one volume of a cluster, and not at its image: who uses it is Kubernetes' to say. */
export function lookAtVolume(access: ClusterAccess, key: VolumeKey): () => Promise<VolumeSnapshot> {
    const cluster = connect(access);
    return () => observeVolume(cluster, key, { images: {} });
}

/** What was seen, with a newer look at one volume of this site. */
function withVolume(input: DecisionInput, volume: VolumeSnapshot): DecisionInput {
    const before = input.own.reach === "observed" ? input.own : undefined;
    const at = new Date().toISOString();
    const volumes = { ...before?.volumes, [volume.key]: volume };
    return { ...input, own: { ...before, reach: "observed", at, volumes } };
}
