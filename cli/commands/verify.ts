/** `rbd-dr verify`: reads every acknowledged write back. */
import type { Command } from "commander";
import { appOption } from "./app-option.js";
import { runs } from "../context.js";
import type { AppFlags } from "../drill/session.js";
import { withExamples } from "../examples.js";

/** Its options. */
export interface VerifyFlags extends AppFlags {
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
        .action(runs<VerifyFlags>("verify", async () => (await import("../actions/verify.js")).verify));
    withExamples(command, [
        { line: "rbd-dr verify", does: "ends with 0 where all are there, with 7 where one is missing" },
        { line: "rbd-dr verify --site cluster2 --json", does: "the numbers for a program, in the last event's data" },
    ]);
}
