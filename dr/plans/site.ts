/** Makes a site's plan from what is to happen to its volumes. */
import { asksPrimary, isPromoted } from "../vr-status.js";
import type { Context } from "../facts.js";
import type { Moved } from "../guards/verdict.js";
import type { Plan, VolumePlan, VolumeRecord } from "../model.js";
import { adoptionWarnings } from "./adoption.js";
import { nextSteps } from "./next.js";
import { awaitsHandover, handsOver, planPrimary, planResync, planSecondary, planUnchanged } from "./volume.js";
import { warningsOf } from "./warnings.js";
import { hooksOf, planWorkloads, workloadNotes, workloadWarnings } from "./workloads.js";

type Operation = Plan["operation"];

/** The plan of a site that is to be primary. */
export function planForPrimary(context: Context, moved: readonly Moved[]): Plan {
    if (moved.some(({ facts, move }) => move.move === "promote" && facts.ownRecordsHandover))
        return withdrawal(context, moved);
    return plan(context, primaryOperation(context, moved), moved, {
        replicationState: "primary",
        workload: "up",
        volumes: moved.map((m) => planPrimary(context, m)),
        handedOver: [],
    });
}

/** The plan of a site that is to be secondary. */
export function planForSecondary(context: Context, moved: readonly Moved[]): Plan {
    return plan(context, secondaryOperation(context, moved), moved, {
        replicationState: "secondary",
        workload: "down",
        volumes: moved.map((m) => planSecondary(context, m)),
        handedOver: moved.filter((m) => handsOver(context, m)).map((m) => m.facts.key),
    });
}

/** The plan of a site whose copies are given up. */
export function planForResync(context: Context, moved: readonly Moved[]): Plan {
    return plan(context, "resync", moved, {
        replicationState: "resync",
        workload: "down",
        volumes: moved.map((m) => planResync(context, m)),
        handedOver: [],
    });
}

/** The plan of a site before it is taken down: nothing changes but the protection of its VRs. */
export function planForTeardown(context: Context, moved: readonly Moved[]): Plan {
    const primary = moved.some((m) => m.facts.ownVr !== undefined && asksPrimary(m.facts.ownVr));
    return {
        ...plan(context, "teardown", moved, {
            replicationState: primary ? "primary" : context.intent.replicationState,
            workload: primary ? "up" : "down",
            volumes: moved.map((m) => planUnchanged(context, m.facts)),
            handedOver: context.ownOutputs?.handedOver ?? [],
        }),
        protect: false,
    };
}

/**
 * A site that handed over takes it back. The peer may promote on the strength of our outputs without seeing us, so they
 * have to change before anything is promoted here; a run that is killed in between leaves them changed.
 */
function withdrawal(context: Context, moved: readonly Moved[]): Plan {
    return {
        ...plan(context, "withdraw-handover", moved, {
            replicationState: "secondary",
            workload: "down",
            volumes: moved.map((m) => planUnchanged(context, m.facts)),
            handedOver: [],
        }),
        lostSite: context.ownOutputs?.lostSite,
    };
}

interface Body {
    readonly replicationState: Plan["replicationState"];
    readonly workload: Plan["workload"];
    readonly volumes: readonly VolumePlan[];
    readonly handedOver: Plan["handedOver"];
}

function plan(context: Context, operation: Operation, moved: readonly Moved[], body: Body): Plan {
    const { group } = context.intent;
    return {
        kind: "plan",
        ...(group === undefined ? {} : { group }),
        operation,
        ...body,
        ...planWorkloads(context, body.workload),
        hooks: hooksOf(operation, body.workload, context.ownOutputs),
        protect: true,
        carried: carriedRecords(context, body.volumes),
        lostSite: context.intent.lostSite,
        warnings: [
            ...warningsOf(context, operation, moved, body.volumes),
            ...adoptionWarnings(context, operation),
            ...workloadWarnings(context, operation, body.workload),
        ],
        notes: [...(context.intent.adoption?.notes ?? []), ...workloadNotes(context)],
        next: nextSteps(context, operation, moved),
    };
}

function carriedRecords(context: Context, volumes: readonly VolumePlan[]): Plan["carried"] {
    const carried: Record<string, VolumeRecord> = {};
    for (const { key, source } of volumes) {
        const record = source === "absent" ? context.ownOutputs?.records[key] : undefined;
        if (record !== undefined) carried[key] = record;
    }
    return carried;
}

function primaryOperation(context: Context, moved: readonly Moved[]): Operation {
    let operation: Operation = "steady";
    for (const { facts, move } of moved) {
        if (move.move === "promote" && move.forced) return "forced-promotion";
        if (move.move === "promote") operation = "planned-promotion";
        const unfinished = move.move === "keep" && facts.ownVr !== undefined && !isPromoted(facts.ownVr);
        // A first promotion has no other site to take over from.
        const first = facts.peerRecord === undefined && facts.peerVr === undefined;
        if (unfinished && !first) {
            if (context.peerLost && !context.peerSeen) return "forced-promotion";
            operation = "planned-promotion";
        }
        if ((move.move === "provision" || (unfinished && first)) && operation === "steady") operation = "provision";
    }
    return operation;
}

function secondaryOperation(context: Context, moved: readonly Moved[]): Operation {
    if (moved.some((m) => awaitsHandover(context, m))) return "planned-demotion";
    return moved.every((m) => m.move.move === "absent") ? "join-as-secondary" : "steady";
}
