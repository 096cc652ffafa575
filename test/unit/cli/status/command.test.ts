/** The command as a user runs it, with a scripted pulumi: exit code, both forms of output, and an end in spite of a silent site. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { statusSchema } from "../../../../cli/status/schema.js";
import { startServers, type Servers } from "./servers.js";

const PULUMI = `#!/bin/sh
echo "$*" >> "$(dirname "$0")/calls"
case "$*" in
*"stack output"*) echo '{}' ;;
*) echo "not scripted: $*" >&2; exit 1 ;;
esac
`;
let servers: Servers;
let dir: string;

beforeAll(async () => {
    servers = await startServers();
    dir = mkdtempSync(join(tmpdir(), "rbd-dr-status-"));
    writeFileSync(join(dir, "pulumi"), PULUMI);
    chmodSync(join(dir, "pulumi"), 0o755);
    writeFileSync(join(dir, "Pulumi.yaml"), readFileSync("Pulumi.yaml"));
    const stackFile = (name: string, peer: string, state: string, kubeconfig: string) =>
        writeFileSync(
            join(dir, `Pulumi.${name}.yaml`),
            `config:\n  rbd-dr:peer: ${peer}\n  rbd-dr:replicationState: ${state}\n  rbd-dr:kubeconfig: ${kubeconfig}\n  rbd-dr:context: c\n`,
        );
    stackFile("cluster1", "cluster2", "primary", servers.silent);
    stackFile("cluster2", "cluster1", "secondary", servers.answering);
    // A lock that a run left which was killed: no process has so high a number.
    const locks = join(dir, ".pulumi", "locks", "organization", "rbd-dr", "cluster2");
    mkdirSync(locks, { recursive: true });
    const holder = { pid: 2 ** 30, username: "kim", hostname: hostname(), timestamp: "2026-01-01T00:00:00Z" };
    writeFileSync(join(locks, "1.json"), JSON.stringify(holder));
});
afterAll(() => {
    rmSync(dir, { recursive: true });
    return servers.close();
});

/** How long it took is printed, for whoever reads the log; on a busy machine it says little. */
async function rbdDr(env: Record<string, string>, ...args: string[]) {
    const started = Date.now();
    const run = await execa(process.execPath, [resolve("cli/bin.mjs"), "-C", dir, ...args], {
        env: {
            PATH: `${dir}${delimiter}${process.env.PATH}`,
            NO_COLOR: "1",
            PULUMI_BACKEND_URL: `file://${dir}`,
            ...env,
        },
        reject: false,
        timeout: 100_000,
    });
    process.stderr.write(`    rbd-dr ${args.join(" ")}: exit ${run.exitCode}, ${Date.now() - started} ms\n`);
    return run;
}

test("a primary that is silent: critical by the exit code, the page and the JSON say so, and the command ends", async () => {
    const page = await rbdDr({}, "status", "--timeout", "1");
    expect(page.stderr).toBe("");
    expect(page.exitCode).toBe(9);
    expect(page.stdout).toMatch(/^CRITICAL {2}1 volume/);
    expect(page.stdout).toContain("no answer within 1 s");

    // Each run of pulumi costs as much as a cluster's answer.
    const calls = readFileSync(join(dir, "calls"), "utf8").trim().split("\n");
    expect(calls.map((call) => call.replace(/^(stack output) .*--stack (\S+) .*/, "$1 of $2")).sort()).toEqual([
        "stack output of cluster1",
        "stack output of cluster2",
    ]);

    const metrics = join(dir, "rbd_dr.prom");
    const json = await rbdDr({}, "status", "--timeout", "1", "--json", "--metrics", metrics);
    expect(json.exitCode).toBe(9);
    const events = json.stdout
        .split("\n")
        .map((line) => JSON.parse(line) as { type: string; exit?: number; data?: unknown });
    const result = events.find((event) => event.type === "result");
    expect(result).toMatchObject({ exit: 9 });
    expect(statusSchema.parse(result?.data).sites).toMatchObject([{ reach: "unreachable" }, { name: "cluster2" }]);
    expect(statusSchema.parse(result?.data).findings).toContainEqual(
        expect.objectContaining({ code: "lock-left", site: "cluster2", next: ["pulumi cancel -s cluster2"] }),
    );
    expect(readFileSync(metrics, "utf8")).toContain("rbd_dr_status 2");
}, 240_000);

test("a pulumi that is missing is told with its remedy", async () => {
    const run = await rbdDr({ PATH: join(dir, "nowhere") }, "status");
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("pulumi cannot be run: it is not on PATH\nInstall it");
}, 120_000);

test("a mistake on the command line is told with its remedy", async () => {
    const run = await rbdDr({}, "status", "--timeout", "soon");
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("Give a number of seconds, such as 5.");
}, 120_000);
