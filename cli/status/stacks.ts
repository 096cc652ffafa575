/** The two stacks of a project, as a report needs them. */
import pRetry from "p-retry";
import { halfWritten } from "../../observe/outputs.js";
import { judgeLock, readLocks } from "../engine/lock.js";
import { listProcesses } from "../engine/processes.js";
import type { Project } from "../engine/project.js";
import type { SiteStack } from "../engine/stack.js";
import type { StatusStack } from "./collect.js";
import type { SeenLock } from "./model.js";

/** Gives the stacks of a project to a look. */
export function statusStacks(project: Project): readonly [StatusStack, StatusStack] {
    const of = (site: SiteStack): StatusStack => ({
        config: () => site.config(),
        // A run that is at work may be writing its checkpoint just now.
        outputs: () =>
            pRetry(() => site.outputs(), {
                retries: 3,
                minTimeout: 200,
                shouldRetry: ({ error }) => halfWritten(error.message),
            }),
        lock: () => lockOf(project, site.name),
    });
    return [of(project.sites[0]), of(project.sites[1])];
}

/** Who holds a stack; where several locks were left, one whose holder may be at work goes first. */
async function lockOf(project: Project, stack: string): Promise<SeenLock | undefined> {
    const locks = await readLocks(await project.backend(), project.file.name, stack);
    if (locks.length === 0) return undefined;
    const processes = await listProcesses();
    const judged = locks.map((lock) => ({ ...lock, state: judgeLock(lock, processes) }));
    const { user, host, pid, at, state } = judged.find((lock) => lock.state !== "dead") ?? judged[0]!;
    return { holder: `${user}@${host} (pid ${pid})`, at, state };
}
