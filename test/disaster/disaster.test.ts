/**
 * A site is lost without warning, comes back with its old application, gives its copy up, and takes over again; then it is
 * lost for good and a new one takes its place. Through the real pulumi CLI on a real lab; the acknowledgement log is the judge.
 * The tests run in order; each begins where the one before left off.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { siteRebuild, siteStart, siteStop, type SiteName } from "../../lab/index.js";
import { waitForAcks } from "../../lab/demo/acks.js";
import { Ledger } from "../../lab/demo/ledger.js";
import { judgeLoss, reportedLoss } from "../../lab/demo/loss.js";
import { imageOf } from "../../lab/program/images.js";
import { restartMirror } from "../../lab/program/mirror-daemon.js";
import { waitMirrored } from "../../lab/program/mirrored.js";
import { forgetPeer } from "../../lab/program/peers.js";
import { followRebuiltSite } from "../../lab/program/workspace.js";
import { closeStage, moreWrites, openStage, previewOf, primaries, VOLUME, type Stage } from "../engine/stage.js";

jest.setTimeout(900_000);

let stage: Stage;
let ledger: Ledger;
beforeAll(async () => {
    stage = await openStage("disaster");
    ledger = new Ledger(stage.lab, VOLUME);
});
afterAll(() => closeStage(stage));

const up = (stack: SiteName, mayFail = false) => stage.cli.up(stack, { mayFail });
const set = (stack: SiteName, key: string, value: string) => stage.cli.setConfig(stack, key, value);
const flip = (stack: SiteName, state: string) => set(stack, "replicationState", state);
const previewFails = async (stack: SiteName) => {
    const { exitCode, text } = await stage.cli.preview(stack, { mayFail: true });
    expect(exitCode).not.toBe(0);
    return text;
};
const mirrored = async (from: SiteName, to: SiteName) =>
    waitMirrored(stage.site(to), await imageOf(stage.site(from), VOLUME));

/** Loses cluster1 under load and fails over to cluster2, holding what the preview said against what is missing. */
async function disasterFailover(): Promise<void> {
    await moreWrites(stage, "cluster1", 40);
    await siteStop(stage.lab, "cluster1");
    await set("cluster2", "lostSite", "cluster1");
    await flip("cluster2", "primary");
    const { text } = await stage.cli.preview("cluster2");
    const report = reportedLoss(text, VOLUME);
    expect(report).toBeDefined();
    await up("cluster2");
    await moreWrites(stage, "cluster2", 5);
    const account = await ledger.check("cluster2");
    const verdict = judgeLoss(report!, account);
    expect(verdict.nothingOlder).toBe(true);
    expect(verdict.slackSeconds).toBeLessThan(5);
    expect(account.lossSeconds).toBeLessThanOrEqual(report!.seconds);
    expect(account.newlyLost.every((ack) => ack.site === "cluster1")).toBe(true);
}

/** A planned move under load, which must lose nothing. */
async function moveToCluster1(): Promise<void> {
    await moreWrites(stage, "cluster2", 20);
    await flip("cluster2", "secondary");
    await up("cluster2");
    await flip("cluster1", "primary");
    await up("cluster1");
    await moreWrites(stage, "cluster1", 5);
    expect(await primaries(stage, "cluster1")).toEqual({ cluster1: true, cluster2: false });
    expect((await ledger.check("cluster1")).newlyLost).toEqual([]);
}

test("set-up", async () => {
    await up("cluster1");
    await up("cluster2");
    await up("cluster1");
    await mirrored("cluster1", "cluster2");
});

describe("disaster failover", () => {
    test("a site that answers and serves cannot be declared lost", async () => {
        await waitForAcks(stage.acks, "cluster1", 1);
        await set("cluster2", "lostSite", "cluster1");
        await flip("cluster2", "primary");
        const text = await previewFails("cluster2");
        expect(text).toContain("LOST_SITE_ALIVE");
        expect(text).toContain("pulumi config rm lostSite -s cluster2");
        expect((await up("cluster2", true)).text).toContain("LOST_SITE_ALIVE");
        await stage.cli.removeConfig("cluster2", "lostSite");
        await flip("cluster2", "secondary");
    });

    test("a site that is silent and was not declared lost is not given up", async () => {
        await waitForAcks(stage.acks, "cluster1", 40);
        await siteStop(stage.lab, "cluster1");
        await flip("cluster2", "primary");
        const text = await previewFails("cluster2");
        expect(text).toContain("PEER_UNREACHABLE");
        expect(text).toContain("pulumi config set lostSite cluster1 -s cluster2");
        await flip("cluster2", "secondary");
        await siteStart(stage.lab, "cluster1");
        await waitForAcks(stage.acks, "cluster1", 1, 180);
    });

    test("declared lost, everything up to the last sync is there, and the loss is the one that was announced", async () => {
        const before = await stage.cli.outputs("cluster1");
        await disasterFailover();
        expect(await stage.cli.outputs("cluster1")).toEqual(before);
        expect(await previewOf(stage, "cluster2")).toEqual([]);
    });
});

describe("the lost site comes back", () => {
    test("with its old application: both are primary, and it cannot just become secondary", async () => {
        await siteStart(stage.lab, "cluster1");
        await waitForAcks(stage.acks, "cluster1", 5, 180);
        expect(await primaries(stage, "cluster2")).toEqual({ cluster1: true, cluster2: true });
        await flip("cluster1", "secondary");
        const text = await previewFails("cluster1");
        expect(text).toContain("BOTH_PRIMARY_USE_RESYNC");
        expect(text).toContain("pulumi config set replicationState resync -s cluster1");
    });

    test("resync says what it discards, tells its progress, and ends when the copy keeps up", async () => {
        await flip("cluster1", "resync");
        expect((await stage.cli.preview("cluster1")).text).toContain("is discarded");
        const { text } = await up("cluster1");
        expect(text).toMatch(/waiting for default\/rbd-pvc to be copied afresh/);
        expect(await primaries(stage, "cluster2")).toEqual({ cluster1: false, cluster2: true });
        const { newlyLost } = await ledger.check("cluster2");
        expect(newlyLost.every((ack) => ack.site === "cluster1")).toBe(true);
    });

    test("failback loses nothing", async () => {
        await flip("cluster1", "secondary");
        await up("cluster1");
        await stage.cli.removeConfig("cluster2", "lostSite");
        await moveToCluster1();
        for (const stack of ["cluster1", "cluster2"] as const) expect(await previewOf(stage, stack)).toEqual([]);
    });
});

describe("the site is lost for good", () => {
    test("the other one takes over once more", async () => {
        await mirrored("cluster1", "cluster2");
        await disasterFailover();
    });

    test("a new, empty site joins under its name and receives every image", async () => {
        const { fsid } = stage.site("cluster1").ceph;
        const { pool } = await imageOf(stage.site("cluster2"), VOLUME);
        await siteRebuild(stage.lab, "cluster1");
        await followRebuiltSite(stage.cli, stage.lab, "cluster1");
        await flip("cluster1", "secondary");
        await stage.cli.run(["refresh", "--yes", "--skip-preview", "--stack", "cluster1"]);
        expect(await forgetPeer(stage.site("cluster2"), pool, fsid)).toHaveLength(1);
        await restartMirror(stage.site("cluster2"));
        await up("cluster1");
        await stage.cli.removeConfig("cluster2", "lostSite");
        await up("cluster2");
        await mirrored("cluster2", "cluster1");
    });

    test("it can be failed over to, and nothing is lost", async () => {
        await moveToCluster1();
    });
});
