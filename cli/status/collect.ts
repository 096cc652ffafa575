/** Looks at both sites at once, each once, within a time limit: what a report is made from. */
import { setImmediate } from "node:timers/promises";
import type { SiteConfig } from "../../config.js";
import type { SiteSnapshot } from "../../dr/model.js";
import type { ReadStack } from "../../observe/outputs.js";
import type { SeenLock, SiteSeen, StatusInput } from "./model.js";

/** One site's stack, as far as a report needs it. */
export interface StatusStack {
    readonly config: () => Promise<SiteConfig>;
    /** The stack's last outputs. */
    readonly outputs: () => Promise<ReadStack>;
    /** Who holds the stack now; absent where that cannot be seen. */
    readonly lock?: () => Promise<SeenLock | undefined>;
}

/**
 * Looks at both sites.
 *
 * @param seconds for everything that a cluster is asked; one that does not answer in that time is reported so
 * @throws Error where a stack's config or outputs cannot be read; a cluster that does not answer is a finding
 */
export async function collect(stacks: readonly [StatusStack, StatusStack], seconds: number): Promise<StatusInput> {
    const reading = Promise.all(
        stacks.map(async (stack) => {
            const [config, outputs, lock] = await Promise.all([stack.config(), stack.outputs(), stack.lock?.()]);
            return { config, outputs, lock };
        }),
    );
    // The Kubernetes client takes most of the start: it is loaded while pulumi, by now begun, is at work on the outputs.
    await setImmediate();
    const loading = import("../../observe/index.js");
    const read = await reading;
    const { ownQuery, resolveIntent } = await loading;
    const { observeSite } = await import("../../observe/site.js");
    const queries = read.map(({ config, outputs }, i) => ownQuery(config, outputs, read[1 - i]!.outputs));
    // Each site's config may name volumes that the other's does not.
    const keys = [...new Set(queries.flatMap((query) => query.keys))];
    const snapshots = await Promise.all(
        queries.map((query) => inTime(observeSite({ ...query, keys, timeout: seconds }), seconds)),
    );
    const now = new Date().toISOString();
    const seen = read.map(({ config, outputs, lock }, i): SiteSeen => {
        const input = {
            intent: config.intent,
            own: snapshots[i]!,
            peer: snapshots[1 - i]!,
            ownOutputs: outputs.state,
            peerOutputs: read[1 - i]!.outputs.state,
            now,
        };
        return { intent: resolveIntent(config, input), snapshot: input.own, outputs: outputs.state, lock };
    });
    return { sites: [seen[0]!, seen[1]!], now };
}

/** A site that needs several requests one after the other has the time limit for all of them together. */
async function inTime(look: Promise<SiteSnapshot>, seconds: number): Promise<SiteSnapshot> {
    const at = new Date().toISOString();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<SiteSnapshot>((resolve) => {
        const error = `no answer within ${seconds} s`;
        timer = setTimeout(() => resolve({ reach: "unreachable", at, error }), seconds * 1000);
    });
    try {
        return await Promise.race([look, late]);
    } finally {
        clearTimeout(timer);
    }
}
