/** Which workloads are stopped and started: those of config, and those that run on adopted claims. */
import { describeSelector, matchesLabels } from "../claims/labels.js";
import { keyOf } from "../facts.js";
import { workloadKey } from "./keys.js";
import { mountedOf } from "./mounted.js";
import type { ManagedWorkload, WorkloadKey, WorkloadRef, WorkloadSeen, WorkloadSpec } from "./types.js";
import type { SiteIntent, SiteSnapshot, VolumeSpec } from "../model.js";

/**
 * Draws the list together, each workload once: what config names, what it selects, and what runs on adopted volumes.
 *
 * @param specs those of config
 * @param volumes all volumes of the site, adopted ones included
 * @param own what was seen here
 */
export function managedWorkloads(
    specs: readonly WorkloadSpec[],
    volumes: readonly VolumeSpec[],
    own: SiteSnapshot,
): ManagedWorkload[] {
    const seen = own.reach === "observed" ? (own.workloads ?? []) : [];
    const byKey = new Map(seen.map((each) => [workloadKey(each), each]));
    const managed = new Map<WorkloadKey, ManagedWorkload>();
    const add = (workload: ManagedWorkload): void => {
        const key = workloadKey(workload);
        if (!managed.has(key)) managed.set(key, workload);
    };
    for (const spec of specs) if ("name" in spec) add(named(spec, byKey));
    for (const spec of specs)
        if ("selector" in spec) for (const each of seen) if (selects(spec, each)) add(selected(spec, each));
    const adopted = new Map(volumes.filter((v) => v.adopt === true && v.release !== true).map((v) => [keyOf(v), v]));
    const mounted = mountedOf([...adopted.keys()]);
    for (const each of seen) {
        const [first] = mounted(each);
        const volume = first === undefined ? undefined : adopted.get(first);
        if (volume !== undefined)
            add({
                ...ref(each),
                why: `it runs on ${volume.namespace}/${volume.name}`,
                group: volume.group,
                seen: each,
            });
    }
    return [...managed.values()];
}

/** Those that move with the group whose intent this is. */
export function workloadsOf({ workloads = [], group }: SiteIntent): readonly ManagedWorkload[] {
    return workloads.filter((w) => w.group === group);
}

type Named = Extract<WorkloadSpec, { name: string }>;
type Selecting = Extract<WorkloadSpec, { selector: unknown }>;

function named(spec: Named, seen: ReadonlyMap<WorkloadKey, WorkloadSeen>): ManagedWorkload {
    return {
        ...ref(spec),
        replicas: spec.replicas,
        why: "config names it",
        seen: seen.get(workloadKey(spec)),
        group: spec.group,
    };
}

function selected(spec: Selecting, seen: WorkloadSeen): ManagedWorkload {
    return { ...ref(seen), why: `config selects ${describeSelector(spec.selector)}`, seen, group: spec.group };
}

function selects(spec: Selecting, workload: WorkloadSeen): boolean {
    if (spec.kind !== undefined && spec.kind !== workload.kind) return false;
    if (spec.namespaces !== undefined && !spec.namespaces.includes(workload.namespace)) return false;
    return matchesLabels(spec.selector, workload.labels);
}

function ref({ kind, namespace, name }: WorkloadRef): WorkloadRef {
    return { kind, namespace, name };
}
