/** Shows a run's events in the form that fits where they go. */
import type { EventBus } from "../events.js";
import { showList } from "./list.js";
import { plainLine } from "./plain.js";

/** Where the events go. */
export interface ProgressOptions {
    readonly json: boolean;
    /** Whether standard output is a terminal that a person watches. */
    readonly interactive: boolean;
}

/** A display that is at work. */
export interface Progress {
    /** Shows what is left and lets go of the terminal. */
    end(): Promise<void>;
}

/** Begins to show events: one JSON object a line with `json`, a task list on a terminal, else lines with a time. */
export function showProgress(bus: EventBus, options: ProgressOptions): Progress {
    if (options.interactive) return showList(bus);
    const off = bus.on((event) => {
        if (options.json) {
            process.stdout.write(`${JSON.stringify(event)}\n`);
            return;
        }
        const line = plainLine(event);
        if (line !== undefined) process.stdout.write(`${line}\n`);
    });
    return {
        end: () => {
            off();
            return Promise.resolve();
        },
    };
}
