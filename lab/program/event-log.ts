/** The engine's own account of a run: what it is about to do to which resource, and what it has done. */
import { closeSync, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const metadata = z.looseObject({
    op: z.string(),
    urn: z.string(),
    type: z.string(),
    new: z.looseObject({ custom: z.boolean().optional() }).nullish(),
    old: z.looseObject({ custom: z.boolean().optional() }).nullish(),
});
const lineSchema = z.looseObject({
    resourcePreEvent: z.looseObject({ metadata, planning: z.boolean().optional() }).optional(),
    resOutputsEvent: z.looseObject({ metadata, planning: z.boolean().optional() }).optional(),
    resOpFailedEvent: z.looseObject({ metadata }).optional(),
    summaryEvent: z.looseObject({}).optional(),
});

/** A step of a run: `pre` when it begins, `done` when its outputs are there, `failed` when the provider said no. */
export interface StepEvent {
    readonly phase: "pre" | "done" | "failed";
    /** `create`, `update`, `delete`, `same` ... */
    readonly op: string;
    readonly urn: string;
    /** Kind of the resource, for example `kubernetes:apps/v1:Deployment`. */
    readonly type: string;
    /** Whether a provider is asked to do something; a component is only written down. */
    readonly custom: boolean;
}

/** Reads one line of an event log; undefined for what is no step of a resource. */
export function parseEvent(line: string): StepEvent | undefined {
    let raw: unknown;
    try {
        raw = JSON.parse(line);
    } catch {
        return undefined;
    }
    const parsed = lineSchema.safeParse(raw);
    if (!parsed.success) return undefined;
    const { resourcePreEvent: pre, resOutputsEvent: done, resOpFailedEvent: failed } = parsed.data;
    const found = pre ?? done ?? failed;
    if (found === undefined || ("planning" in found && found.planning === true)) return undefined;
    const { op, urn, type, new: next, old } = found.metadata;
    const custom = next?.custom ?? old?.custom ?? false;
    return { phase: pre ? "pre" : done ? "done" : "failed", op, urn, type, custom };
}

/** Milliseconds between two looks at the log: a resource takes tens of them to be made. */
const PAUSE = 5;

/**
 * Calls back with each step as the engine writes it down, until told to stop.
 *
 * @param file the log; it is made if it is not there yet
 * @param stopped asked after each look; what was written until it says yes is still read
 */
export async function followEvents(
    file: string,
    onEvent: (event: StepEvent) => void,
    stopped: () => boolean,
): Promise<void> {
    const log = openSync(file, "a+", 0o600);
    const buffer = Buffer.alloc(256 * 1024);
    let position = 0;
    let rest = Buffer.alloc(0);
    try {
        for (;;) {
            const last = stopped();
            for (;;) {
                const count = readSync(log, buffer, 0, buffer.length, position);
                if (count === 0) break;
                position += count;
                rest = Buffer.concat([rest, buffer.subarray(0, count)]);
                let end: number;
                while ((end = rest.indexOf(0x0a)) >= 0) {
                    const event = parseEvent(rest.subarray(0, end).toString());
                    rest = rest.subarray(end + 1);
                    if (event !== undefined) onEvent(event);
                }
            }
            if (last) return;
            await sleep(PAUSE);
        }
    } finally {
        closeSync(log);
    }
}
