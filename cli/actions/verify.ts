/** What `rbd-dr verify` does: holds one copy against what was acknowledged. */
import type { VerifyFlags } from "../commands/verify.js";
import type { CommandContext } from "../context.js";
import { joinLost } from "../drill/account.js";
import { journals } from "../drill/journal.js";
import { drillFileOf, openApp, primaryOf, reportsFolder } from "../drill/session.js";
import { siteOf } from "../engine/project.js";
import type { ExitName } from "../exit-codes.js";
import { count, counted } from "../report/units.js";

/** Reads the acknowledged writes back, and says what is missing beyond what drills have declared. */
export async function verify(context: CommandContext, flags: VerifyFlags): Promise<ExitName> {
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
