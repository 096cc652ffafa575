/** What a stack exports: the state that the other stack decides from, and lines for a person. */
import * as pulumi from "@pulumi/pulumi";
import type { SiteConfig } from "./config.js";
import type { GroupInputs } from "./components/group.js";
import {
    type DecisionInput,
    type Plan,
    type SiteOutputs,
    type SitePlan,
    type VolumeKey,
    type VolumeRecord,
} from "./dr/model.js";
import { volumeIn } from "./dr/facts.js";
import { groupOutputs, memoriesOf, stateOfSite } from "./dr/groups/outputs.js";
import { forPeople } from "./gates/gated.js";
import { OUTPUT_SCHEMA } from "./observe/outputs.js";

/** Records of the volumes held here; each resolves only when its volume has reached its state. */
export type Records = Readonly<Record<VolumeKey, pulumi.Output<VolumeRecord>>>;

/** {@link SiteOutputs}, with records that are still to come. */
export type SiteState = Omit<SiteOutputs, "records" | "handedOver"> & {
    readonly handedOver: pulumi.Output<VolumeKey[]>;
    readonly records: pulumi.Output<Record<VolumeKey, VolumeRecord>>;
};

/** One volume, for a person. */
export interface VolumeLine {
    readonly pvc: VolumeKey;
    readonly role: string;
    readonly size: string;
    /** `pool/image`; absent while the volume is not held here. */
    readonly image?: pulumi.Output<string>;
    /** Newest snapshot that the peer is known to hold (RFC 3339). */
    readonly lastSync?: string;
    /** Absent for the default group. */
    readonly group?: string;
}

/**
 * The state of this site after this `up`; written only if it succeeds.
 *
 * @param groups each group's plan, and its look when every VR has reached its state: which volumes are seen handed over
 */
export function siteState(
    config: SiteConfig,
    groups: readonly Pick<GroupInputs, "plan" | "handedOver">[],
    input: DecisionInput,
    records: Records,
): SiteState {
    const plans = groups.map(({ plan }) => plan);
    const carried = Object.assign({}, ...plans.map((plan) => plan.carried)) as Plan["carried"];
    const resolved = pulumi.output({ ...carried, ...records }) as pulumi.Output<Record<VolumeKey, VolumeRecord>>;
    const held = plans.flatMap((plan) => plan.volumes.filter((v) => v.source !== "absent"));
    const lostSite = plans.find((plan) => plan.lostSite !== undefined)?.lostSite;
    return {
        schema: OUTPUT_SCHEMA,
        site: config.intent.site,
        replicationState: stateOfSite(plans),
        at: input.now,
        // Nothing secret, but pages of manifests that nobody wants to read after each run. Made secret once it is there: to wrap
        // what may still fail has Pulumi's SDK (3.248) run for ever, and take all memory, where it does.
        records: resolved.apply((all) => pulumi.secret(all)),
        sources: Object.fromEntries(held.map((v) => [v.key, v.source as SiteOutputs["sources"][VolumeKey]])),
        handedOver: resolved.apply(async () =>
            pulumi.runtime.isDryRun()
                ? plans.flatMap((plan) => plan.handedOver)
                : forPeople(async () => (await Promise.all(groups.map((g) => g.handedOver()))).flat()),
        ),
        terms: Object.fromEntries(held.map((v) => [v.key, v.vr?.term ?? 0])),
        lastSync: Object.fromEntries(
            held.flatMap(({ key, lossWindow }) => {
                // After a forced promotion: up to when this copy holds what the lost site wrote. It will want to know.
                const at = lossWindow?.lastSync ?? lastSync(input, key);
                return at === undefined ? [] : [[key, at]];
            }),
        ),
        ...(lostSite === undefined ? {} : { lostSite }),
        groups: groupOutputs(plans),
        workloads: memoriesOf(plans),
        releasing: held.filter((v) => v.spec.release === true).map((v) => v.key),
        teardown: config.intent.teardown,
    };
}

/** What the primary's VR says now, or what was known when it last said something. */
function lastSync(input: DecisionInput, key: VolumeKey): string | undefined {
    const live = volumeIn(input.own, key)?.vr?.status.lastSyncTime;
    return live ?? (input.ownOutputs.found === "outputs" ? input.ownOutputs.outputs.lastSync[key] : undefined);
}

/** Each volume as a line of the stack's outputs. */
export function volumeLines({ groups }: SitePlan, state: SiteState, records: Records): VolumeLine[] {
    const volumes = groups.flatMap((plan) => plan.volumes.map((v) => ({ ...v, group: plan.group })));
    return volumes.map((v): VolumeLine => ({
        pvc: v.key,
        ...(v.group === undefined ? {} : { group: v.group }),
        role: v.vr?.replicationState ?? "not held here yet",
        size: v.spec.size,
        ...(records[v.key] === undefined
            ? {}
            : { image: records[v.key]!.apply(({ image }) => `${image.pool}/${image.image}`) }),
        ...(state.lastSync[v.key] === undefined ? {} : { lastSync: state.lastSync[v.key] }),
    }));
}
