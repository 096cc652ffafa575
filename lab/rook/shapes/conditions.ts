/** Conditions and phases as Rook's controllers keep them (pkg/operator/ceph/controller/conditions.go). */
import type { CephClusterStatus, RookCondition } from "../types.js";

/** A condition to set; its times are added. */
export type NewCondition = Pick<RookCondition, "type" | "status" | "reason" | "message">;

/** Conditions that outlive the next phase of a cluster; the others are of the moment. */
const LASTING_REASONS = ["ClusterCreated", "ClusterConnected"];
const LASTING_TYPES = ["Deleting", "DeletionIsBlocked"];

/** Puts one condition into a list, keeping its transition time where status and message stay. */
export function withCondition(
    conditions: readonly RookCondition[],
    added: NewCondition,
    now: string,
): readonly RookCondition[] {
    const known = conditions.find((condition) => condition.type === added.type);
    const same = known?.status === added.status && known.message === added.message;
    const next: RookCondition = {
        ...added,
        lastHeartbeatTime: now,
        lastTransitionTime: same ? (known?.lastTransitionTime ?? now) : now,
    };
    return [...conditions.filter((condition) => condition.type !== added.type), next];
}

/**
 * Status of a CephCluster after a condition was met: its phase, state and message follow the condition.
 * @param keepAll false at the start of a reconcile, which clears the conditions of the moment
 */
export function withClusterCondition(
    status: CephClusterStatus,
    added: NewCondition,
    now: string,
    keepAll: boolean,
): CephClusterStatus {
    const kept = (status.conditions ?? []).filter(
        (known) => keepAll || LASTING_REASONS.includes(known.reason) || LASTING_TYPES.includes(known.type),
    );
    const conditions = withCondition(kept, added, now);
    // A cluster that is going stays in that phase.
    if (status.phase === "Deleting" && added.type !== "Deleting") return { ...status, conditions };
    return {
        ...status,
        conditions,
        phase: added.type,
        state: clusterState(added) ?? status.state,
        message: added.message,
    };
}

/** The older field `state`, from before there were phases. */
function clusterState(condition: NewCondition): string | undefined {
    if (condition.status === "False") return "Error";
    const states: Readonly<Record<string, string>> = {
        Connecting: "Connecting",
        Connected: "Connected",
        Progressing: "Creating",
        Ready: "Created",
    };
    return states[condition.type];
}
