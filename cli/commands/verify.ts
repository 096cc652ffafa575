/** `rbd-dr verify`: reads every acknowledged write back. */
import type { Command } from "commander";
import { appOption } from "./app-option.js";
import { runs, type CommandContext } from "../context.js";
import { joinLost } from "../drill/account.js";
import { journals } from "../drill/journal.js";
import { drillFileOf, openApp, primaryOf, reportsFolder, type AppFlags } from "../drill/session.js";
import { siteOf } from "../engine/project.js";
import { withExamples } from "../examples.js";
import type { ExitName } from "../exit-codes.js";
import { count, counted } from "../report/units.js";

interface VerifyFlags extends AppFlags {
    readonly site?: string;
}

/** Adds the command. */
export function addVerify(program: Command): void {
    const command = program
        .command("verify")
        .description("read every acknowledged write back from the site that serves, and say what is missing")
        .option("--site <site>", "the site to read; by default the one that is primary now")
        .addOption(appOption())
        .option("--report <dir>", "folder of the drills whose declared losses are known (default: reports)")
        .action(runs<VerifyFlags>("verify", verify));
    withExamples(command, [
        { line: "rbd-dr verify", does: "ends with 0 where all are there, with 7 where one is missing" },
        { line: "rbd-dr verify --site cluster2 --json", does: "the numbers for a program, in the last event's data" },
    ]);
}

async function verify(context: CommandContext, flags: VerifyFlags): Promise<ExitName> {
    const project = await context.project();
    const reports = reportsFolder(project, flags);
    const app = await openApp(project, await drillFileOf(project, flags), reports);
    try {
        const site = flags.site === undefined ? await primaryOf(project) : siteOf(project, flags.site).name;
        // What a drill's disaster cost, as it was declared, is not missing once more.
        const known = joinLost(
            (await journals(reports)).flatMap(({ state }) =>
                state.moves.filter((move) => move.declared.length > 0).map((move) => move.lost),
            ),
        );
        const results = (await app.verify(site)).map(({ volume, acknowledged, lost }) => {
            const declared = new Set(known[volume] ?? []);
            const missing = lost.filter((seq) => !declared.has(seq));
            return {
                volume,
                site,
                acknowledged,
                found: acknowledged - lost.length,
                declaredLost: lost.length - missing.length,
                missing,
            };
        });
        context.data = { site, volumes: results };
        for (const { volume, acknowledged, found, declaredLost, missing } of results) {
            const declared = declaredLost === 0 ? "" : `, ${declaredLost} lost in drills as declared`;
            context.print(
                `${volume} on ${site}: ${count(found)} of ${counted(acknowledged, "acknowledged write")} found${declared}, ${missing.length} missing`,
            );
            if (missing.length > 0)
                context.print(`  missing: ${missing.slice(0, 20).join(", ")}${missing.length > 20 ? ", ..." : ""}`);
        }
        return results.some(({ missing }) => missing.length > 0) ? "lost" : "done";
    } finally {
        await app.close();
    }
}
