/** What a stack exports: the state that the other stack decides from, and lines for a person. */
import * as pulumi from "@pulumi/pulumi";
import type { SiteConfig } from "./config.js";
import type { DecisionInput, Plan, SiteOutputs, VolumeKey, VolumeRecord } from "./dr/model.js";
import { OUTPUT_SCHEMA } from "./observe/outputs.js";

/** One volume, for a person. */
export interface VolumeLine {
    readonly pvc: VolumeKey;
    readonly role: string;
    readonly image?: string;
    readonly lastSync?: string;
    readonly size: string;
}

/**
 * The state of this site after a successful `up`.
 *
 * @param records records of the volumes held here; they resolve only when their volumes have reached their state
 */
export function siteState(
    config: SiteConfig,
    plan: Plan,
    input: DecisionInput,
    records: Readonly<Record<VolumeKey, pulumi.Output<VolumeRecord>>>,
): pulumi.Output<SiteOutputs> {
    const before = input.ownOutputs.found === "outputs" ? input.ownOutputs.outputs : undefined;
    const held = plan.volumes.filter((v) => v.source !== "absent");
    return pulumi.output(records).apply((resolved): SiteOutputs => {
        const keys = held.map((v) => v.key);
        return {
            schema: OUTPUT_SCHEMA,
            site: config.intent.site,
            replicationState: plan.replicationState,
            at: new Date().toISOString(),
            records: resolved as Record<VolumeKey, VolumeRecord>,
            sources: Object.fromEntries(held.map((v) => [v.key, v.source === "restore" ? "restore" : "provision"])),
            handedOver: [...plan.handedOver],
            terms: Object.fromEntries(held.map((v) => [v.key, v.vr?.term ?? 0])),
            lastSync: Object.fromEntries(
                keys.flatMap((key) => pair(key, lastSync(input, key) ?? before?.lastSync[key])),
            ),
            lostSite: plan.lostSite,
            teardown: config.intent.teardown,
        };
    });
}

function lastSync(input: DecisionInput, key: VolumeKey): string | undefined {
    return input.own.reach === "observed" ? input.own.volumes[key]?.vr?.status.lastSyncTime : undefined;
}

function pair<T>(key: string, value: T | undefined): [string, T][] {
    return value === undefined ? [] : [[key, value]];
}

/** Each volume as a line of the stack's outputs. */
export function volumeLines(plan: Plan, state: pulumi.Output<SiteOutputs>): pulumi.Output<VolumeLine[]> {
    return state.apply((s) =>
        plan.volumes.map((v): VolumeLine => {
            const image = s.records[v.key]?.image;
            return {
                pvc: v.key,
                role: v.vr?.replicationState ?? "not held here yet",
                image: image && `${image.pool}/${image.image}`,
                lastSync: s.lastSync[v.key],
                size: v.spec.size,
            };
        }),
    );
}
