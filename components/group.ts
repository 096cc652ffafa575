/** Builds one group of a site: its volumes, and the workloads on them. */
import * as pulumi from "@pulumi/pulumi";
import type { SiteConfig } from "../config.js";
import type { Plan, VolumeKey, VolumePlan, VolumeRecord } from "../dr/model.js";
import { describeArrival } from "../dr/describe.js";
import { workloadKey } from "../dr/workloads/keys.js";
import { mountedOf } from "../dr/workloads/mounted.js";
import type { WorkloadKey, WorkloadPlan } from "../dr/workloads/types.js";
import { allDone, gated, unlessFailed } from "../gates/gated.js";
import type { FlipHooks } from "../gates/hooks.js";
import type { VolumeGates } from "../gates/volume-gates.js";
import { ReplicatedVolume } from "./replicated-volume.js";
import { Workload } from "./workload.js";

/** What one group of a site is built from. */
export interface GroupInputs {
    readonly plan: Plan;
    /** What must hold right before a volume changes. */
    readonly gates: (volume: VolumePlan) => VolumeGates;
    /** What must hold before a workload starts, once every VR of the group has reached its state. */
    readonly beforeWorkload: () => Promise<void>;
    /** The volumes that are seen handed over, once every VR has reached its state. */
    readonly handedOver: () => Promise<VolumeKey[]>;
    /** Config's commands round the flip. */
    readonly hooks: FlipHooks;
}

/** What a group's build gives. */
export interface BuiltGroup {
    readonly records: Readonly<Record<VolumeKey, pulumi.Output<VolumeRecord>>>;
    /** Resolves once everything that is to run does, hooks included. */
    readonly started: pulumi.Output<void>;
}

/** The namespaces that this program makes, by name. */
export type Namespaces = ReadonlyMap<string, pulumi.Resource>;

type Options = pulumi.ComponentResourceOptions & { dependsOn: pulumi.Resource[] };

/**
 * Workloads and volumes of a group, in the order of safety: to stop, workloads go down before any VR changes; to start,
 * every VR has reached its state before any workload comes up. Nothing of one group waits for anything of another.
 *
 * That all wait for all is one gate of the group; the graph that Pulumi keeps only says who uses what, so that it grows with
 * the group and not with its square.
 */
export function buildGroup(
    config: SiteConfig,
    { plan, gates, beforeWorkload, hooks }: GroupInputs,
    namespaces: Namespaces,
    opts: Options,
): BuiltGroup {
    const held = plan.volumes.filter((v) => v.source !== "absent");
    const uses = usesOf(config, plan);
    const namespaceOf = (namespace: string) => [namespaces.get(namespace) ?? []].flat();
    // What can go wrong before a workload is stopped, goes wrong while it runs; and the outage is as much shorter.
    const beforeStop = async () => {
        await claimed();
        await hooks.beforeStop();
    };
    const stopped = plan.workload === "down" ? buildWorkloads(config, plan, uses, beforeStop, namespaceOf, opts) : [];
    const down = allDone(stopped.map((w) => w.workload));
    const usersOf = indexUsers(stopped);
    const volumes = held.map((volume) => {
        const volumeGates = gates(volume);
        const { namespace } = volume.spec;
        return {
            key: volume.key,
            built: new ReplicatedVolume(
                resourceName(volume),
                {
                    plan: volume,
                    storageClass: config.storageClass,
                    replicationClass: config.replicationClass,
                    protect: plan.protect && volume.spec.release !== true,
                    keepClaim: staysInUse(plan, volume),
                    setRetain: config.intent.setRetain === true,
                    gates: {
                        ...volumeGates,
                        beforeReplication: async () => {
                            await down();
                            await volumeGates.beforeReplication();
                        },
                    },
                    base: opts.dependsOn,
                    stopped: usersOf.get(volume.key) ?? [],
                },
                { ...opts, dependsOn: [...opts.dependsOn, ...namespaceOf(namespace)] },
            ),
        };
    });
    const claimed = allDone(volumes.flatMap(({ built }) => built.volume));
    const replications = new Map(volumes.map(({ key, built }) => [key, built.replication]));
    // One that fails ends the program by the record that it holds back.
    const arrived = unlessFailed(Promise.all(volumes.map(({ built }) => built.arrived)));
    const news = pulumi.runtime.isDryRun() ? undefined : describeArrival(plan);
    if (news !== undefined) void arrived.then(() => pulumi.log.info(news));
    const beforeStart = async () => {
        await arrived;
        await beforeWorkload();
        await hooks.beforeStart();
    };
    const afterOf = (namespace: string, used: readonly VolumeKey[]) => [
        ...namespaceOf(namespace),
        ...used.flatMap((key) => replications.get(key) ?? []),
    ];
    const running = plan.workload === "up" ? buildWorkloads(config, plan, uses, beforeStart, afterOf, opts) : [];
    const started = gated(
        undefined,
        running.map((w) => w.workload),
        async () => {
            await arrived;
            await hooks.afterStart();
        },
    ) as unknown as pulumi.Output<void>;
    const records = Object.fromEntries(
        // A record counts only once the VR has reached its state: outputs never run ahead of the cluster.
        volumes.map(({ key, built }) => [
            key,
            pulumi.all([built.record, built.replication.id]).apply(async ([record]) => {
                await built.arrived;
                return record as VolumeRecord;
            }),
        ]),
    );
    return { records, started };
}

