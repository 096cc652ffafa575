/** The options of `npm run bench`, checked before anything is brought up. */
import { z } from "zod";
import { CONTENDERS, type ContenderName } from "./contenders/names.js";

/** Checked options. */
export interface BenchOptions {
    /** Numbers of volumes, each measured on a lab of its own. */
    readonly volumes: readonly number[];
    readonly rounds: number;
    readonly contenders: readonly ContenderName[];
    /** How many of the volumes are written all the time. */
    readonly writers: number;
    /** How many of the volumes of ours live in a namespace; the written ones are in the first. */
    readonly perNamespace: number;
    /** Folder for results; one that holds results is gone on with. */
    readonly out: string;
    /** Whether the first site is lost in the end, and one of ours moves by force. */
    readonly disaster: boolean;
    readonly keep: boolean;
}

const wholeNumber = (most: number) =>
    z
        .string()
        .regex(/^[1-9]\d*$/, `give a whole number from 1 to ${most}`)
        .transform(Number)
        .refine((n) => n <= most, `give at most ${most}`);

const list = <T extends z.ZodType<unknown, string>>(item: T) =>
    z
        .string()
        .transform((text) => text.split(",").map((part) => part.trim()))
        .pipe(z.array(item).min(1))
        .transform((items) => [...new Set(items)] as z.output<T>[]);

const schema = z.object({
    volumes: list(wholeNumber(5000)),
    rounds: wholeNumber(1000),
    contenders: list(z.enum(CONTENDERS, `give some of ${CONTENDERS.join(", ")}`)),
    writers: wholeNumber(100),
    perNamespace: wholeNumber(5000),
    out: z.string().min(1, "give a folder"),
    disaster: z.boolean().default(false),
    keep: z.boolean().default(false),
});

/**
 * Checks the options as the command line gives them.
 *
 * @throws Error that names every option that is wrong, and what it may be
 */
export function parseOptions(raw: Readonly<Record<string, unknown>>): BenchOptions {
    const parsed = schema.safeParse(raw);
    if (parsed.success) return parsed.data;
    const lines = parsed.error.issues.map((issue) => {
        const key = String(issue.path[0]);
        const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        return `--${flag} is ${JSON.stringify(raw[key])}: ${issue.message}`;
    });
    throw new Error(lines.join("\n"));
}
