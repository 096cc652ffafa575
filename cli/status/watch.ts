/** Looks again and again, and remembers since when a site has been silent. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SiteSeen, StatusInput } from "./model.js";

/** Puts the time at which a site was first found silent into later looks. */
export function rememberSilence(): (input: StatusInput) => StatusInput {
    const since = new Map<string, string>();
    const remember = (seen: SiteSeen): SiteSeen => {
        const { snapshot, intent } = seen;
        if (snapshot.reach === "observed") {
            since.delete(intent.site);
            return seen;
        }
        const first = since.get(intent.site) ?? snapshot.at;
        since.set(intent.site, first);
        return { ...seen, unreachableSince: first };
    };
    return ({ sites, now }) => ({ sites: [remember(sites[0]), remember(sites[1])], now });
}

/**
 * Does something every so many seconds, counted from begin to begin, until told to stop; at least once.
 *
 * @param signal its abort ends the wait; a look at work is finished
 */
export async function every(seconds: number, signal: AbortSignal, look: () => Promise<void>): Promise<void> {
    for (;;) {
        const started = Date.now();
        await look();
        const left = Math.max(0, started + seconds * 1000 - Date.now());
        try {
            await sleep(left, undefined, { signal });
        } catch {
            return;
        }
    }
}
