/** A controller's queue: one piece of work at a time per key, tried again with growing pauses until it succeeds. */
import { describeError } from "../api/client.js";

/** What is to come after a piece of work: nothing, or the same again after a pause. */
export type Outcome = { readonly afterMs: number } | undefined;

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/** Keys are strings of the caller's making. */
export class WorkQueue {
    private readonly busy = new Set<string>();
    private readonly again = new Set<string>();
    private readonly timers = new Map<string, NodeJS.Timeout>();
    private readonly failures = new Map<string, number>();

    /**
     * @param work does the work of a key; throwing means: again later
     * @param log called with each failure that differs from the key's last one
     */
    constructor(
        private readonly work: (key: string) => Promise<Outcome>,
        private readonly log: (message: string) => void,
    ) {}

    /** Has a key worked on as soon as possible. */
    add(key: string): void {
        this.cancel(key);
        if (this.busy.has(key)) {
            this.again.add(key);
            return;
        }
        this.busy.add(key);
        void this.run(key);
    }

    /** Has a key worked on after a pause, unless `add` comes first. */
    addAfter(key: string, ms: number): void {
        this.cancel(key);
        this.timers.set(
            key,
            setTimeout(() => this.add(key), ms),
        );
    }

    /** Takes back an `addAfter`. */
    cancel(key: string): void {
        clearTimeout(this.timers.get(key));
        this.timers.delete(key);
    }

    private async run(key: string): Promise<void> {
        let next: Outcome;
        try {
            next = await this.work(key);
            this.failures.delete(key);
        } catch (error) {
            const failures = this.failures.get(key) ?? 0;
            this.failures.set(key, failures + 1);
            next = { afterMs: Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS) };
            this.log(`${key}: ${describeError(error)}; again in ${next.afterMs / 1000} s`);
        }
        this.busy.delete(key);
        if (this.again.delete(key)) this.add(key);
        else if (next && !this.timers.has(key)) this.addAfter(key, next.afterMs);
    }
}
