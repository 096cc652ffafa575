/** minikube's JSON output: one CloudEvents 1.0 object a line (minikube 1.38.1, pkg/minikube/out/register). */
import { z } from "zod";

const PREFIX = "io.k8s.sigs.minikube.";

/** One line of `--output json`. */
export type MinikubeEvent =
    | {
          readonly kind: "step";
          readonly step: number;
          readonly steps: number;
          readonly name: string;
          readonly message: string;
      }
    | { readonly kind: "download"; readonly artifact: string }
    /** `progress` as minikube gives it: a fraction, or `1` at the end. */
    | { readonly kind: "download.progress"; readonly artifact: string; readonly progress: string }
    | { readonly kind: "info" | "warning"; readonly message: string }
    /** Errors without an exit code are remarks: `delete` of a missing profile prints one and succeeds. */
    | {
          readonly kind: "error";
          readonly message: string;
          readonly exitCode?: number;
          readonly name?: string;
          readonly advice?: string;
          readonly url?: string;
          readonly issues: readonly string[];
      };

const envelope = z.object({
    specversion: z.literal("1.0"),
    type: z.string().startsWith(PREFIX),
    data: z.record(z.string(), z.string()),
});

/**
 * Reads one line.
 *
 * @returns undefined for a line that is no event (warnings of a tool that minikube runs get in between)
 */
export function parseEvent(line: string): MinikubeEvent | undefined {
    const parsed = envelope.safeParse(parseJson(line));
    if (!parsed.success) return undefined;
    const data = parsed.data.data;
    const message = (data["message"] ?? "").trim();
    switch (parsed.data.type.slice(PREFIX.length)) {
        case "step":
            return {
                kind: "step",
                step: number(data["currentstep"]),
                steps: number(data["totalsteps"]),
                name: data["name"] ?? "",
                message,
            };
        case "download":
            return { kind: "download", artifact: data["artifact"] ?? "" };
        case "download.progress":
            return { kind: "download.progress", artifact: data["artifact"] ?? "", progress: data["progress"] ?? "" };
        case "info":
            return { kind: "info", message };
        case "warning":
            return { kind: "warning", message };
        case "error":
            return {
                kind: "error",
                message,
                exitCode: data["exitcode"] === undefined ? undefined : number(data["exitcode"]),
                name: data["name"] || undefined,
                advice: data["advice"] || undefined,
                url: data["url"] || undefined,
                issues: (data["issues"] ?? "").split(",").filter((url) => url !== ""),
            };
        default:
            // A kind of event that a later minikube may bring is no reason to stop.
            return undefined;
    }
}

/** The event as one line of progress; undefined for events that only repeat what is known (download fractions, host facts). */
export function progressLine(event: MinikubeEvent): string | undefined {
    switch (event.kind) {
        case "step": {
            const at = Number.isNaN(event.step) ? "" : `[${event.step}/${event.steps}] `;
            return `${at}${event.name}: ${event.message}`;
        }
        case "download":
            return `Downloading ${event.artifact}`;
        case "warning":
            return `Warning: ${event.message}`;
        case "error":
            // Fatal ones come again with the failure itself; boxes are drawn for terminals.
            return event.exitCode === undefined && !event.message.startsWith("╭") ? event.message : undefined;
        default:
            return undefined;
    }
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

/** minikube gives numbers as strings, and an empty one for a step outside the expected order. */
function number(text: string | undefined): number {
    return text === undefined || text === "" ? Number.NaN : Number(text);
}
