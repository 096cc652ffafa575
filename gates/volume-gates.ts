/** The last look before a volume is made, or its VolumeReplication created or changed. */
import type { SiteConfig } from "../config.js";
import { describeRefusal } from "../dr/describe.js";
import type { VolumePlan } from "../dr/model.js";
import { stillPlanned } from "../dr/outcome.js";
import type { Observation } from "../observe/index.js";
import { waitProvisioner } from "./provisioner.js";
import { waitQuiesced } from "./quiesced.js";

/** Checks of one volume; each throws with what is wrong. */
export interface VolumeGates {
    /** Before the claim: the provisioner is there, and what was planned for the volume still is. */
    readonly beforeClaim: () => Promise<void>;
    /** Before the VR: nobody uses a volume that is to be demoted, and the plan still holds. */
    readonly beforeReplication: () => Promise<void>;
}

/**
 * Makes the gates of a volume.
 *
 * Between the decision at the program's start and the VR's change, minutes may have passed and the peer may have changed;
 * a promotion cannot be taken back. So the clusters are looked at once more, and the same decision is asked for again.
 */
export function volumeGates(config: SiteConfig, observation: Observation, plan: VolumePlan): VolumeGates {
    const provisioner = () => waitProvisioner(config.access, config.rook.version, config.timeouts.provisioner);
    const lookAgain = async () => {
        const refusal = stillPlanned(plan, await observation.again());
        if (refusal !== undefined) throw new Error(describeRefusal(refusal));
    };
    return {
        beforeClaim: async () => {
            await provisioner();
            await lookAgain();
        },
        beforeReplication: async () => {
            await provisioner();
            if (plan.vr?.replicationState !== "primary")
                await waitQuiesced(config.access, plan.key, config.timeouts.quiesce);
            await lookAgain();
        },
    };
}
