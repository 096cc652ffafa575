/** What the numbers were measured on. */
import { cpus, loadavg, release, totalmem } from "node:os";
import { execa } from "execa";
import { REPO_ROOT } from "../lab/paths.js";
import { TOOLS } from "../lab/toolchain/tools.js";

/** Machine and versions, for the head of a report. */
export async function describeMachine(): Promise<Record<string, string>> {
    const [ceph, commit] = await Promise.all([line("ceph", "--version"), line("git", "rev-parse", "--short", "HEAD")]);
    return {
        date: new Date().toISOString(),
        commit,
        cpu: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`,
        memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
        kernel: release(),
        node: process.versions.node,
        ceph: /version (\S+)/.exec(ceph)?.[1] ?? ceph,
        ...Object.fromEntries(TOOLS.map((tool) => [tool.name, tool.version])),
    };
}

/** Load average of the last minute. */
export function load(): number {
    return loadavg()[0] ?? 0;
}

async function line(file: string, ...args: string[]): Promise<string> {
    const run = await execa(file, args, { cwd: REPO_ROOT, reject: false });
    return String(run.stdout ?? "").split("\n")[0] ?? "";
}
