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
import type { SitePlan } from "./dr/model.js";

/** Operations beside those of the volumes: workloads, classes, components. */
const OTHERS = 16;
/** Below this the smallest of machines has enough by default: pulumi takes four for each processor. */
const ENOUGH = 4;
/**
 * csi-addons' controller works on a hundred VRs at a time, so that more in flight are none the faster. Each that waits is a watch on
 * all of its kind in the Kubernetes provider: a thousand of them on a thousand claims took 8 GB there.
 */
const MOST = 128;
/** With more volumes than these the state is written at the end of a run alone, and what is waited for takes its time. */
const MANY = 20;

/** Seconds that csi-addons takes for a volume when many come at once: three calls, of two requests each, and some that fail. */
const SECONDS_A_VOLUME = 1.5;
/** Seconds until a new claim must be bound; five minutes are the Kubernetes provider's own patience. */
const CLAIM = 300;

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
 * Seconds until a new claim must be bound, where this many come at once: the provisioner's client has a limit too, and made two a
 * second of them on the lab.
 */
export function patienceForClaims(volumes: number): number {
    return CLAIM + Math.ceil(volumes * SECONDS_A_VOLUME);
}

/**
 * The value for pulumi's `--parallel` with so many volumes; undefined where its default does.
 *
 * Ceph is not in danger from it: csi-addons' controller bounds how many volumes it works on at a time.
 */
export function operationsAtOnce(volumes: number): number | undefined {
    return volumes <= ENOUGH ? undefined : Math.min(volumes + OTHERS, MOST);
}

/** The same as pulumi's flag, `--parallel N`; nothing where pulumi's default does. */
export function parallelFlag(volumes: number): string[] {
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
    return volumes > MANY ? { PULUMI_SKIP_CHECKPOINTS: "true" } : {};
}

/**
 * What to say where a run that moves volumes has too few operations for them; undefined where it has enough.
 *
 * @param site the stack
 * @param plan what was decided
 * @param atOnce pulumi's `--parallel` of this run; undefined where it is not known
 */
export function warnOfTurns(site: string, plan: SitePlan, atOnce: number | undefined): string | undefined {
    const moving = plan.groups.flatMap((group) => (group.operation === "steady" ? [] : group.volumes)).length;
    const wanted = operationsAtOnce(moving);
    if (atOnce === undefined || wanted === undefined || atOnce >= Math.min(moving, MOST)) return undefined;
    return (
        `${moving} volumes are moved, and pulumi has ${atOnce} operations at once: they would go in ${Math.ceil(moving / atOnce)} turns, ` +
        `each of which takes as long as csi-addons needs for a volume. All at once: pulumi up --parallel ${wanted} -s ${site}`
    );
}

/** Pulumi's `--parallel` of this run, as its language host passes it on; undefined where it does not. */
export function operationsOfThisRun(): number | undefined {
    const given = Number.parseInt(process.env.PULUMI_NODEJS_PARALLEL ?? "", 10);
    return Number.isNaN(given) ? undefined : given;
}
