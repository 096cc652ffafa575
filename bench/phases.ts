/** Turns what was seen during a move into where its seconds went. */
import type { Phase } from "./results.js";
import type { Edge } from "./timeline.js";
import type { Outage } from "./outage.js";

/**
 * The stages of a move, in the order in which they were reached, in seconds from the last acknowledged write.
 *
 * Of a stage that many objects reached, the last one counts: only then is it over.
 */
export function phasesOf(edges: readonly Edge[], outages: readonly Outage[]): Phase[] {
    const from = Math.min(...outages.map((o) => o.last));
    const end = Math.max(...outages.map((o) => o.first));
    const last = new Map<string, number>();
    for (const { name, at } of edges) if (at <= end) last.set(name, Math.max(at, last.get(name) ?? 0));
    const stages = [...last].map(([name, at]) => ({ name, at: (at - from) / 1000 }));
    return [...stages, { name: FIRST_WRITE, at: (end - from) / 1000 }].sort((a, b) => a.at - b.at);
}

/** The end of the outage. */
export const FIRST_WRITE = "first write on the other site";

/** A stage with the time since the one before it. */
export interface Step extends Phase {
    /** Seconds since the stage before; of what came before the last write, 0. */
    readonly took: number;
}

/** How long each stage took. What was done before the outage costs nothing of it. */
export function steps(phases: readonly Phase[]): Step[] {
    return phases.map((phase, i) => {
        const before = Math.max(0, phases[i - 1]?.at ?? 0);
        return { ...phase, took: Math.max(0, phase.at - before) };
    });
}
