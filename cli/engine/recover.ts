/** Clears the way after a run that was killed: its orphans, its lock, its creates that were begun and not written down. */
import { formatSeconds } from "../../dr/time.js";
import { CliError } from "../errors.js";
import type { EventBus } from "../events.js";
import { judgeLock, readLocks, type Lock } from "./lock.js";
import { orphansOfProject, orphansOfRun, type Orphans } from "./orphans.js";
import { endProcesses, listProcesses } from "./processes.js";
import type { Project } from "./project.js";
import { readRunFile, runIsAlive } from "./run-file.js";

/** Seconds that a pulumi whose `rbd-dr` was killed gets to end the step at hand and write its checkpoint. */
const ORDERLY = 20;

/**
 * Makes sure that nobody else works on the project, and removes what a dead run left behind. Nothing of a run that may be
 * alive is touched.
 *
 * @throws CliError `locked`, with holder and age, where a run is or may be at work
 */
export async function clearTheWay(project: Project, bus: EventBus): Promise<void> {
    await endDeadRun(project, bus);
    const backend = await project.backend();
    for (const site of project.sites) {
        const locks = await readLocks(backend, project.file.name, site.name);
        if (locks.length === 0) continue;
        const processes = await listProcesses();
        const alive = locks.find((lock) => judgeLock(lock, processes) !== "dead");
        if (alive !== undefined) throw lockedBy(site.name, alive, judgeLock(alive, processes));
        bus.emit({
            type: "message",
            severity: "warning",
            stack: site.name,
            text: `the stack is locked by ${describeHolder(locks[0]!)}, which runs no more: the lock is cleared`,
        });
        await endOrphans(orphansOfProject(processes, project.dir, project.file.programDir), bus);
        await site.cancel();
    }
}

/** The last run of `rbd-dr` here, where it was killed: what it had started lives on, and works on. */
async function endDeadRun(project: Project, bus: EventBus): Promise<void> {
    const run = readRunFile(project.dir);
    if (run === undefined) return;
    const processes = await listProcesses();
    if (runIsAlive(run, processes))
        throw new CliError(
            "locked",
            `Another rbd-dr works on ${project.dir}: "${run.line}", process ${run.pid} on ${run.host}, for ${age(run.startedAt)}. ` +
                `Wait for it, or stop it with Ctrl-C. If it runs no more, remove the file .rbd-dr-run.json there.`,
        );
    const orphans = orphansOfRun(processes, run.id);
    if (orphans.pulumi.length + orphans.helpers.length === 0) return;
    bus.emit({
        type: "message",
        severity: "warning",
        text: `An earlier run ("${run.line}", process ${run.pid}) was killed; what it left running is ended first.`,
    });
    await endOrphans(orphans, bus);
}

async function endOrphans({ pulumi, helpers }: Orphans, bus: EventBus): Promise<void> {
    const left = [
        ...(await endProcesses(pulumi, [
            { signal: "SIGINT", seconds: ORDERLY },
            { signal: "SIGKILL", seconds: 5 },
        ])),
        ...(await endProcesses(helpers, [
            { signal: "SIGTERM", seconds: 3 },
            { signal: "SIGKILL", seconds: 5 },
        ])),
    ];
    if (left.length > 0)
        throw new CliError(
            "unexpected",
            `These processes of a dead run do not end: ${left.join(", ")}. End them, then run the same command again.`,
        );
    if (pulumi.length + helpers.length > 0)
        bus.emit({
            type: "message",
            severity: "info",
            text: `ended ${pulumi.length + helpers.length} orphaned processes: ${[...pulumi, ...helpers].join(", ")}`,
        });
}

/** The error for a stack that somebody else holds. */
export function lockedBy(stack: string, lock: Lock, judged: "alive" | "dead" | "elsewhere"): CliError {
    const fate =
        judged === "elsewhere"
            ? `Whether it still runs can be seen on ${lock.host} only. If it does not: pulumi cancel -s ${stack}`
            : `It runs: wait for it, or stop it with one Ctrl-C.`;
    return new CliError(
        "locked",
        `Stack ${stack} is locked by ${describeHolder(lock)}, for ${age(lock.at)}. ${fate}\nNothing was touched.`,
    );
}

function describeHolder({ user, host, pid }: Lock): string {
    return `${user}@${host}, process ${pid}`;
}

function age(since: string): string {
    return formatSeconds(Math.max(0, (Date.now() - Date.parse(since)) / 1000));
}
