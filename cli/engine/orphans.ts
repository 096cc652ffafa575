/** Which processes are left of a run that is dead. Only what provably belongs to it is ever ended. */
import { basename } from "node:path";
import type { ProcessInfo } from "./processes.js";

/** What is left of a run. */
export interface Orphans {
    /** The pulumi CLI itself: it can end orderly, and writes its checkpoint when it does. */
    readonly pulumi: readonly number[];
    /** Language hosts, programs and plugins. */
    readonly helpers: readonly number[];
}

/**
 * What is left of a run of `rbd-dr` that is dead: every process carries its mark.
 *
 * @param run id of that run
 */
export function orphansOfRun(processes: readonly ProcessInfo[], run: string): Orphans {
    return split(processes.filter((each) => each.run === run));
}

/**
 * What is left of plain `pulumi` runs on a project: helpers that no pulumi looks after any more, started in or for its
 * folder.
 *
 * @param dir folder of the project
 * @param programDir folder of its program
 */
export function orphansOfProject(processes: readonly ProcessInfo[], dir: string, programDir: string): Orphans {
    const byPid = new Map(processes.map((each) => [each.pid, each]));
    const looked = (each: ProcessInfo): boolean => {
        for (let parent = byPid.get(each.parent); parent !== undefined; parent = byPid.get(parent.parent))
            if (nameOf(parent) === "pulumi") return true;
        return false;
    };
    const found = processes.filter(
        (each) => each.run === undefined && isHelper(each) && belongsTo(each, dir, programDir) && !looked(each),
    );
    return { pulumi: [], helpers: found.map((each) => each.pid) };
}

function split(processes: readonly ProcessInfo[]): Orphans {
    const isCli = (each: ProcessInfo) => nameOf(each) === "pulumi";
    return {
        pulumi: processes.filter(isCli).map((each) => each.pid),
        helpers: processes.filter((each) => !isCli(each)).map((each) => each.pid),
    };
}

function nameOf({ command }: ProcessInfo): string {
    return basename(command[0] ?? "");
}

/** A language host, a provider, or Node running a program for the language host. */
function isHelper(each: ProcessInfo): boolean {
    const name = nameOf(each);
    if (/^pulumi-(language|resource|analyzer)-/.test(name)) return true;
    return name === "node" && each.command.some((part) => /@pulumi[/\\]pulumi[/\\]cmd[/\\]/.test(part));
}

function belongsTo({ cwd, command }: ProcessInfo, dir: string, programDir: string): boolean {
    return cwd === dir || cwd === programDir || command.some((part) => part === dir || part.endsWith(`=${dir}`));
}
