/** `tsx lab/agent/main.ts --site-dir DIR [--without a,b]`: the site agent as a process; started by `lab up`. */
import { Command, InvalidArgumentError } from "commander";
import { readSiteDir } from "../site.js";
import { Agent } from "./agent.js";
import { GROUPS } from "./program.js";
import { PROGRAMS } from "./registry.js";

function parseGroups(text: string): ReadonlySet<string> {
    const groups = text.split(",").filter((group) => group !== "");
    const unknown = groups.find((group) => !GROUPS.some((known) => known === group));
    if (unknown !== undefined) {
        throw new InvalidArgumentError(`"${unknown}" is no program of the lab; choose from ${GROUPS.join(", ")}.`);
    }
    return new Set(groups);
}

const command = new Command("agent")
    .description("runs the programs of a lab site's pods as processes of this machine")
    .requiredOption("--site-dir <dir>", "the site's folder, with its site.json")
    .option("--without <programs>", `leave programs out: ${GROUPS.join(", ")}`, parseGroups, new Set<string>())
    .parse();
const { siteDir, without } = command.opts<{ siteDir: string; without: ReadonlySet<string> }>();

const log = (message: string) => console.log(`${new Date().toISOString()} ${message}`);
const agent = new Agent({ site: readSiteDir(siteDir), programs: PROGRAMS, without, log });
for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
        log(`${signal}: leaving; the pods' processes stay`);
        void agent.stop().finally(() => process.exit(0));
    });
}
// A bug must not take the writers' supervisor down: what is wrong is logged, and the next tick tries again.
process.on("unhandledRejection", (error) => log(`unexpected: ${error instanceof Error ? error.stack : String(error)}`));
await agent.start();
