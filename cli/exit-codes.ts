/** What the exit code of `rbd-dr` says: one table, for the code, for `--help` and for docs/cli.md. */

/** Name -> number. */
export const EXIT = {
    done: 0,
    unexpected: 1,
    usage: 2,
    refused: 3,
    locked: 4,
    interrupted: 5,
    unfinished: 6,
    lost: 7,
    warning: 8,
    critical: 9,
} as const;

/** Name of an exit code. */
export type ExitName = keyof typeof EXIT;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[ExitName];

/** What each means, for a person. */
export const EXIT_MEANINGS: Readonly<Record<ExitName, string>> = {
    done: "done, or there was nothing to do",
    unexpected: "an error that nobody expected; a bug, or a tool that is broken",
    usage: "the command line, the config or the workspace cannot be used; nothing was touched",
    refused: "refused by a guard, with a code (docs/refusals.md)",
    locked: "another run is at work on one of the stacks",
    interrupted: "interrupted; the same command goes on from there",
    unfinished: "ended half way, by a timeout or an error; the same command goes on from there",
    lost: "a verification found acknowledged writes missing or damaged",
    warning: "status found something to look after",
    critical: "status found data at risk, or nobody who serves",
};
