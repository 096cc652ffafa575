/** The last look before a VolumeReplication is created or changed. */
import * as pulumi from "@pulumi/pulumi";
import type { SiteConfig } from "../config.js";
import { decide } from "../dr/decide.js";
import { describeRefusal } from "../dr/describe.js";
import type { VolumePlan } from "../dr/model.js";
import type { Observation } from "../observe/index.js";
import { waitProvisioner } from "./provisioner.js";
import { waitQuiesced } from "./quiesced.js";

/**
 * Makes the hook that runs right before a volume's VR (or claim) is created or updated.
 *
 * Between the decision at the program's start and this moment, minutes may have passed and the peer may have changed; a
 * promotion cannot be taken back. So the clusters are looked at once more, and the same decision is asked for again.
 */
export function replicationGate(config: SiteConfig, observation: Observation, plan: VolumePlan): pulumi.ResourceHook {
    return new pulumi.ResourceHook(`gate-${plan.key.replace("/", "-")}`, async (args) => {
        await waitProvisioner(config.access, config.rook.version, config.timeouts.provisioner);
        if (!args.type.endsWith(":VolumeReplication")) return;
        if (plan.vr?.replicationState !== "primary")
            await waitQuiesced(config.access, plan.key, config.timeouts.quiesce);
        const decision = decide(await observation.again());
        if (decision.kind === "refusal") throw new Error(describeRefusal(decision));
    });
}
