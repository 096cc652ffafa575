/**
 * Two applications in one pair of stacks, on a real lab: one moves to the other site and back, the other does not notice.
 * The tests run in order; each begins where the one before left off.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { execa } from "execa";
import { readAcks, outage, waitForAcks, type Ack } from "../../lab/demo/acks.js";
import type { SiteName } from "../../lab/index.js";
import { ackLogPath } from "../../lab/writer/index.js";
import { rbdDrDone } from "../cli/rbd-dr.js";
import {
    closeStage,
    eventually,
    lostOn,
    openStage,
    previewOf,
    primaries,
    VOLUME,
    type Stage,
} from "../engine/stage.js";

jest.setTimeout(900_000);

/** The application that moves. The other one is the default group's, which every stack has. */
const SHOP = "shop/db";

let stage: Stage;
beforeAll(async () => {
    stage = await openStage("groups");
    for (const site of ["cluster1", "cluster2"] as const)
        await stage.cli.setAllConfig(site, {
            "groups.shop.volumes[0].name": "db",
            "groups.shop.volumes[0].namespace": "shop",
            "groups.shop.volumes[0].size": "1Gi",
        });
});
afterAll(() => closeStage(stage));

const acksOf = (volume: string) => readAcks(ackLogPath(stage.lab, volume));
const flip = (site: SiteName, state: string) =>
    stage.cli.setConfig(site, "groups.shop.replicationState", state, { path: true });
const SHOP_STEPS = ["update Deployment shop-db-app-deployment", "update VolumeReplication shop-db-vr"];

/** What would show that somebody touched the application that stays: its pod, and what its objects were asked for. */
async function untouched(): Promise<unknown> {
    const { kubernetes } = stage.site("cluster1");
    const get = async (kind: string, ...more: string[]) => {
        const where = ["--kubeconfig", kubernetes.kubeconfig, "--context", kubernetes.context, "-n", "default"];
        const { stdout } = await execa("kubectl", [...where, "get", kind, ...more, "-o", "json"], {
            env: stage.cli.env,
        });
        return (
            JSON.parse(stdout) as { items: { metadata: { name: string; uid: string; generation?: number } }[] }
        ).items.map(({ metadata: { name, uid, generation } }) => ({ name, uid, generation }));
    };
    return Promise.all([
        get("pods", "-l", "app.kubernetes.io/name=rbd-pvc-app"),
        get("deployments"),
        get("volumereplications"),
    ]);
}

/** Longest time between two acknowledgements that follow each other, in seconds. */
function longestGap(acks: readonly Ack[], from: number, to = Infinity): number {
    const times = acks.map((a) => Date.parse(a.at)).filter((t) => t >= from && t <= to);
    return Math.max(...times.slice(1).map((t, i) => t - times[i]!)) / 1000;
}

/** Seconds without an acknowledgement of the application that stays, while nothing and while something went on. */
const gaps: Record<string, number> = {};
const during = async <T>(what: string, body: () => Promise<T>): Promise<T> => {
    const from = Date.now();
    const result = await body();
    await waitForAcks(ackLogPath(stage.lab, VOLUME), "cluster1", 3);
    gaps[what] = longestGap(await acksOf(VOLUME), from);
    return result;
};

describe("two applications, each a group", () => {
    test("are set up together, both on cluster1, following the stack's state", async () => {
        for (const site of ["cluster1", "cluster2", "cluster1"] as const) await stage.cli.up(site);
        for (const volume of [VOLUME, SHOP]) {
            await waitForAcks(ackLogPath(stage.lab, volume), "cluster1", 5);
            await eventually(async () =>
                expect(await primaries(stage, "cluster1", volume)).toEqual({ cluster1: true, cluster2: false }),
            );
        }
        expect((await stage.cli.outputs<{ site: string }>("cluster1")).site).toBe("cluster1 is primary");
    });

    test("a second up of each site changes nothing", async () => {
        expect(await previewOf(stage, "cluster1")).toEqual([]);
        expect(await previewOf(stage, "cluster2")).toEqual([]);
    });
});

