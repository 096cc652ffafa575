/** Events as lines with a time, for logs and for terminals that are none. */
import { formatBytes } from "../../dr/quantity.js";
import { formatSeconds } from "../../dr/time.js";
import type { CliEvent } from "../events.js";

/** An event as one or more lines; undefined for those that a reader of lines does not need. */
export function plainLine(event: CliEvent): string | undefined {
    const text = textOf(event);
    return text === undefined ? undefined : text.replace(/^/gm, `${event.at.slice(11, 19)} `);
}

function textOf(event: CliEvent): string | undefined {
    switch (event.type) {
        case "leg":
            return legText(event);
        case "config":
            return `${event.stack}: ${event.key} ${event.value === undefined ? "removed" : `= ${event.value}`}`;
        case "resource":
            return resourceText(event);
        case "waiting":
            return `${event.stack}: waiting for ${event.for}: ${event.seen}`;
        case "sync":
            return `${event.stack}: ${event.volume}: ${syncText(event)}`;
        case "message":
            return `${event.stack === undefined ? "" : `${event.stack}: `}${event.severity === "info" ? "" : `${event.severity}: `}${event.text}`;
        case "program":
        case "plan":
        case "command":
        case "result":
            return undefined;
    }
}

function legText(event: Extract<CliEvent, { type: "leg" }>): string {
    const took = event.seconds === undefined ? "" : ` (${formatSeconds(event.seconds)})`;
    const summary = event.summary === undefined ? "" : `: ${event.summary}`;
    return `${event.stack}: ${event.status}${took}${summary}`;
}

function resourceText(event: Extract<CliEvent, { type: "resource" }>): string | undefined {
    if (event.status === "started") return undefined;
    const took = event.seconds === undefined ? "" : ` (${formatSeconds(event.seconds)})`;
    return `${event.stack}: ${event.op} ${event.kind} ${event.name}${event.status === "failed" ? " FAILED" : ""}${took}`;
}

/** How far a copy is, in words. */
export function syncText(event: Extract<CliEvent, { type: "sync" }>): string {
    const parts = [event.state ?? "no status yet"];
    if (event.percent !== undefined && event.percent < 100) parts.push(`${event.percent}% copied`);
    if (event.bytesLeft) parts.push(`${formatBytes(event.bytesLeft)} left`);
    if (event.bytesPerSecond) parts.push(`${formatBytes(event.bytesPerSecond)}/s`);
    if (event.secondsLeft) parts.push(`about ${formatSeconds(event.secondsLeft)} to go`);
    if (event.behindSeconds) parts.push(`${formatSeconds(event.behindSeconds)} behind the primary`);
    if (event.caughtUp) parts.push("caught up");
    return parts.join(", ");
}
