/** The two stacks of a project, as a report needs them. */
import pRetry from "p-retry";
import { halfWritten } from "../../observe/outputs.js";
import type { Project } from "../engine/project.js";
import type { SiteStack } from "../engine/stack.js";
import type { StatusStack } from "./collect.js";

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
    });
    return [of(project.sites[0]), of(project.sites[1])];
}
