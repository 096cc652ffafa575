/** Asks before anything is touched. */
import { createInterface } from "node:readline/promises";
import type { CommandContext } from "./context.js";
import { CliError } from "./errors.js";

/** What is asked. */
export interface Question {
    /** Shown before it. */
    readonly text: string;
    /** What has to be typed to go on; default `y` or `yes`. */
    readonly answer?: string;
}

/**
 * Asks on the terminal.
 *
 * @param yes consent given on the command line: nothing is asked
 * @returns whether to go on
 * @throws CliError where there is nobody to ask
 */
export async function confirm(context: CommandContext, question: Question, yes: boolean): Promise<boolean> {
    if (yes) return true;
    if (!context.interactive)
        throw new CliError(
            "usage",
            "There is no terminal to ask on. Give --yes to go ahead, or --dry-run to see what would be done. Nothing was touched.",
        );
    const ask = createInterface({ input: process.stdin, output: process.stdout });
    try {
        const { answer } = question;
        const prompt = answer === undefined ? "Go ahead? [y/N] " : `Type ${answer} to go ahead: `;
        const said = (await ask.question(`${question.text}\n\n${prompt}`, { signal: context.signal })).trim();
        return answer === undefined ? /^y(es)?$/i.test(said) : said === answer;
    } catch {
        // Ctrl-C, or the end of input.
        return false;
    } finally {
        ask.close();
    }
}
