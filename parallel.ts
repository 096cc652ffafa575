/**
 * How many operations pulumi has under way at once. A VR that is demoted keeps one of them until it has handed over, so with
 * fewer of them than volumes the volumes go in turns, each of which waits for csi-addons' next look.
 */
import type { SitePlan } from "./dr/model.js";

/** Operations beside those of the volumes: workloads, classes, components. */
const OTHERS = 16;
/** Below this the smallest of machines has enough by default: pulumi takes four for each processor. */
const ENOUGH = 4;
/** Each operation that waits is a watch at the API server. */
const MOST = 1024;

/**
 * The value for pulumi's `--parallel` with so many volumes; undefined where its default does.
 *
 * Ceph is not in danger from it: csi-addons' controller bounds how many volumes it works on at a time.
 */
export function operationsAtOnce(volumes: number): number | undefined {
    return volumes <= ENOUGH ? undefined : Math.min(volumes + OTHERS, MOST);
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
        `each of which waits for csi-addons' next look, 15 s or more. All at once: pulumi up --parallel ${wanted} -s ${site}`
    );
}

/** Pulumi's `--parallel` of this run, as its language host passes it on; undefined where it does not. */
export function operationsOfThisRun(): number | undefined {
    const given = Number.parseInt(process.env.PULUMI_NODEJS_PARALLEL ?? "", 10);
    return Number.isNaN(given) ? undefined : given;
}