/** A volume's name in Pulumi. Adopted claims come from any namespace, so that a `-` could stand for two things. */
function resourceName({ key, spec }: VolumePlan): string {
    return spec.adopt === true ? key : key.replace("/", "-");
}

/** Whether an application goes on with the claim when this program leaves: then it must not take the claim along. */
function staysInUse({ replicationState }: Plan, { spec }: VolumePlan): boolean {
    return replicationState === "primary" && (spec.adopt === true || spec.release === true);
}

/** A workload, and which of the group's volumes it uses. */
interface BuiltWorkload {
    readonly workload: pulumi.Resource;
    readonly uses: readonly VolumeKey[];
}

/** Which of a group's volumes a workload of others uses. */
function usesOf({ intent }: SiteConfig, plan: Plan): (workload: WorkloadPlan) => readonly VolumeKey[] {
    const keys = plan.volumes.map((v) => v.key);
    const mounted = mountedOf(keys);
    const seen = new Map<WorkloadKey, readonly VolumeKey[]>();
    for (const workload of intent.workloads ?? [])
        if (workload.seen !== undefined) seen.set(workloadKey(workload), mounted(workload.seen));
    // What nobody has looked into may use whatever it can reach.
    return (workload) =>
        seen.get(workloadKey(workload)) ?? keys.filter((key) => key.startsWith(`${workload.namespace}/`));
}

function indexUsers(workloads: readonly BuiltWorkload[]): Map<VolumeKey, pulumi.Resource[]> {
    const users = new Map<VolumeKey, pulumi.Resource[]>();
    for (const { workload, uses } of workloads)
        for (const key of uses) {
            const known = users.get(key);
            if (known === undefined) users.set(key, [workload]);
            else known.push(workload);
        }
    return users;
}

function buildWorkloads(
    config: SiteConfig,
    plan: Plan,
    usesOfWorkload: (workload: WorkloadPlan) => readonly VolumeKey[],
    before: () => Promise<void>,
    afterOf: (namespace: string, uses: readonly VolumeKey[]) => pulumi.Resource[],
    opts: Options,
): BuiltWorkload[] {
    const args = { state: plan.workload, before };
    const demo = config.demoApp
        ? plan.volumes
              .filter((v) => v.spec.adopt !== true)
              .map((v): BuiltWorkload => {
                  const after = afterOf(v.spec.namespace, [v.key]);
                  const name = `${v.key.replace("/", "-")}-app`;
                  const demoArgs = { ...args, after, demoFor: v.spec, site: config.intent.site };
                  const { workload } = new Workload(name, demoArgs, { ...opts, dependsOn: after });
                  return { workload, uses: [v.key] };
              })
        : [];
    const existing = plan.workloads.map((w): BuiltWorkload => {
        const uses = usesOfWorkload(w);
        const after = afterOf(w.namespace, uses);
        // Its name before the kind was part of it.
        const aliases = [{ name: `${w.namespace}-${w.name}` }];
        const { workload } = new Workload(
            workloadKey(w),
            { ...args, after, existing: w },
            { ...opts, dependsOn: after, aliases },
        );
        return { workload, uses };
    });
    return [...demo, ...existing];
}
