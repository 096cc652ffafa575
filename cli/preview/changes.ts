/** What a preview changes, resource by resource and field by field. Pure. */
import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";

/** A field of a resource. */
export interface FieldChange {
    /** Path in the resource's inputs, for example `spec.replicationState`. */
    readonly path: string;
    readonly old?: string;
    readonly new?: string;
}

/** A resource that a step changes. */
export interface ResourceChange {
    /** Pulumi's name of the step: create, update, delete, replace ... */
    readonly op: string;
    readonly kind: string;
    readonly name: string;
    readonly urn: string;
    readonly fields: readonly FieldChange[];
}

/** What a preview wants of each resource. */
export interface Wanted {
    readonly op: string;
    readonly type: string;
    readonly old?: Inputs;
    readonly new?: Inputs;
}

type Inputs = Readonly<Record<string, unknown>>;

/** Gathers what a preview says of each resource, from the engine's events. */
export class WantedResources {
    readonly all = new Map<string, Wanted>();

    /** To be given to a preview as `onEvent`. */
    readonly listen = (event: EngineEvent): void => {
        const step: StepEventMetadata | undefined = event.resourcePreEvent?.metadata;
        if (step === undefined || step.type === "pulumi:pulumi:Stack" || step.op === "read") return;
        const { op, type } = step;
        this.all.set(step.urn, { op, type, old: step.old?.inputs, new: step.new?.inputs });
    };
}

const QUIET: readonly string[] = ["same", "refresh"];

/** What a preview changes of the stack as it is. */
export function changesOf(wanted: ReadonlyMap<string, Wanted>): ResourceChange[] {
    return [...wanted].flatMap(([urn, each]) =>
        QUIET.includes(each.op) ? [] : [changed(urn, each.type, each.op, each.old, each.new)],
    );
}

/**
 * What a preview changes of what an earlier one of the same stack leaves behind: Pulumi itself can only compare with the
 * stack as it is today.
 */
export function changesBetween(
    before: ReadonlyMap<string, Wanted>,
    after: ReadonlyMap<string, Wanted>,
): ResourceChange[] {
    const changes: ResourceChange[] = [];
    for (const [urn, each] of after) {
        const earlier = before.get(urn);
        if (each.op === "delete") continue;
        if (earlier === undefined || earlier.op === "delete")
            changes.push(changed(urn, each.type, "create", {}, each.new));
        else {
            const update = changed(urn, each.type, "update", earlier.new, each.new);
            if (update.fields.length > 0) changes.push(update);
        }
    }
    for (const [urn, each] of before)
        if (each.op !== "delete" && (after.get(urn) === undefined || after.get(urn)!.op === "delete"))
            changes.push(changed(urn, each.type, "delete", each.new, {}));
    return changes;
}

function changed(urn: string, type: string, op: string, old: Inputs = {}, now: Inputs = {}): ResourceChange {
    const fields = op === "update" || op.includes("replace") ? fieldsBetween(old, now) : [];
    return { op, kind: type.split(":").at(-1)!, name: urn.split("::").at(-1)!, urn, fields };
}

/** What the provider keeps for itself among a resource's inputs. */
const INTERNAL = /^__/;

function fieldsBetween(old: unknown, now: unknown, path = ""): FieldChange[] {
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    if (!isTree(old) || !isTree(now))
        return [
            {
                path,
                ...(old === undefined ? {} : { old: short(old) }),
                ...(now === undefined ? {} : { new: short(now) }),
            },
        ];
    const keys = new Set([...Object.keys(old), ...Object.keys(now)].filter((key) => !INTERNAL.test(key)));
    return [...keys].flatMap((key) => fieldsBetween(old[key], now[key], path === "" ? key : joined(path, key)));
}

function joined(path: string, key: string): string {
    return /^[\w-]+$/.test(key) ? `${path}.${key}` : `${path}["${key}"]`;
}

function isTree(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Marks of the engine: a secret that it holds back, and a value that is not known before the step is done. */
const MARKS: Readonly<Record<string, string>> = {
    "[secret]": "[secret]",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9": "(known afterwards)",
};

function short(value: unknown): string {
    const text = typeof value === "string" ? (MARKS[value] ?? value) : JSON.stringify(value);
    return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
