/** Turns the engine's events into ours. */
import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import type { EventBus } from "../events.js";

/** Type of the stack itself, which the SDK registers before it runs the program. */
const STACK = "pulumi:pulumi:Stack";

/** Steps that change nothing. */
const QUIET: readonly string[] = ["same", "read", "refresh"];

/** What pulumi says of where its plugins come from, at every run. */
const ABOUT_PLUGINS = /^using pulumi-\S+ from \$PATH|^resource plugin \S+ is expected to have version/;

/** Follows one run of pulumi on one stack. */
export class EngineEvents {
    /** What the run said was wrong, in order. */
    readonly errors: string[] = [];
    /** Creates of an earlier run that the checkpoint still calls pending. */
    pendingCreates = false;
    private readonly started = new Map<string, number>();

    /** @param leg index of the leg that the run belongs to, where it belongs to one */
    constructor(
        private readonly bus: EventBus,
        private readonly stack: string,
        private readonly leg?: number,
    ) {}

    /** To be given to a run as `onEvent`. */
    readonly listen = (event: EngineEvent): void => {
        if (event.resourcePreEvent !== undefined)
            this.step(event.resourcePreEvent.metadata, "started", event.timestamp);
        if (event.resOutputsEvent !== undefined) this.step(event.resOutputsEvent.metadata, "done", event.timestamp);
        if (event.resOpFailedEvent !== undefined) this.step(event.resOpFailedEvent.metadata, "failed", event.timestamp);
        if (event.diagnosticEvent !== undefined) this.diagnostic(event.diagnosticEvent);
    };

    private step({ op, urn, type }: StepEventMetadata, status: "started" | "done" | "failed", now: number): void {
        if (type === STACK && status === "started") this.bus.emit({ type: "program", ...this.where() });
        if (QUIET.includes(op) || type === STACK) return;
        const began = this.started.get(urn);
        if (status === "started") this.started.set(urn, now);
        this.bus.emit({
            type: "resource",
            ...this.where(),
            op,
            kind: kindOf(type),
            name: nameOf(urn),
            urn,
            status,
            ...(status === "started" || began === undefined ? {} : { seconds: now - began }),
        });
    }

    private diagnostic({
        urn,
        message,
        severity,
        ephemeral,
    }: {
        urn?: string;
        message: string;
        severity: string;
        ephemeral?: boolean;
    }): void {
        // The engine sends its debug messages to whoever listens: every resource, whole, secrets among them.
        if (!isTold(severity)) return;
        const text = plain(message);
        if (text === "" || ABOUT_PLUGINS.test(text)) return;
        if (/pending operations? from previous deployment/i.test(text)) this.pendingCreates = true;
        if (severity === "error") this.errors.push(text);
        const waiting = /^waiting for (.*?): (.*)$/s.exec(text);
        if (waiting !== null) {
            this.bus.emit({ type: "waiting", ...this.where(), for: waiting[1]!, seen: waiting[2]! });
        } else if (ephemeral === true && severity !== "error") {
            const what = urn === undefined || urn === "" ? "the program" : `${kindOfUrn(urn)} ${nameOf(urn)}`;
            this.bus.emit({ type: "waiting", ...this.where(), for: what, seen: text });
        } else {
            this.bus.emit({ type: "message", ...this.where(), severity, text });
        }
    }

    private where(): { stack: string; leg?: number } {
        return this.leg === undefined ? { stack: this.stack } : { stack: this.stack, leg: this.leg };
    }
}

/** The refusal of the program among what a run said, from its code on; undefined where it was something else. */
export function refusalIn(errors: readonly string[]): { code: string; text: string } | undefined {
    for (const error of errors) {
        const found = /Refused \(([A-Z_]+)\).*/s.exec(error);
        if (found !== null) return { code: found[1]!, text: found[0].trim() };
    }
    return undefined;
}

function isTold(severity: string): severity is "info" | "warning" | "error" {
    return severity === "info" || severity === "warning" || severity === "error";
}

/** Takes the colour marks out of a message of the engine. */
function plain(message: string): string {
    return message.replace(/<\{%.*?%\}>/g, "").trim();
}

function kindOf(type: string): string {
    return type.split(":").at(-1)!;
}

function kindOfUrn(urn: string): string {
    return kindOf(urn.split("::").at(-2)?.split("$").at(-1) ?? "");
}

function nameOf(urn: string): string {
    return urn.split("::").at(-1) ?? urn;
}
