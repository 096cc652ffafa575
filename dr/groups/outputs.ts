/** What a stack's outputs say of its groups once their plans have been carried out. */
import { DEFAULT_GROUP, type GroupOutputs, type Plan, type SiteOutputs } from "../model.js";

/**
 * The one state that a version without groups reads: the default group's. Where there is none, primary if anything is, so
 * that nobody who does not know of groups takes a handover of one of them for the site's.
 */
export function stateOfSite(plans: readonly Plan[]): Plan["replicationState"] {
    const states = plans.map((plan) => plan.replicationState);
    const ofDefault = plans.find((plan) => plan.group === undefined)?.replicationState;
    return ofDefault ?? (states.includes("primary") ? "primary" : states[0]!);
}

/** What the outputs say of each group. */
export function groupOutputs(plans: readonly Plan[]): Record<string, GroupOutputs> {
    return Object.fromEntries(plans.map((plan) => [plan.group ?? DEFAULT_GROUP, groupState(plan)]));
}

function groupState({ replicationState, volumes, lostSite }: Plan): GroupOutputs {
    return { replicationState, volumes: volumes.map((v) => v.key), ...(lostSite === undefined ? {} : { lostSite }) };
}

/** What all groups remember of workloads: what runs here goes before what the other site said. */
export function memoriesOf(plans: readonly Plan[]): NonNullable<SiteOutputs["workloads"]> {
    const stopped = plans.filter((plan) => plan.workload === "down");
    const running = plans.filter((plan) => plan.workload === "up");
    return Object.assign({}, ...[...stopped, ...running].map((plan) => plan.memories)) as Plan["memories"];
}
