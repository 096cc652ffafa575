/** When a program that ended by itself is started again. */

/** Shortest pause; a kubelet's is 10 s, which would only make a lab slow. */
const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
/** A program that ran this long has proved itself: its next pause is the shortest again. */
const PROVEN_MS = 60_000;

/** Counts the failures of one program. */
export class Backoff {
    private failures = 0;
    private startedAt = 0;
    private notBefore = 0;

    /** Notes a start. @param now milliseconds since the epoch */
    started(now: number): void {
        this.startedAt = now;
    }

    /**
     * Notes that the program ended without being told to.
     * @returns the pause in milliseconds before it may start again
     */
    ended(now: number): number {
        if (this.startedAt > 0 && now - this.startedAt >= PROVEN_MS) this.failures = 0;
        const pause = Math.min(FIRST_MS * 2 ** this.failures, LONGEST_MS);
        this.failures += 1;
        this.notBefore = now + pause;
        return pause;
    }

    /** Whether the pause is over. */
    mayStart(now: number): boolean {
        return now >= this.notBefore;
    }
}
