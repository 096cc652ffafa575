/** SIGKILL of pulumi as a row of the matrix. */
import type { Fault } from "../model.js";
import { describeOutcome } from "../operator.js";
import { killAtEveryBoundary } from "./chain.js";

/** Steps that must be under way at once before an `up` with a hundred resources is cut: as many as Pulumi does side by side on two cores. */
const PLATFORM_BURST = 8;

/** @param orphans whether the killed run's helpers live on, instead of ending with it as in a power cut */
export function killed(orphans: boolean): Fault {
    return {
        name: orphans ? "kill-orphans" : "kill",
        title: orphans
            ? "SIGKILL of pulumi, its plugins live on"
            : "SIGKILL of pulumi and its plugins, as a power cut does",
        siteWide: false,
        around: async ({ cli, command, lane, step, onProgress }) => {
            const burst = lane.name === "platform" ? PLATFORM_BURST : 1;
            const chain = await killAtEveryBoundary(cli, {
                run: command,
                stack: step.site,
                orphans,
                burst,
                onProgress,
            });
            const { kills, steps, underWay, done } = chain.coverage;
            const failures = chain.failures.map((failure) => `, once ${describeOutcome(failure)}`).join("");
            return {
                outcome: `completed after ${kills} kills: of ${steps} steps ${underWay} cut under way, ${done} when done${failures}`,
                completed: true,
                typed: [...new Set(chain.typed)],
                runs: kills + chain.typed.length + chain.failures.length + 1,
                coverage: chain.coverage,
            };
        },
    };
}
