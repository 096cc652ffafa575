/** Looks at both sites at once, each once, within a time limit: what a report is made from. */
import type { SiteConfig } from "../../config.js";
import { contextOf } from "../../dr/facts.js";
import type { DecisionInput, SiteSnapshot, VolumeKey } from "../../dr/model.js";
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
    const read = await Promise.all(
        stacks.map(async (stack) => {
            const [config, outputs, lock] = await Promise.all([stack.config(), stack.outputs(), stack.lock?.()]);
            return { config, outputs, lock };
        }),
    );
    const now = new Date().toISOString();
    const keys = allKeys(read, now);
    // Late, since the Kubernetes client takes most of the start, and pulumi has been at work on the outputs meanwhile.
    const { observeSite } = await import("../../observe/site.js");
    const { recordedImages } = await import("../../observe/index.js");
    const images = recordedImages(...read.map(({ outputs }) => outputs.state));
    const snapshots = await Promise.all(
        read.map(({ config }) =>
            inTime(
                observeSite({
                    access: config.access,
                    keys,
                    pool: config.pool.name,
                    rbdConf: config.rbdConf,
                    images,
                    timeout: seconds,
                }),
                seconds,
            ),
        ),
    );
    const seen = read.map(({ config, outputs, lock }, i): SiteSeen => ({
        intent: config.intent,
        snapshot: snapshots[i]!,
        outputs: outputs.state,
        lock,
    }));
    return { sites: [seen[0]!, seen[1]!], now: new Date().toISOString() };
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

/** Every volume that either config or either stack's outputs name. */
function allKeys(read: readonly { config: SiteConfig; outputs: ReadStack }[], now: string): VolumeKey[] {
    const nowhere = { reach: "unknown", at: now, why: "not looked at yet" } as const;
    const inputs = read.map(({ config, outputs }, i): DecisionInput => ({
        intent: config.intent,
        own: nowhere,
        peer: nowhere,
        ownOutputs: outputs.state,
        peerOutputs: read[1 - i]!.outputs.state,
        now,
    }));
    return [...new Set(inputs.flatMap((input) => contextOf(input).all.map((v) => v.key)))];
}
