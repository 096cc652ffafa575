/** `npm run lab -- ...`: the lab's command line. */
import { existsSync } from "node:fs";
import { Command } from "commander";
import { labDown, labUp, siteFreeze, siteRebuild, siteStart, siteStop, siteThaw } from "./index.js";
import { SITES, labDir, labName } from "./paths.js";
import { ensurePackages } from "./packages.js";
import { STAND_INS } from "./record.js";
import { renderStatus } from "./render.js";
import { labStatus } from "./status.js";
import { ensureToolchain } from "./toolchain/ensure.js";
import { toolchainBin } from "./toolchain/index.js";

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const program = new Command("npm run lab --")
    .description(
        "Two sites on one Linux machine: a real Kubernetes control plane and a real Ceph cluster each.\n" +
            "RBD_DR_LAB names the lab (default: default); everything lies below $XDG_CACHE_HOME/rbd-dr.",
    )
    .showHelpAfterError();

program
    .command("up")
    .description("bring both sites up; repairs what has died, changes nothing where all runs")
    .option(
        "--without <parts>",
        `leave parts out, comma-separated: ${STAND_INS.join(", ")} (\`--without none\`: all in)`,
    )
    .action(async ({ without }: { without?: string }) => {
        const parts = without === "none" ? [] : without?.split(",").map((part) => part.trim());
        const began = Date.now();
        await labUp({ lab: labName(), without: parts, onProgress: say });
        say(`Both sites are up (${((Date.now() - began) / 1000).toFixed(1)} s). Look around: npm run lab -- status`);
    });

program
    .command("status")
    .description("what runs, and who could reach it")
    .option("--json", "as JSON")
    .action(async ({ json }: { json?: boolean }) => {
        const status = await labStatus(labName());
        process.stdout.write(json ? `${JSON.stringify(status, null, 4)}\n` : renderStatus(status));
    });

const siteCommands: ReadonlyArray<[string, string, (lab: string, site: string) => Promise<unknown>, string]> = [
    ["stop", "kill every process of a site at once, as a power cut would; its data stays", siteStop, "is stopped"],
    ["start", "bring a site back with the data it had", (lab, site) => siteStart(lab, site, say), "is up"],
    [
        "freeze",
        "stop every process of a site in its tracks (SIGSTOP): sockets open, no answer",
        siteFreeze,
        "is frozen",
    ],
    ["thaw", "let a frozen site go on", siteThaw, "runs again"],
    [
        "rebuild",
        "wipe a site and make a new, empty one in its place, as after a loss for good",
        (lab, site) => siteRebuild(lab, site, say),
        "is new and empty",
    ],
];
for (const [name, description, action, done] of siteCommands) {
    program
        .command(name)
        .description(description)
        .argument("<site>", SITES.join(" or "))
        .action(async (site: string) => {
            await action(labName(), site);
            say(`${site} ${done}.`);
        });
}

program
    .command("toolchain")
    .description(
        'find or build the tools, and print the folder that PATH needs: PATH="$(npm run -s lab -- toolchain):$PATH"',
    )
    .action(async () => {
        await ensurePackages(say);
        await ensureToolchain(say, { recheck: true });
        process.stdout.write(`${toolchainBin()}\n`);
    });

program
    .command("down")
    .description("end every process and remove the lab's folder; the toolchain stays")
    .action(async () => {
        const lab = labName();
        const existed = existsSync(labDir(lab));
        await labDown(lab, say);
        say(existed ? `Lab "${lab}" is gone.` : `There is no lab "${lab}" (RBD_DR_LAB names the lab).`);
    });

try {
    await program.parseAsync();
} catch (error) {
    say(`lab: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
}
