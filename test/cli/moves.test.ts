/**
 * The moves by `rbd-dr` on the lab, as a user types them: set-up, over and back, what they amount to in plain pulumi, Ctrl-C,
 * two at once, a disaster, and the take-down. The acknowledgement log is the judge.
 * The tests run in order; each begins where the one before left off.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { CliEvent } from "../../cli/events.js";
import { EXIT } from "../../cli/exit-codes.js";
import { RUN_FILE } from "../../cli/engine/run-file.js";
import { siteStart, siteStop, type SiteName } from "../../lab/index.js";
import { waitForAcks } from "../../lab/demo/acks.js";
import { Ledger } from "../../lab/demo/ledger.js";
import { imageOf } from "../../lab/program/images.js";
import { waitMirrored } from "../../lab/program/mirrored.js";
import { closeStage, lostOn, moreWrites, openStage, primaries, VOLUME, type Stage } from "../engine/stage.js";
import { liveState, siteState, urns } from "./live-state.js";
import { rbdDr, rbdDrDone, startRbdDr } from "./rbd-dr.js";

jest.setTimeout(900_000);

const COMMENT = "# Ask storage on call before you change this.";
let stage: Stage;
let ledger: Ledger;
beforeAll(async () => {
    stage = await openStage("cli-moves");
    ledger = new Ledger(stage.lab, VOLUME);
});
afterAll(() => closeStage(stage));

const stackFile = (site: SiteName) => join(stage.cli.dir, `Pulumi.${site}.yaml`);
const isUp = (site: SiteName) => (event: CliEvent) =>
    event.type === "command" && event.argv[1] === "up" && event.argv.includes(site);
const movedTo = async (site: SiteName) => {
    await moreWrites(stage, site, 5);
    expect((await lostOn(stage, site)).lost).toBe(0);
    expect(await primaries(stage, site)).toEqual({ cluster1: site === "cluster1", cluster2: site === "cluster2" });
};

/** Types what a run said that it amounts to, in a shell's place. */
async function typeByHand(commands: readonly (readonly string[])[]): Promise<void> {
    for (const [program, ...args] of commands) {
        expect(program).toBe("pulumi");
        await execa(program!, args, { cwd: stage.cli.dir, env: stage.cli.env, stdin: "ignore" });
    }
}

test("what nobody has confirmed makes not even a stack", async () => {
    for (const site of ["cluster1", "cluster2"] as const)
        await stage.cli.run(["stack", "rm", site, "--yes", "--preserve-config"]);
    const { exitCode, commands } = await rbdDr(stage, "up");
    expect({ exitCode, commands }).toEqual({ exitCode: EXIT.usage, commands: [] });
    expect(JSON.parse((await stage.cli.run(["stack", "ls", "--json"])).stdout)).toEqual([]);
});

test("set-up, and a comment in a stack file", async () => {
    const { commands } = await rbdDrDone(stage, "up", "--yes");
    const up = ["cluster1", "cluster2"].map((site) => ["up", "--yes", "--skip-preview", "--stack", site]);
    // Two sites exchange their tokens, which are known once both have been up: both go once more.
    expect(commands.map((argv) => argv.slice(1))).toEqual([
        ...["cluster1", "cluster2"].map((site) => ["stack", "init", site, "--no-select"]),
        ...up,
        ...up,
    ]);
    for (const site of ["cluster1", "cluster2"] as const)
        writeFileSync(stackFile(site), `${COMMENT}\n${readFileSync(stackFile(site), "utf8")}`);
    await waitMirrored(stage.site("cluster2"), await imageOf(stage.site("cluster1"), VOLUME));
    await moreWrites(stage, "cluster1", 20);
});

describe("what a move amounts to", () => {
    const moves = ["failover --to cluster2", "failback --to cluster1"] as const;
    const amountsTo: Record<string, readonly (readonly string[])[]> = {};
    const ledTo: Record<string, unknown> = {};

    test.each(moves)("%s loses nothing, and keeps the comment", async (move) => {
        const { commands } = await rbdDrDone(stage, ...move.split(" "), "--yes");
        await movedTo(move.endsWith("cluster2") ? "cluster2" : "cluster1");
        for (const site of ["cluster1", "cluster2"] as const)
            expect(readFileSync(stackFile(site), "utf8").startsWith(`${COMMENT}\n`)).toBe(true);
        amountsTo[move] = commands;
        ledTo[move] = await liveState(stage);
    });

    test.each(moves)("%s by its recorded pulumi commands, typed by hand, leads to the same state", async (move) => {
        expect(new Set(amountsTo[move]!.map((argv) => argv[1]))).toEqual(new Set(["config", "up"]));
        await typeByHand(amountsTo[move]!);
        await movedTo(move.endsWith("cluster2") ? "cluster2" : "cluster1");
        expect(await liveState(stage)).toEqual(ledTo[move]);
    });

    test("done already, it does nothing", async () => {
        expect((await rbdDrDone(stage, "failback", "--to", "cluster1", "--yes")).commands).toEqual([]);
    });
});

