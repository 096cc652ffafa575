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
    const configs = stacks.map((stack) => stack.config());
    const reading = Promise.all(
        stacks.map(async (stack, i) => {
            const [config, outputs, lock] = await Promise.all([configs[i]!, stack.outputs(), stack.lock?.()]);
            return { config, outputs, lock };
        }),
    );
    const [read, { begun, ownQuery, resolveIntent, observeSite }] = await Promise.all([
        reading,
        begin(configs, seconds),
    ]);
    const queries = read.map(({ config, outputs }, i) => ownQuery(config, outputs, read[1 - i]!.outputs));
    // Each site's config may name volumes that the other's does not.
    const keys = [...new Set(queries.flatMap((query) => query.keys))];
    const snapshots = await Promise.all(
        queries.map((query, i) => inTime(observeSite({ ...query, keys, timeout: seconds }, begun[i]), seconds)),
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

/**
 * Loads what looks at clusters, and begins to: while pulumi is at work on the outputs, which name volumes, what can be asked
 * by config alone is asked.
 */
async function begin(configs: readonly Promise<SiteConfig>[], seconds: number) {
    // The Kubernetes client takes most of the start: pulumi is to have begun before it is loaded.
    await setImmediate();
    const { ownPlace, ownQuery, resolveIntent } = await import("../../observe/index.js");
    const { beginLook, observeSite } = await import("../../observe/site.js");
    const begun = (await Promise.all(configs)).map((config) => {
        const { volumes, adopt } = config.intent;
        return beginLook({ ...ownPlace(config), timeout: seconds }, volumes.length > 0 || adopt !== undefined);
    });
    return { begun, ownQuery, resolveIntent, observeSite };
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
