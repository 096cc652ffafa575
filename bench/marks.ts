/** The program's own timestamps (timings.ts) of a run of both stacks. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Edge } from "./timeline.js";

const lineSchema = z.object({ step: z.string(), stack: z.string(), at: z.number() });

/**
 * Reads a file of timestamps; none where there is no file.
 *
 * @returns each as `STACK: STEP`
 */
export async function readMarks(file: string): Promise<Edge[]> {
    const text = await readFile(file, "utf8").catch(() => "");
    return parseMarks(text);
}

/** The lines of such a file; one that is cut off is left out. */
export function parseMarks(text: string): Edge[] {
    return text.split("\n").flatMap((line) => {
        try {
            const { step, stack, at } = lineSchema.parse(JSON.parse(line));
            return [{ name: `${stack}: ${step}`, at }];
        } catch {
            return [];
        }
    });
}