describe("a run among others", () => {
    test("Ctrl-C in the middle ends it orderly; the same command completes it", async () => {
        const run = startRbdDr(stage, "failover", "--to", "cluster2", "--yes");
        await run.until((event) => event.type === "resource" && event.stack === "cluster1");
        run.interrupt();
        const { exitCode, stderr } = await run.ended;
        expect({ exitCode, stderr }).toMatchObject({ exitCode: EXIT.interrupted });
        expect(existsSync(join(stage.cli.dir, RUN_FILE))).toBe(false);
        await rbdDrDone(stage, "failover", "--to", "cluster2", "--yes");
        await movedTo("cluster2");
    });

    test("a second rbd-dr is told who is at work, and touches nothing", async () => {
        const first = startRbdDr(stage, "failback", "--to", "cluster1", "--yes");
        await first.until(isUp("cluster2"));
        const before = readFileSync(stackFile("cluster1"), "utf8");
        const second = await rbdDr(stage, "failover", "--to", "cluster2", "--yes");
        expect(second.exitCode).toBe(EXIT.locked);
        expect(second.stderr).toContain(`process ${first.pid} on ${hostname()}`);
        expect(second.commands).toEqual([]);
        expect(readFileSync(stackFile("cluster1"), "utf8")).toBe(before);
        expect((await first.ended).exitCode).toBe(EXIT.done);
        await movedTo("cluster1");
    });

    test("so it is while somebody runs plain pulumi", async () => {
        const locks = join(stage.cli.dir, "state", ".pulumi", "locks", "organization", "rbd-dr", "cluster2");
        const plain = stage.cli.up("cluster2");
        while (!existsSync(locks) || readdirSync(locks).length === 0) await sleep(50);
        const run = await rbdDr(stage, "failover", "--to", "cluster2", "--yes");
        expect(run.exitCode).toBe(EXIT.locked);
        expect(run.stderr).toMatch(/Stack cluster2 is locked by \S+, process \d+, for /);
        expect(run.commands).toEqual([]);
        expect((await plain).exitCode).toBe(0);
    });
});

describe("a disaster", () => {
    test("a silent site is not given up without its name, and the refusal has the command", async () => {
        await moreWrites(stage, "cluster1", 40);
        await siteStop(stage.lab, "cluster1");
        const { exitCode, stderr, commands } = await rbdDr(stage, "failover", "--to", "cluster2", "--yes");
        expect(exitCode).toBe(EXIT.refused);
        expect(stderr).toContain("rbd-dr failover --to cluster2 --disaster --lost cluster1");
        expect(commands).toEqual([]);
    });

    test("by name, the other site serves; only the lost one's writes are missing", async () => {
        await rbdDrDone(stage, "failover", "--to", "cluster2", "--disaster", "--lost", "cluster1", "--yes");
        await moreWrites(stage, "cluster2", 20);
        const { newlyLost } = await ledger.check("cluster2");
        expect(newlyLost.every((ack) => ack.site === "cluster1")).toBe(true);
    });

    test("the site is back: resync makes it a healthy secondary, and nothing of the survivor is lost", async () => {
        await siteStart(stage.lab, "cluster1");
        await waitForAcks(stage.acks, "cluster1", 5, 180);
        const { exitCode, stderr } = await rbdDr(stage, "failover", "--to", "cluster1", "--yes");
        expect(exitCode).toBe(EXIT.refused);
        expect(stderr).toContain("rbd-dr failback --to cluster1");
        await rbdDrDone(stage, "resync", "--site", "cluster1", "--yes");
        expect(await primaries(stage, "cluster2")).toEqual({ cluster1: false, cluster2: true });
        const { newlyLost } = await ledger.check("cluster2");
        expect(newlyLost.every((ack) => ack.site === "cluster1")).toBe(true);
    });

    test("failback loses nothing more, and takes the consent back", async () => {
        await rbdDrDone(stage, "failback", "--to", "cluster1", "--yes");
        await moreWrites(stage, "cluster1", 5);
        expect((await ledger.check("cluster1")).newlyLost).toEqual([]);
        expect(await primaries(stage, "cluster1")).toEqual({ cluster1: true, cluster2: false });
        expect(readFileSync(stackFile("cluster2"), "utf8")).not.toContain("lostSite");
    });
});

test("destroy takes both sites down, and leaves no replication behind", async () => {
    await rbdDrDone(stage, "destroy", "--yes");
    for (const site of ["cluster1", "cluster2"] as const) {
        expect(await urns(stage, site)).toEqual([]);
        expect((await siteState(stage, site)).replications).toEqual([]);
    }
});