describe("one of them moves to cluster2", () => {
    let before: unknown;

    test("the preview shows that one and nothing else", async () => {
        before = await untouched();
        await during("nothing (previews run)", async () => {
            await flip("cluster1", "secondary");
            expect(await previewOf(stage, "cluster1")).toEqual(SHOP_STEPS);
        });
    });

    test("too early is refused for the group, in its own words", async () => {
        await flip("cluster1", "primary");
        await flip("cluster2", "primary");
        const refused = await stage.cli.preview("cluster2", { mayFail: true });
        expect(refused.exitCode).not.toBe(0);
        expect(refused.text).toContain("Refused (PEER_PRIMARY) for group shop");
        expect(refused.text).toContain("pulumi config set --path groups.shop.replicationState secondary -s cluster1");
        await flip("cluster2", "secondary");
    });

    test("it goes, and the other goes on writing all the while, in one run of its writer", async () => {
        await during("shop moved to cluster2", async () => {
            await flip("cluster1", "secondary");
            await stage.cli.up("cluster1");
            // Down on one site and not yet up on the other: that is when the other application must not wait.
            await waitForAcks(ackLogPath(stage.lab, VOLUME), "cluster1", 5);
            expect(await primaries(stage, "cluster1", SHOP)).toEqual({ cluster1: false, cluster2: false });
            await flip("cluster2", "primary");
            await stage.cli.up("cluster2");
            await waitForAcks(ackLogPath(stage.lab, SHOP), "cluster2", 5);
        });
        expect(await untouched()).toEqual(before);
        expect(await primaries(stage, "cluster2", SHOP)).toEqual({ cluster1: false, cluster2: true });
        expect(await primaries(stage, "cluster1")).toEqual({ cluster1: true, cluster2: false });
        expect((await lostOn(stage, "cluster2", SHOP)).lost).toBe(0);
        gaps["shop itself, moving there"] = outage(await acksOf(SHOP), "cluster2")!;
    });

    test("each site says what it is for whom, and a second up of either changes nothing", async () => {
        const sites = await Promise.all(
            (["cluster1", "cluster2"] as const).map((s) => stage.cli.outputs<{ site: string }>(s)),
        );
        expect(sites.map((s) => s.site)).toEqual([
            "cluster1 is primary for default and secondary for shop",
            "cluster2 is secondary for default and primary for shop",
        ]);
        expect(await previewOf(stage, "cluster1")).toEqual([]);
        expect(await previewOf(stage, "cluster2")).toEqual([]);
    });

    test("it comes back, and the other still has not noticed", async () => {
        await during("shop moved back to cluster1", async () => {
            await flip("cluster2", "secondary");
            await stage.cli.up("cluster2");
            await flip("cluster1", "primary");
            expect(await previewOf(stage, "cluster1")).toEqual(SHOP_STEPS);
            await stage.cli.up("cluster1");
            await waitForAcks(ackLogPath(stage.lab, SHOP), "cluster1", 5);
        });
        expect(await untouched()).toEqual(before);
        expect(await primaries(stage, "cluster1", SHOP)).toEqual({ cluster1: true, cluster2: false });
        gaps["shop itself, moving back"] = outage(await acksOf(SHOP), "cluster1")!;
    });

    test("no acknowledged write of either is lost, and the writer of the one that stayed has run throughout", async () => {
        for (const volume of [VOLUME, SHOP]) {
            const { acknowledged, lost } = await lostOn(stage, "cluster1", volume);
            expect(acknowledged).toBeGreaterThan(20);
            expect(lost).toBe(0);
        }
        const acks = await acksOf(VOLUME);
        expect(new Set(acks.map((a) => `${a.site}, run ${a.epoch}`)).size).toBe(1);
        const seconds = Object.entries(gaps).map(([what, gap]) => `    ${what}: ${gap.toFixed(2)} s`);
        process.stderr.write(`    longest time without an acknowledgement:\n${seconds.join("\n")}\n`);
        // A writer that was stopped with the other application would have been away for as long as that one.
        for (const way of ["to cluster2", "back to cluster1"])
            expect(gaps[`shop moved ${way}`]).toBeLessThan(
                gaps[`shop itself, moving ${way === "to cluster2" ? "there" : "back"}`]!,
            );
    });
});

describe("both at once", () => {
    test("follow the stack's state again and move in one flip", async () => {
        for (const site of ["cluster1", "cluster2"] as const)
            await stage.cli.run(["config", "rm", "--path", "groups.shop.replicationState", "--stack", site]);
        await stage.cli.setConfig("cluster1", "replicationState", "secondary");
        await stage.cli.up("cluster1");
        await stage.cli.setConfig("cluster2", "replicationState", "primary");
        await stage.cli.up("cluster2");
        for (const volume of [VOLUME, SHOP]) {
            await waitForAcks(ackLogPath(stage.lab, volume), "cluster2", 5);
            expect((await lostOn(stage, "cluster2", volume)).lost).toBe(0);
        }
        expect((await stage.cli.outputs<{ site: string }>("cluster2")).site).toBe("cluster2 is primary");
    });

    test("rbd-dr takes one of them back alone", async () => {
        await rbdDrDone(stage, "failback", "--to", "cluster1", "--group", "shop", "--yes");
        await waitForAcks(ackLogPath(stage.lab, SHOP), "cluster1", 5);
        expect(await primaries(stage, "cluster1", SHOP)).toEqual({ cluster1: true, cluster2: false });
        expect(await primaries(stage, "cluster2")).toEqual({ cluster1: false, cluster2: true });
        expect((await lostOn(stage, "cluster1", SHOP)).lost).toBe(0);
        expect((await lostOn(stage, "cluster2")).lost).toBe(0);
    });
});
