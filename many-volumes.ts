/**
 * What changes where there are many volumes: how long is waited for them, and what pulumi is told.
 *
 * csi-addons' sidecar asks the API server for the driver's secret at each call, and with authentication, its default, for a review of
 * the caller's token, at five requests a second, client-go's default (csi-addons 0.14.0, sidecar/main.go). A promotion is three
 * calls: enable, promote, and how far the other copy is. So a hundred volumes take a minute, or two, however fast Ceph is.
 *
 * And pulumi writes the whole state twice for each operation, which grows with the square of the volumes.
 */

/** Operations beside those of the volumes: workloads, classes, components. */
const OTHERS = 16;
/** Below this the smallest of machines has enough by default: pulumi takes four for each processor. */
const ENOUGH = 4;
/** No more at once: each wait of the Kubernetes provider watches all of its kind in the namespace, which a thousand of them paid with 8 GB. */
const MOST = 128;
/** With more volumes than these the state is written at the end of a run alone, and what is waited for takes its time. */
const MANY = 20;

/** Seconds that csi-addons takes for a volume when many come at once: three calls, of two requests each, and some that fail. */
const SECONDS_A_VOLUME = 1.5;
/** Seconds for one request of a look where there are many volumes, and on top of them for each; Ceph's limit for few. */
const LOOK = 10;
const LOOK_A_VOLUME = 0.04;

/** The longest rest between two looks of a wait, in seconds: with few volumes, and no application that runs meanwhile; with many, whatever is more of one for all and one for each. */
const INTERVAL = { few: 0.5, many: 3, each: 0.01 };

/** Whether there are so many volumes that what is done for each of them has to be thought of. */
export function hasMany(volumes: number): boolean {
    return volumes > MANY;
}

/**
 * Time limits of waits for csi-addons, with what it needs on top where there are many volumes.
 *
 * @param timeouts seconds, as config has them
 */
export function patientWith<T extends Record<"provisioner" | "handover" | "resync" | "peerHandover", number>>(
    timeouts: T,
    volumes: number,
): T {
    const more = Math.ceil(Math.max(0, volumes - MANY) * SECONDS_A_VOLUME);
    const { provisioner, handover, resync, peerHandover } = timeouts;
    return {
        ...timeouts,
        provisioner: provisioner + more,
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
 * Seconds between two looks of a wait for so many volumes, at the most (`gates/pace.ts`). What carries out what is waited for takes minutes where there are many, and a look at
 * all of them is not for nothing.
 *
 * @param few seconds where there are few
 */
export function lookInterval(volumes: number, few = INTERVAL.few): number {
    return hasMany(volumes) ? Math.max(INTERVAL.many, INTERVAL.each * volumes) : few;
}

/**
 * The value for pulumi's `--parallel` with so many volumes; undefined where its default does. What keeps an operation for long is a
 * workload that starts: the provider waits for its pods. Volumes do not: this program waits for claims and VRs by itself.
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
    return hasMany(volumes) ? { PULUMI_SKIP_CHECKPOINTS: "true" } : {};
}
