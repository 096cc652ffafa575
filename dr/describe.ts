/** Plans and refusals as text for a terminal: what a preview and an `up` say. */
import { DEFAULT_GROUP, type Plan, type Refusal, type SitePlan, type SiteRefusal, type VolumePlan } from "./model.js";
import { workloadName } from "./workloads/keys.js";

/** What each operation is called, for a person. */
const TITLES: Readonly<Record<Plan["operation"], string>> = {
    provision: "first deployment",
    steady: "nothing to move",
    "planned-demotion": "planned demotion",
    "planned-promotion": "planned promotion",
    "forced-promotion": "forced promotion after a disaster",
    resync: "resync",
    "join-as-secondary": "joins as secondary",
    "withdraw-handover": "the handover is withdrawn",
    teardown: "made ready to be taken down",
};

/** A site's plan: what happens, group by group where there are several. Warnings are said on their own. */
export function describeSitePlan({ groups }: SitePlan): string {
    if (groups.length === 1) return describePlan(groups[0]!);
    return groups.map((plan) => `group ${nameOf(plan)}: ${describePlan(plan)}`).join("\n");
}

/** What a group's volumes have become, once nothing of them is waited for any more; undefined where nothing was. A drill's report goes by it. */
export function describeArrival({ group, replicationState, volumes }: Plan): string | undefined {
    const handover = volumes.some(({ vr }) => vr?.awaitsHandover);
    if (!handover && volumes.every(({ vr }) => vr?.waitFor === undefined)) return undefined;
    const now = { primary: "promoted", secondary: handover ? "handed over" : "secondary", resync: "copied afresh" };
    return `${group === undefined ? "" : `group ${group}: `}every volume is ${now[replicationState]}`;
}

/** What is said once all that a promotion needs beside the peer's handover is there. `rbd-dr` goes by it. */
export function describeStaged(peer: string): string {
    return `every claim is bound; what is left is for ${peer} to hand over`;
}

/** Why nothing is done on a site: the refusal of each group that refuses. */
export function describeSiteRefusal({ refusals }: SiteRefusal): string {
    return refusals.map(describeRefusal).join("\n\n");
}

/** What a site is now, in one line: `cluster1 is primary`, or by group where they differ. */
export function describeSite(site: string, { groups }: SitePlan): string {
    const states = new Set(groups.map((plan) => plan.replicationState));
    const text = [...states].map((state) => {
        const names = groups.filter((plan) => plan.replicationState === state).map(nameOf);
        return states.size === 1 ? state : `${state} for ${names.join(", ")}`;
    });
    return `${site} is ${text.join(" and ")}`;
}

/** Lines of all groups' plans, each once, with the groups that it is of where it is not of all. */
export function linesOf({ groups }: SitePlan, of: (plan: Plan) => readonly string[]): string[] {
    const owners = new Map<string, string[]>();
    for (const plan of groups)
        for (const line of new Set(of(plan))) owners.set(line, [...(owners.get(line) ?? []), nameOf(plan)]);
    return [...owners].map(([line, names]) =>
        names.length === groups.length ? line : `group ${names.join(", ")}: ${line}`,
    );
}

function nameOf({ group }: Plan): string {
    return group ?? DEFAULT_GROUP;
}

/** A plan: what happens, volume by volume. Warnings are not in it; they are said on their own. */
export function describePlan(plan: Plan): string {
    const volumes = plan.volumes.map((v) => `  ${v.key}: ${volumeText(v)}`);
    const next = plan.next.length === 0 ? [] : ["Afterwards:", ...plan.next.map((line) => `  ${line}`)];
    const scaled = plan.workloads.map(
        (w) => `  ${workloadName(w)}: ${w.replicas} replica${w.replicas === 1 ? "" : "s"}`,
    );
    const notes = plan.notes.length === 0 ? [] : ["Found:", ...plan.notes.map((line) => `  ${line}`)];
    const workload = plan.workload === "up" ? "the workload runs here" : "no workload runs here";
    return [
        `${plan.replicationState}: ${TITLES[plan.operation]}; ${workload}`,
        ...volumes,
        ...scaled,
        ...notes,
        ...next,
    ].join("\n");
}

function volumeText(v: VolumePlan): string {
    switch (v.source) {
        case "restore":
            return `${v.summary} (PV and PVC as recorded)`;
        case "adopt":
            return `${v.summary} (its PV and PVC stay as they are)`;
        default:
            return v.summary;
    }
}

/** A refusal: the reason with its code, what was seen, and what to type. */
export function describeRefusal(refusal: Refusal): string {
    return [
        `Refused (${refusal.code})${refusal.group === undefined ? "" : ` for group ${refusal.group}`}: ${refusal.reason}`,
        "Seen:",
        ...unique(refusal.seen).map((line) => `  ${line}`),
        "What to do:",
        ...unique(refusal.next).map((line) => `  ${line}`),
        `More on this: docs/refusals.md, ${refusal.code}`,
    ].join("\n");
}

function unique(lines: readonly string[]): string[] {
    return [...new Set(lines)];
}
