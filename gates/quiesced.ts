/** The gate before a demotion: nobody uses the volume any more. */
import type { SiteConfig } from "../config.js";
import { describeRefusal } from "../dr/describe.js";
import { contextOf, inUse, keyOf } from "../dr/facts.js";
import { guardInUse } from "../dr/guards/in-use.js";
import { usersOf } from "../dr/seen.js";
import type { DecisionInput, Refusal, VolumeKey, VolumeSnapshot } from "../dr/model.js";
import { assembleVolumes } from "../observe/assemble.js";
import { connect } from "../observe/cluster.js";
import { listSite } from "../observe/lists.js";
import { sharedLook } from "../observe/shared-look.js";
import { namespacesOf } from "../observe/site.js";
import { patienceForLook } from "../many-volumes.js";
import { waitUntil } from "./poll.js";

/** Seconds between two looks: no application runs meanwhile. */
const INTERVAL = 0.3;

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
    let refusal: (() => Refusal | undefined) | undefined;
    await waitUntil(
        `${key} to be out of use`,
        async () => {
            // A look that fails says nothing of who uses it now.
            refusal = undefined;
            const volume = await look();
            if (!inUse(volume)) return undefined;
            // All that is known of all volumes is drawn together for the words, and these are needed once at most.
            refusal = () =>
                guardInUse(contextOf(withVolume(input, volume)), key, `waited ${seconds} s for it to be out of use`);
            return usersOf(volume).join(", ");
        },
        seconds,
        {
            rest: () => INTERVAL,
            failure: () => {
                const found = refusal?.();
                return found && describeRefusal(found);
            },
        },
    );
}

/**
 * Looks at volumes of this site, and not at their images: who uses one is Kubernetes' to say. Those who wait at the same
 * time share their looks.
 */
export function usageLook({ access, intent }: SiteConfig): (key: VolumeKey) => Promise<VolumeSnapshot> {
    const keys = intent.volumes.map(keyOf);
    const look = sharedLook(async () => {
        const lists = await listSite(connect(access), namespacesOf(keys), patienceForLook(keys.length));
        return new Map(assembleVolumes(lists, keys).map(({ volume }) => [volume.key, volume]));
    });
    return async (key) => (await look()).get(key) ?? { key, pods: [], attachments: [] };
}

/** What was seen, with a newer look at one volume of this site. */
function withVolume(input: DecisionInput, volume: VolumeSnapshot): DecisionInput {
    const before = input.own.reach === "observed" ? input.own : undefined;
    const at = new Date().toISOString();
    const volumes = { ...before?.volumes, [volume.key]: volume };
    return { ...input, own: { ...before, reach: "observed", at, volumes } };
}
