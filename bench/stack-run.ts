/** One measured run of pulumi on one of our stacks, outside a move: a step of the set-up, or one that finds nothing to do. */
import { z } from "zod";
import { usageSchema } from "./usage.js";

/** As it is kept in the results. */
export const stackRunSchema = usageSchema.extend({
    /** How many volumes the stack asked for. */
    volumes: z.number(),
    /** What was run, in words. */
    what: z.string(),
    stack: z.string(),
    /** Load average of one minute when it began. */
    load: z.number(),
});

/** What a run was, and what it cost. */
export type StackRun = z.infer<typeof stackRunSchema>;
