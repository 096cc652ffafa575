/** Ends a pulumi run the hard way, in the middle. */
import { setTimeout as sleep } from "node:timers/promises";
import type { PulumiCli } from "../../lab/program/pulumi-cli.js";
import { readFileSync } from "node:fs";
import { allPids } from "../../lab/procfs.js";

/**
 * Runs `pulumi up` and kills the CLI (SIGKILL) as soon as a line matches, then its orphans, as a reboot would.
 *
 * @throws Error when the run ended before such a line came
 */
export async function killOnLine(cli: PulumiCli, stack: string, pattern: RegExp): Promise<void> {
    let pid: number | undefined;
    let children: number[] = [];
    let killed = false;
    const result = await cli.up(stack, {
        mayFail: true,
        onStart: (child) => {
            pid = child.pid;
        },
        onLine: (line) => {
            if (killed || pid === undefined || !pattern.test(line)) return;
            killed = true;
            children = descendants(pid);
            process.kill(pid, "SIGKILL");
        },
    });
    if (!killed)
        throw new Error(
            `pulumi up of ${stack} ended (${result.exitCode}) before a line matched ${pattern}:\n${result.text}`,
        );
    // A killed CLI leaves its language host and plugins behind; they end by themselves or not at all.
    for (const orphan of children) {
        try {
            process.kill(orphan, "SIGKILL");
        } catch {
            // It has ended already.
        }
    }
    await sleep(500);
}

/** All processes that a process has started, directly or not. */
function descendants(pid: number): number[] {
    const parents = new Map(allPids().map((each) => [each, parentOf(each)]));
    const below = (of: number): number[] =>
        [...parents].filter(([, parent]) => parent === of).flatMap(([child]) => [child, ...below(child)]);
    return below(pid);
}

function parentOf(pid: number): number | undefined {
    try {
        const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        return parent === undefined ? undefined : Number(parent);
    } catch {
        return undefined;
    }
}
