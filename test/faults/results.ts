/** Results that outlive a run: one file for each commit, so that the matrix goes on where it stopped. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { cacheHome, REPO_ROOT } from "../../lab/paths.js";
import { writePrivate } from "../../host/files.js";
import type { TrialResult } from "./model.js";

/** Content of a results file. */
export interface Results {
    /** What was tested: the commit, `-changed` after it when the working tree differs. */
    readonly revision: string;
    /** Versions of what took part. */
    readonly versions: Readonly<Record<string, string>>;
    /** The newest result of each trial, by its id. */
    readonly trials: Readonly<Record<string, TrialResult>>;
}

/** Commit of the working tree; `unversioned` where there is none. */
export async function revision(): Promise<string> {
    const git = (...args: string[]) => execa("git", args, { cwd: REPO_ROOT, reject: false });
    const head = await git("rev-parse", "--short=12", "HEAD");
    if (head.exitCode !== 0) return "unversioned";
    const changed = (await git("status", "--porcelain", "--untracked-files=no")).stdout.trim() !== "";
    return `${head.stdout.trim()}${changed ? "-changed" : ""}`;
}

/** Path of a commit's results. */
export function resultsFile(commit: string): string {
    return join(cacheHome(), "faults", `${commit}.json`);
}

/** Keeps results in a file, from trial to trial. */
export class ResultsStore {
    private results: Results;

    constructor(
        readonly file: string,
        fresh: Omit<Results, "trials">,
    ) {
        const old = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : undefined;
        this.results = { ...fresh, trials: old?.trials ?? {} };
    }

    get all(): Results {
        return this.results;
    }

    /** Whether a trial is done and need not run again. */
    passed(id: string): boolean {
        return this.results.trials[id]?.ok === true;
    }

    /** Forgets everything. */
    clear(): void {
        this.results = { ...this.results, trials: {} };
    }

    add(results: readonly TrialResult[]): void {
        const added = Object.fromEntries(results.map((result) => [result.id, result]));
        this.results = { ...this.results, trials: { ...this.results.trials, ...added } };
        mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
        writePrivate(this.file, `${JSON.stringify(this.results, null, 2)}\n`);
    }
}
