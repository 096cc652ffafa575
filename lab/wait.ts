/** Waiting with a limit, and with something to say when the limit is reached. */
import { setTimeout as sleep } from "node:timers/promises";

/** How to wait. */
export interface WaitOptions {
    /** What is waited for, as the error will name it: `the monitor of cluster1`. */
    readonly what: string;
    readonly timeoutMs: number;
    /** Pause between two looks, in milliseconds; default 200. */
    readonly intervalMs?: number;
    /** Called before each look: throws when waiting has become pointless (the process has died). */
    readonly check?: () => void;
}

/**
 * Calls `look` until it returns a value other than undefined.
 * @returns that value.
 * @throws after the timeout, with the error that was seen last; whatever `check` throws, at once.
 */
export async function waitFor<T>(look: () => Promise<T | undefined>, options: WaitOptions): Promise<T> {
    const deadline = Date.now() + options.timeoutMs;
    let seen = "no answer";
    for (;;) {
        options.check?.();
        try {
            const value = await look();
            if (value !== undefined) return value;
        } catch (error) {
            seen = error instanceof Error ? error.message : String(error);
        }
        if (Date.now() >= deadline) {
            const seconds = Math.round(options.timeoutMs / 1000);
            throw new Error(`Waited ${seconds} s in vain for ${options.what}. Seen last: ${seen}`);
        }
        await sleep(options.intervalMs ?? 200);
    }
}
