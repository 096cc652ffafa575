/** What a plan says of the workloads on its volumes: how many replicas, what is remembered, which hooks run. */
import { asksPrimary } from "../vr-status.js";
import { planWorkload, type CountInput } from "../workloads/counts.js";
import { workloadsOf } from "../workloads/managed.js";
import { workloadKey, workloadName } from "../workloads/keys.js";
import { othersUsing } from "../guards/users.js";
import { describeUser } from "../workloads/users.js";
import type { Context } from "../facts.js";
import type { Plan, SiteOutputs } from "../model.js";
import type { ManagedWorkload, ReplicaMemory, WorkloadKey } from "../workloads/types.js";

/** The workloads of a plan, and what is to be remembered of them. */
export function planWorkloads(context: Context, direction: Plan["workload"]): Pick<Plan, "workloads" | "memories"> {
    const { intent, input, ownOutputs, peerOutputs } = context;
    const counts: CountInput = {
        own: ownOutputs?.workloads ?? {},
        peer: peerOutputs?.workloads ?? {},
        serving: context.volumes.some((v) => v.ownVr !== undefined && asksPrimary(v.ownVr)),
        now: input.now,
    };
    const workloads = workloadsOf(intent).flatMap((w) => planWorkload(w, direction, counts) ?? []);
    const memories = { ...(direction === "up" ? {} : notHere(counts)) };
    for (const { memory, ...ref } of workloads) if (memory !== undefined) memories[workloadKey(ref)] = memory;
    return { workloads, memories };
}

/** A site that does not serve goes on remembering what the other one, or it itself, last said. */
function notHere({ own, peer }: CountInput): Record<WorkloadKey, ReplicaMemory> {
    return Object.keys(peer).length > 0 ? { ...peer } : { ...own };
}

/** Which hooks an `up` runs: those of a flip that the outputs do not say is over, so that a run that failed runs them again. */
export function hooksOf(
    operation: Plan["operation"],
    direction: Plan["workload"],
    ownOutputs: SiteOutputs | undefined,
): Plan["hooks"] {
    if (operation === "provision" || operation === "teardown" || operation === "withdraw-handover") return undefined;
    const was = ownOutputs?.replicationState;
    if (direction === "down") return was === "primary" ? "stop" : undefined;
    const takesOver = operation === "planned-promotion" || operation === "forced-promotion";
    return takesOver || (was !== undefined && was !== "primary") ? "start" : undefined;
}

/** What a person should weigh about the workloads. */
export function workloadWarnings(
    context: Context,
    operation: Plan["operation"],
    direction: Plan["workload"],
): string[] {
    const { intent, peerOutputs } = context;
    const managed = workloadsOf(intent);
    const absent = managed.filter((w) => w.seen === undefined).map(missing(intent.site));
    const { own } = context.input;
    const here = own.reach === "observed" && own.workloads ? new Set(own.workloads.map(workloadKey)) : undefined;
    const named = new Set(managed.map(workloadKey));
    // The other site ran it, so it belongs to the volumes, though nothing here says so.
    const elsewhere =
        here === undefined || (direction === "up" && operation === "steady")
            ? []
            : Object.keys(peerOutputs?.workloads ?? {})
                  .filter((key) => !named.has(key) && !here.has(key))
                  .map((key) => key.split("/") as [ManagedWorkload["kind"], string, string])
                  .map(([kind, namespace, name]) => missing(intent.site)({ kind, namespace, name }));
    const others = othersUsing(context);
    const blocking =
        direction === "down"
            ? []
            : context.volumes.flatMap((v) =>
                  others(v).map(
                      (user) =>
                          `${v.key}: a flip would be refused as things are: ${describeUser(user)} uses it and is not stopped`,
                  ),
              );
    return [...absent, ...elsewhere, ...blocking, ...managed.flatMap(aboutOne)];
}

function missing(site: string) {
    return (w: Pick<ManagedWorkload, "kind" | "namespace" | "name">): string =>
        `${workloadName(w)} is not on ${site}: deploy its manifests there, with 0 replicas; it is started by the \`up\` that makes ${site} primary, or by the next one`;
}

function aboutOne(w: ManagedWorkload): string[] {
    const warnings: string[] = [];
    if (w.seen?.owner !== undefined)
        warnings.push(
            `${workloadName(w)} belongs to ${w.seen.owner}, which may scale it back: pause that before a flip`,
        );
    if (w.seen?.deletesClaims === true)
        warnings.push(
            `${workloadName(w)} deletes its claims when it is scaled down (persistentVolumeClaimRetentionPolicy.whenScaled); a flip is refused until that is Retain`,
        );
    return warnings;
}

/** What was found of the workloads. */
export function workloadNotes(context: Context): string[] {
    return workloadsOf(context.intent).flatMap((w) => {
        if (w.seen === undefined) return [];
        const scaler =
            w.seen.autoscaler === undefined
                ? ""
                : `; HorizontalPodAutoscaler ${w.seen.autoscaler} rests while it has 0 replicas, and goes on from the number at the demotion`;
        return w.why === "config names it" && scaler === "" ? [] : [`${workloadName(w)}: ${w.why}${scaler}`];
    });
}
