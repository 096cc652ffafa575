/** The kinds of steps that a move consists of, and who spends the time in each. */

/** Who spends the time: four groups, so that a reader needs four colours and no more. */
export const GROUPS = {
    storage: "Storage: demotion, handover, promotion, copying",
    application: "Application: stopping and starting",
    engine: "Engine: pulumi and the program",
    wait: "Nobody yet: waiting, deciding",
} as const;

/** Who spends the time. */
export type Group = keyof typeof GROUPS;

/**
 * Each kind of step. Where two run at once, the one further up in this list is what the outage is accounted to: it is the
 * more particular one.
 */
export const STEP_KINDS = {
    "workload-down": { label: "application stops", group: "application" },
    demotion: { label: "demotion", group: "storage" },
    handover: { label: "demotion and handover", group: "storage" },
    promotion: { label: "promotion", group: "storage" },
    resync: { label: "copied afresh", group: "storage" },
    restore: { label: "PV and PVC restored", group: "storage" },
    "workload-up": { label: "application starts", group: "application" },
    "application-start": { label: "until its first write", group: "application" },
    verify: { label: "writes read back", group: "wait" },
    "engine-start": { label: "engine starts", group: "engine" },
    observe: { label: "both sites observed", group: "engine" },
    "engine-end": { label: "engine finishes", group: "engine" },
    engine: { label: "engine, other objects", group: "engine" },
    fault: { label: "fault injected", group: "wait" },
    decision: { label: "until somebody began", group: "wait" },
    other: { label: "between steps", group: "wait" },
} as const satisfies Record<string, { label: string; group: Group }>;

/** Kind of a step. */
export type StepKind = keyof typeof STEP_KINDS;

/** All kinds, most particular first. */
export const KINDS = Object.keys(STEP_KINDS) as [StepKind, ...StepKind[]];
