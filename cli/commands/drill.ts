/** `rbd-dr drill`: failover and failback rehearsed for real, with a report. */
import type { Command } from "commander";
import { appOption } from "./app-option.js";
import { runs } from "../context.js";
import type { FaultFlags } from "../drill/fault.js";
import type { AppFlags } from "../drill/session.js";
import { withExamples } from "../examples.js";

/** Its options. */
export interface DrillFlags extends AppFlags, FaultFlags {
    readonly planned?: boolean;
    readonly disaster?: boolean;
    readonly to?: string;
    readonly yes?: boolean;
    readonly fresh?: boolean;
}

/** Adds the command. */
export function addDrill(program: Command): void {
    const command = program
        .command("drill")
        .description("rehearse failover and failback for real, read every acknowledged write back, and write a report")
        .option("--planned", "move over and back as planned; loses nothing")
        .option(
            "--disaster",
            "break the site that serves, fail over by force, bring it back, copy it afresh, move back",
        )
        .option("--to <site>", "the site to move to; by default the one that does not serve now")
        .option("--fault <name>", "with --disaster: how the site is broken, a name in the drill file")
        .option("--inject <command>", "with --disaster: the command that breaks the site; run without a shell")
        .option("--restore <command>", "with --disaster: the command that brings it back")
        .addOption(appOption())
        .option("--report <dir>", "folder of the reports (default: reports)")
        .option("--fresh", "begin anew, though a drill was left half way")
        .option("-y, --yes", "do not ask")
        .action(runs<DrillFlags>("drill", async () => (await import("../actions/drill.js")).drill));
    withExamples(command, [
        { line: "rbd-dr drill --planned", does: "over and back; ends with reports/<time>/report.html" },
        { line: "rbd-dr drill --disaster", does: "tells you when to break the site, and waits until it is silent" },
        {
            line: "rbd-dr drill --disaster --inject 'virsh destroy node1' --restore 'virsh start node1' --yes",
            does: "breaks it and brings it back by itself",
        },
    ]);
}
