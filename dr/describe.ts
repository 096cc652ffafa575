/** Plans and refusals as text for a terminal: what a preview and an `up` say. */
import type { Plan, Refusal, VolumePlan } from "./model.js";

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

/** A plan: what happens, volume by volume. Warnings are not in it; they are said on their own. */
export function describePlan(plan: Plan): string {
    const volumes = plan.volumes.map((v) => `  ${v.key}: ${volumeText(v)}`);
    const next = plan.next.length === 0 ? [] : ["Afterwards:", ...plan.next.map((line) => `  ${line}`)];
    const workload = plan.workload === "up" ? "the workload runs here" : "no workload runs here";
    return [`${plan.replicationState}: ${TITLES[plan.operation]}; ${workload}`, ...volumes, ...next].join("\n");
}

function volumeText(v: VolumePlan): string {
    return v.source === "restore" ? `${v.summary} (PV and PVC as recorded)` : v.summary;
}

/** A refusal: the reason with its code, what was seen, and what to type. */
export function describeRefusal(refusal: Refusal): string {
    return [
        `Refused (${refusal.code}): ${refusal.reason}`,
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
