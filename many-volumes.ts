/**
 * What changes where there are many volumes: how long is waited for them, and what pulumi is told.
 *
 * csi-addons' sidecar asks the API server for the driver's secret at each call, and with authentication, its default, for a review of
 * the caller's token, at five requests a second, client-go's default (csi-addons 0.14.0, sidecar/main.go). A promotion is three
 * calls: enable, promote, and how far the other copy is. So a hundred volumes take a minute, or two, however fast Ceph is.
 *
 * A VR that is changed keeps one of pulumi's operations until csi-addons has carried that out: with fewer of them than volumes the
 * volumes go in turns. And pulumi writes the whole state twice for each operation, which grows with the square of the volumes.
 */
import { claimOf } from "./dr/facts.js";
import type { SitePlan, VolumeKey } from "./dr/model.js";

/** Operations beside those of the volumes: workloads, classes, components. */
const OTHERS = 16;
/** Below this the smallest of machines has enough by default: pulumi takes four for each processor. */
const ENOUGH = 4;
/**
 * Objects that the Kubernetes provider may hold for what it waits for: each wait watches all of its kind in the namespace. A thousand waits
 * on a thousand claims of one namespace took 8 GB.
 */
const WATCHED = 128_000;
/** As many operations there are in any case: the controller works on a hundred volumes at a time. */
const LEAST = 128;
/** With more volumes than these the state is written at the end of a run alone, and what is waited for takes its time. */
const MANY = 20;

/** Seconds that csi-addons takes for a volume when many come at once: three calls, of two requests each, and some that fail. */
const SECONDS_A_VOLUME = 1.5;
/**
 * Claims that wait to be bound at the same time. The Kubernetes provider gives each of them five minutes, whatever it is told
 * (4.18.1, `untilCoreV1PersistentVolumeClaimReady`), while the provisioner made two a second on the lab, and Kubernetes' own controller, at
 * its limit of twenty requests a second, binds five restored ones.
 */
export const CLAIMS_AT_ONCE = 100;

/** Seconds for one request of a look where there are many volumes, and on top of them for each; Ceph's limit for few. */
const LOOK = 10;
const LOOK_A_VOLUME = 0.04;

/** Whether there are so many volumes that what is done for each of them has to be thought of. */
export function hasMany(volumes: number): boolean {
    return volumes > MANY;
}

/**
 * Time limits of waits for csi-addons, with what it needs on top where there are many volumes.
 *
 * @param timeouts seconds, as config has them
 */
export function patientWith<T extends Record<"handover" | "resync" | "peerHandover", number>>(
    timeouts: T,
    volumes: number,
): T {
    const more = Math.ceil(Math.max(0, volumes - MANY) * SECONDS_A_VOLUME);
    const { handover, resync, peerHandover } = timeouts;
    return {
        ...timeouts,
        handover: handover + more,
        resync: resync + more,
        // 0 is not to wait at all.
        peerHandover: peerHandover > 0 ? peerHandover + more : 0,
    };
}

/**
 * Seconds for one request of a look at so many volumes; undefined where the usual ones do. What is listed grows with them, and while a
 * thousand of them are moved, everything that answers is busy with that.
 */
export function patienceForLook(volumes: number): number | undefined {
    return hasMany(volumes) ? Math.ceil(LOOK + volumes * LOOK_A_VOLUME) : undefined;
}

/**
 * The value for pulumi's `--parallel` with these volumes; undefined where its default does. All of them at once, and fewer only where
 * one namespace has so many that the Kubernetes provider would take too much memory.
 *
 * More than the controller works on at a time are not too many: it works on them in their order, and one that is asked later stands
 * behind what the controller looks at once more of those that are done. Nor is Ceph in danger: the controller takes a hundred at a time.
 */
export function operationsAtOnce(volumes: readonly VolumeKey[]): number | undefined {
    return volumes.length <= ENOUGH ? undefined : Math.min(volumes.length + OTHERS, mostAtOnce(volumes));
}

/** Operations that the Kubernetes provider can hold. */
function mostAtOnce(volumes: readonly VolumeKey[]): number {
    const inSpace = new Map<string, number>();
    for (const { namespace } of volumes.map(claimOf)) inSpace.set(namespace, (inSpace.get(namespace) ?? 0) + 1);
    return Math.max(LEAST, Math.floor(WATCHED / Math.max(...inSpace.values())));
}

/** The same as pulumi's flag, `--parallel N`; nothing where pulumi's default does. */
export function parallelFlag(volumes: readonly VolumeKey[]): string[] {
    const operations = operationsAtOnce(volumes);
    return operations === undefined ? [] : ["--parallel", String(operations)];
}

/**
 * Environment of a run of pulumi with so many volumes. The state is written once, at the end, where there are many.
 *
 * This program can do without the rest: it decides from what the clusters say, and a run that was killed is completed by the
 * same command, which takes over what is there already. What is lost is only pulumi's own list of what it was about to do.
 */
export function engineEnvironment(volumes: number): Readonly<Record<string, string>> {
    return hasMany(volumes) ? { PULUMI_SKIP_CHECKPOINTS: "true" } : {};
}

/**
 * What to say where a run that moves volumes has too few operations for them; undefined where it has enough.
 *
 * @param site the stack
 * @param plan what was decided
 * @param atOnce pulumi's `--parallel` of this run; undefined where it is not known
 */
export function warnOfTurns(site: string, plan: SitePlan, atOnce: number | undefined): string | undefined {
    const moving = plan.groups.flatMap(({ operation, volumes }) => (operation === "steady" ? [] : volumes));
    const wanted = operationsAtOnce(moving.map(({ key }) => key));
    if (atOnce === undefined || wanted === undefined || atOnce >= Math.min(moving.length, wanted)) return undefined;
    const turns = Math.ceil(moving.length / atOnce);
    return (
        `${moving.length} volumes are moved, and pulumi has ${atOnce} operations at once: they would go in ${turns} turns, ` +
        `each of which takes as long as csi-addons needs for a volume. All at once: pulumi up --parallel ${wanted} -s ${site}`
    );
}

/** Pulumi's `--parallel` of this run, as its language host passes it on; undefined where it does not. */
export function operationsOfThisRun(): number | undefined {
    const given = Number.parseInt(process.env.PULUMI_NODEJS_PARALLEL ?? "", 10);
    return Number.isNaN(given) ? undefined : given;
}
