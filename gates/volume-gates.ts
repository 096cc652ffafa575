/** The last look before a volume is made, or its VolumeReplication created or changed. */
import type { SiteConfig } from "../config.js";
import { describeRefusal } from "../dr/describe.js";
import type { DecisionInput, ImageRef, Refusal, VolumePlan } from "../dr/model.js";
import { contextOf } from "../dr/facts.js";
import { guardInUse } from "../dr/guards/in-use.js";
import { stillPlanned } from "../dr/outcome.js";
import type { Observation } from "../observe/index.js";
import { waitCaughtUp } from "./caught-up.js";
import { waitProvisioner } from "./provisioner.js";
import { lookAtVolume, waitQuiesced } from "./quiesced.js";

/** Milliseconds until progress is told: before the VR has been changed, the image still is the old copy. */
const HEAD_START = 15_000;

/** Checks of one volume; each throws with what is wrong. */
export interface VolumeGates {
    /** Before the claim: the provisioner is there, and what was planned for the volume still is. */
    readonly beforeClaim: () => Promise<void>;
    /** Before the VR: nobody uses a volume that is to be demoted, and the plan still holds. */
    readonly beforeReplication: () => Promise<void>;
    /** After the VR: a copy that was given up has arrived afresh. */
    readonly afterReplication: () => Promise<void>;
}

/**
 * Makes the gates of a volume.
 *
 * Between the decision at the program's start and the VR's change, minutes may have passed and the peer may have changed;
 * a promotion cannot be taken back. So the clusters are looked at once more, and the same decision is asked for again.
 */
export function volumeGates(config: SiteConfig, observation: Observation, plan: VolumePlan): VolumeGates {
    const ref = imageRef(observation, plan);
    const resyncs = plan.vr?.autoResync === true && ref !== undefined;
    let vrDone = false;
    const arrived = async () => {
        vrDone = true;
        if (resyncs) await waitCaughtUp(config, plan.key, ref);
    };
    const provisioner = () => waitProvisioner(config.access, config.rook.version, config.timeouts.provisioner);
    const lookAgain = async (guard?: (now: DecisionInput) => Refusal | undefined) => {
        const now = await observation.again();
        const refusal = stillPlanned(plan, now) ?? guard?.(now);
        if (refusal !== undefined) throw new Error(describeRefusal(refusal));
    };
    /** The wait, and the same guard once more in the last look of all: a pod may have come in between. */
    const quiesced = async () => {
        const look = lookAtVolume(config.access, plan.key);
        await waitQuiesced(observation.input, plan.key, look, config.timeouts.quiesce);
        await lookAgain((now) => guardInUse(contextOf(now), plan.key));
    };
    return {
        beforeClaim: async () => {
            await provisioner();
            await lookAgain();
        },
        beforeReplication: async () => {
            await provisioner();
            await (plan.vr?.replicationState === "primary" ? lookAgain() : quiesced());
            // The VR takes minutes to say that it resyncs; meanwhile the image says how far it is.
            if (resyncs) {
                const tell = () => void waitCaughtUp(config, plan.key, ref, () => vrDone).catch(() => undefined);
                setTimeout(tell, HEAD_START).unref();
            }
        },
        afterReplication: arrived,
    };
}

/** Where the volume's image lies, from whichever stack has a record of it. */
function imageRef({ input }: Observation, plan: VolumePlan): ImageRef | undefined {
    const recorded = [input.ownOutputs, input.peerOutputs].map((o) =>
        o.found === "outputs" ? o.outputs.records[plan.key] : undefined,
    );
    return (plan.record ?? recorded.find((r) => r !== undefined))?.image;
}
