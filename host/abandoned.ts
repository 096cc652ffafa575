/**
 * What becomes of this process when whoever started it is gone. A pulumi that is killed leaves the program running; Pulumi's
 * own handler then logs each failed write, which fails to be written: a loop that takes a processor and gigabytes.
 */
import type { Writable } from "node:stream";

/**
 * Ends this process once nobody reads what it says: what it would still make, nobody would write down.
 *
 * @param streams whose reader is watched; its two outputs by default
 */
export function endWhenAbandoned(streams: readonly Writable[] = [process.stdout, process.stderr]): void {
    for (const stream of streams)
        stream.on("error", (error: NodeJS.ErrnoException) => {
            if (error.code === "EPIPE") process.exit(1);
            else throw error;
        });
}
