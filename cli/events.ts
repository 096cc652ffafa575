/**
 * What a run of `rbd-dr` tells while it works, as typed events: the task list, the plain lines, `--json` and the drill's
 * timeline are all made from these and from nothing else. The schema is what `--json` prints, one event a line.
 */
import { EventEmitter } from "node:events";
import { z } from "zod";

const at = z.iso.datetime().describe("When it happened (RFC 3339).");
const leg = z.number().int().nonnegative().describe("Index of the leg in the plan, from 0.");
const stack = z.string().describe("Name of the stack, which is the site's name.");

/** One leg of an operation: one `up` or `destroy` of one stack, with the config edits before it. */
export const legSchema = z.object({
    stack,
    action: z.enum(["up", "destroy"]),
    edits: z
        .array(
            z.object({
                key: z.string().describe("Config key without the project's prefix."),
                value: z.string().optional().describe("The new value; absent where the key is removed."),
            }),
        )
        .describe("Config edits made before it, in order."),
    why: z.string().describe("What the leg is for, in one line."),
    parallel: z.array(leg).describe("Legs that run at the same time."),
    done: z.boolean().describe("Whether it was found done already when the plan was made."),
});

const planEvent = z.object({
    type: z.literal("plan"),
    at,
    operation: z.string().describe("up, failover, failback, resync or destroy."),
    legs: z.array(legSchema),
    warnings: z.array(z.string()).describe("What to weigh before it begins, for example a loss window."),
});

const legEvent = z.object({
    type: z.literal("leg"),
    at,
    leg,
    stack,
    status: z.enum(["started", "done", "already-done", "failed", "refused", "interrupted"]),
    summary: z.string().optional().describe("What the program decided, or what went wrong."),
    seconds: z.number().optional().describe("How long it took, at its end."),
});

const configEvent = z.object({
    type: z.literal("config"),
    at,
    leg: leg.optional(),
    stack,
    key: z.string(),
    value: z.string().optional().describe("Absent where the key was removed."),
});

const programEvent = z
    .object({
        type: z.literal("program"),
        at,
        leg: leg.optional(),
        stack,
    })
    .describe("The engine has started, and the program begins to run.");

const resourceEvent = z.object({
    type: z.literal("resource"),
    at,
    leg: leg.optional(),
    stack,
    op: z.string().describe("Pulumi's name of the step: create, update, delete, replace ..."),
    kind: z.string().describe("Kind of the object, for example VolumeReplication."),
    name: z.string(),
    urn: z.string(),
    status: z.enum(["started", "done", "failed"]),
    seconds: z.number().optional().describe("How long the step took, at its end."),
});

const waitingEvent = z.object({
    type: z.literal("waiting"),
    at,
    leg: leg.optional(),
    stack,
    for: z.string().describe("What is waited for: an object, a gate, another run."),
    seen: z.string().describe("What was seen last."),
});

const syncEvent = z.object({
    type: z.literal("sync"),
    at,
    leg: leg.optional(),
    stack,
    volume: z.string().describe("`namespace/name` of the PVC."),
    state: z.string().optional().describe("State of the image, for example up+replaying."),
    percent: z.number().optional(),
    bytesLeft: z.number().optional(),
    bytesPerSecond: z.number().optional(),
    secondsLeft: z.number().optional(),
    behindSeconds: z.number().optional(),
    caughtUp: z.boolean(),
});

const messageEvent = z.object({
    type: z.literal("message"),
    at,
    leg: leg.optional(),
    stack: stack.optional(),
    severity: z.enum(["info", "warning", "error"]),
    text: z.string(),
});

const commandEvent = z.object({
    type: z.literal("command"),
    at,
    leg: leg.optional(),
    argv: z.array(z.string()).describe("The plain command that does the same, argument by argument."),
});

const resultEvent = z.object({
    type: z.literal("result"),
    at,
    operation: z.string(),
    exit: z.number().int().describe("The exit code; see docs/cli.md."),
    outcome: z.string().describe("Name of the exit code."),
    message: z.string().optional().describe("What went wrong and what to do."),
    refusals: z
        .array(
            z.object({
                code: z.string(),
                group: z.string().optional().describe("Absent for the group of all that is in no other."),
                reason: z.string(),
                seen: z.array(z.string()),
                next: z.array(z.string()),
            }),
        )
        .optional()
        .describe("Why a guard said no, one for each group that refuses."),
    commands: z.array(z.array(z.string())).describe("All plain commands that this run amounts to, in order."),
    data: z.unknown().optional().describe("What the command found, where it is one that looks: its own shape."),
});

/** Every event, as `--json` prints it. */
export const eventSchema = z.discriminatedUnion("type", [
    planEvent,
    legEvent,
    configEvent,
    programEvent,
    resourceEvent,
    waitingEvent,
    syncEvent,
    messageEvent,
    commandEvent,
    resultEvent,
]);

/** An event of a run. */
export type CliEvent = z.infer<typeof eventSchema>;

/** Kinds of events. */
export type CliEventType = CliEvent["type"];

/** An event without its time, as it is emitted. */
export type Emitted = CliEvent extends infer E ? (E extends CliEvent ? Omit<E, "at"> : never) : never;

/** Hands events to whoever listens, in order and at once. */
export class EventBus {
    private readonly emitter = new EventEmitter();

    /** @param now the clock, for tests */
    constructor(private readonly now: () => Date = () => new Date()) {
        this.emitter.setMaxListeners(0);
    }

    /** Stamps an event with the time and hands it on. */
    emit(event: Emitted): void {
        this.emitter.emit("event", { at: this.now().toISOString(), ...event } as CliEvent);
    }

    /** @returns a function that ends the subscription */
    on(listener: (event: CliEvent) => void): () => void {
        this.emitter.on("event", listener);
        return () => this.emitter.off("event", listener);
    }
}
