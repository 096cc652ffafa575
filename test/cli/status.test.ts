/** `rbd-dr status` against two real sites: in good health, with one of them frozen, and after it is back. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { statusSchema, type StatusReport } from "../../cli/status/schema.js";
import { siteFreeze, siteThaw } from "../../lab/index.js";
import { imageOf } from "../../lab/program/images.js";
import { waitMirrored } from "../../lab/program/mirrored.js";
import { REPO_ROOT } from "../../lab/paths.js";
import { closeStage, eventually, moreWrites, openStage, VOLUME, type Stage } from "../engine/stage.js";

const MINUTE = 60_000;
const LAB = "cli-status";
let stage: Stage;

/** Runs the command as a user does. How long it took is printed, for whoever reads the log. */
async function status(...args: string[]) {
    const started = Date.now();
    const bin = join(REPO_ROOT, "cli", "bin.mjs");
    const run = await execa(process.execPath, [bin, "--cwd", stage.cli.dir, "status", ...args], {
        env: { ...stage.cli.env, NO_COLOR: "1" },
        reject: false,
    });
    process.stderr.write(`    rbd-dr status ${args.join(" ")}: exit ${run.exitCode}, ${Date.now() - started} ms\n`);
    return run;
}

async function report(...args: string[]): Promise<StatusReport> {
    const { stdout, stderr } = await status("--json", ...args);
    const events = stdout
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as { type: string; data?: unknown });
    const result = events.find((event) => event.type === "result");
    if (result?.data === undefined) throw new Error(`no report: ${stdout}\n${stderr}`);
    return statusSchema.parse(result.data);
}

beforeAll(async () => {
    stage = await openStage(LAB);
    for (const site of ["cluster1", "cluster2", "cluster1"] as const) await stage.cli.up(site);
    await waitMirrored(stage.site("cluster2"), await imageOf(stage.site("cluster1"), VOLUME));
    // What its copies were not there for yet: the secondary joins.
    await stage.cli.up("cluster2");
    await moreWrites(stage, "cluster1", 5);
}, 15 * MINUTE);

afterAll(() => closeStage(stage), 5 * MINUTE);

test(
    "a healthy pair: exit code 0, one page, the same as JSON and as metrics",
    async () => {
        // A copy is behind for as long as its first snapshots take, and Rook looks at its health every ten seconds.
        await eventually(async () => expect((await report()).findings).toEqual([]));
        const file = join(stage.cli.dir, "rbd_dr.prom");
        const page = await status("--metrics", file);
        expect(page.exitCode).toBe(0);
        expect(page.stdout).toMatch(/^HEALTHY/);
        expect(page.stdout).toContain(VOLUME);
        const seen = await report();
        expect(seen.volumes).toMatchObject([
            {
                key: VOLUME,
                primary: ["cluster1"],
                state: expect.stringMatching(/^(replaying|syncing)$/),
                sites: { cluster1: { image: { primary: true } }, cluster2: { image: { state: "up+replaying" } } },
            },
        ]);
        expect(seen.sites).toMatchObject([
            { live: "primary", decisions: [{ kind: "steady" }], workload: { pods: 1 } },
            { live: "secondary", decisions: [{ kind: "steady" }], workload: { pods: 0 } },
        ]);
        expect(await readFile(file, "utf8")).toContain(
            'rbd_dr_volume_primary{volume="default/rbd-pvc",site="cluster1"} 1',
        );
    },
    5 * MINUTE,
);

test(
    "one site frozen: it is said to be silent within the time limit, and the other side is complete",
    async () => {
        await siteFreeze(LAB, "cluster1");
        try {
            const seen = await report("--timeout", "3");
            expect(seen.level).toBe("critical");
            expect(seen.findings[0]).toMatchObject({ code: "unreachable", site: "cluster1" });
            expect(seen.sites[0]).toMatchObject({ reach: "unreachable", live: "unknown" });
            expect(seen.sites[0]?.lastHeard).toBeDefined();
            expect(seen.sites[1]).toMatchObject({ reach: "observed", live: "secondary" });
            expect(seen.volumes[0]?.sites["cluster2"]?.image?.exists).toBe(true);
            expect((await status("--timeout", "3")).exitCode).toBe(9);
        } finally {
            await siteThaw(LAB, "cluster1");
        }
    },
    5 * MINUTE,
);

test(
    "a flip that is not carried out yet is due, with its command; one that is refused has its code",
    async () => {
        await stage.cli.setConfig("cluster1", "replicationState", "secondary");
        await eventually(async () =>
            expect((await report()).findings).toContainEqual(
                expect.objectContaining({ code: "not-carried-out", next: ["pulumi up -s cluster1"] }),
            ),
        );
        await stage.cli.setConfig("cluster2", "replicationState", "primary");
        expect((await report()).findings).toContainEqual(
            expect.objectContaining({ code: "PEER_PRIMARY", site: "cluster2", level: "warning" }),
        );
        await stage.cli.setConfig("cluster1", "replicationState", "primary");
        await stage.cli.setConfig("cluster2", "replicationState", "secondary");
        expect((await status()).exitCode).not.toBe(2);
    },
    5 * MINUTE,
);
