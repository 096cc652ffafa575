/**
 * An application that people have already, deployed with kubectl: a Deployment, and a StatefulSet of three with claim
 * templates. It is protected, moved, moved back and let go through the real pulumi CLI on a real lab. The tests run in order.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitForAcks } from "../../lab/demo/acks.js";
import { waitMirrored } from "../../lab/program/mirrored.js";
import { imageOf } from "../../lab/program/images.js";
import { ackLogPath, verify } from "../../lab/writer/index.js";
import type { SiteName } from "../../lab/paths.js";
import { closeStage, openStage, previewOf, type Stage } from "../engine/stage.js";
import { claimUids, CLAIMS, deployManifests, deployShop, kubectl, running } from "./shop.js";

jest.setTimeout(600_000);

let stage: Stage;
/** Uids of the claims before this program knew of them. */
let uids: string[];
beforeAll(async () => {
    stage = await openStage("adopt");
    for (const stack of ["cluster1", "cluster2"] as const) await configure(stack);
});
afterAll(() => closeStage(stage));

/** What the hooks wrote down. */
const hooksLog = () => join(stage.cli.dir, "hooks.log");
const hooksRun = () => readFileSync(hooksLog(), "utf8").trim().split("\n");

/** Adoption by label; hooks that write down when they are run, and with what. */
async function configure(stack: SiteName): Promise<void> {
    const note =
        "require('fs').appendFileSync(process.argv[1], [process.env.RBD_DR_SITE, process.env.RBD_DR_HOOK, process.env.RBD_DR_OPERATION].join(' ') + '\\n')";
    const hooks = ["beforeStop", "afterStop", "beforeStart", "afterStart"].flatMap((name) =>
        [process.execPath, "-e", note, hooksLog()].map((arg, i) => [`hooks.${name}[${i}]`, arg] as const),
    );
    await stage.cli.setAllConfig(stack, {
        "volumes[0].adopt.matchLabels.app": "shop",
        "volumes[0].namespaces[0]": "shop",
        demoApp: "false",
        ...Object.fromEntries(hooks),
    });
}

const flip = (stack: SiteName, state: string) => stage.cli.setConfig(stack, "replicationState", state);
const everyClaimWrites = (site: SiteName, count: number) =>
    Promise.all(CLAIMS.map((key) => waitForAcks(ackLogPath(stage.lab, key), site, count)));
const lost = async (site: SiteName) => {
    const info = stage.site(site);
    const verdicts = [];
    for (const key of CLAIMS) verdicts.push(await verify(info, await imageOf(info, key), ackLogPath(stage.lab, key)));
    expect(verdicts.every((v) => v.acknowledged > 5)).toBe(true);
    return verdicts.map((v) => v.lost.length);
};

describe("before", () => {
    test("Rook and a pool are there, and an application is deployed by hand", async () => {
        const { text } = await stage.cli.up("cluster1");
        expect(text).toContain("app=shop in shop matches no claim");
        await deployShop(stage.site("cluster1"));
        await everyClaimWrites("cluster1", 3);
        uids = await claimUids(stage.site("cluster1"));
        expect(uids).toHaveLength(5);
    });
});

describe("protection", () => {
    test("a PV that would take its image along is refused, with the command and the key that mend it", async () => {
        const { text, exitCode } = await stage.cli.preview("cluster1", { mayFail: true });
        expect(exitCode).not.toBe(0);
        expect(text).toContain("RECLAIM_POLICY");
        expect(text).toContain("kubectl patch pv");
        expect(text).toContain("pulumi config set setRetain true -s cluster1");
        for (const stack of ["cluster1", "cluster2"]) await stage.cli.setConfig(stack, "setRetain", "true");
    });

    test("the preview lists what is taken in, what is left out and why, and which workloads were found", async () => {
        const { text } = await stage.cli.preview("cluster1");
        for (const key of CLAIMS) expect(text).toContain(key);
        expect(text).toContain("shop/scratch: matched, and not replicated: it is Pending");
        expect(text).toContain("Deployment shop/web: it runs on shop/web-data");
        expect(text).toContain("StatefulSet shop/db: it runs on shop/data-db-");
        expect(text).toContain("CronJob nightly");
        const kinds = (await previewOf(stage, "cluster1")).map((step) => step.split(" ").slice(0, 2).join(" "));
        expect(new Set(kinds)).toEqual(
            new Set([
                "create ReplicatedVolume",
                "create PersistentVolumePatch",
                "create VolumeReplication",
                "create Workload",
                "create DeploymentPatch",
                "create StatefulSetPatch",
            ]),
        );
    });

    test("nothing of the application is owned or restarted", async () => {
        const site = stage.site("cluster1");
        const pods = await kubectl(site, ["get", "pods", "-n", "shop", "-o", "name"]);
        await stage.cli.up("cluster1");
        const joined = await stage.cli.up("cluster2");
        expect(joined.text).toContain("Deployment shop/web is not on cluster2");
        await stage.cli.up("cluster1");
        expect(await kubectl(site, ["get", "pods", "-n", "shop", "-o", "name"])).toBe(pods);
        expect(await claimUids(site)).toEqual(uids);
        const owners = await kubectl(site, ["get", "pvc", "-n", "shop", "-o", "yaml", "--show-managed-fields"]);
        expect(owners).not.toContain("pulumi");
        const policies = await kubectl(site, [
            "get",
            "pv",
            "-o",
            "jsonpath={.items[*].spec.persistentVolumeReclaimPolicy}",
        ]);
        expect(new Set(policies.split(" "))).toEqual(new Set(["Retain"]));
    });

    test.each(["cluster1", "cluster2"] as const)("a second up of %s changes nothing", async (stack) => {
        expect(await previewOf(stage, stack)).toEqual([]);
    });

    test("a claim that is no longer matched is not dropped: it is refused, and the key to let go is named", async () => {
        const site = stage.site("cluster1");
        await kubectl(site, ["label", "pvc", "web-data", "-n", "shop", "app-"]);
        const { text } = await stage.cli.preview("cluster1", { mayFail: true });
        await kubectl(site, ["label", "pvc", "web-data", "-n", "shop", "app=shop"]);
        expect(text).toContain("ADOPTED_VANISHED");
        expect(text).toContain("pulumi config set --path 'release[0]' shop/web-data -s cluster1");
    });
});

describe("failover", () => {
    test("is refused while a CronJob may start a pod on a claim, and says how to stop it", async () => {
        await flip("cluster1", "secondary");
        const { text, exitCode } = await stage.cli.preview("cluster1", { mayFail: true });
        expect(exitCode).not.toBe(0);
        expect(text).toContain("USED_BY_OTHERS");
        const command = /kubectl (patch cronjob nightly -n shop --type merge -p '(.*)')/.exec(text);
        await kubectl(stage.site("cluster1"), [...command![1]!.split(" -p ")[0]!.split(" "), "-p", command![2]!]);
    });

    test("moves every claim without loss, and as many replicas as there were", async () => {
        await deployManifests(stage.site("cluster2"));
        const info = stage.site("cluster1");
        for (const key of CLAIMS) await waitMirrored(stage.site("cluster2"), await imageOf(info, key));
        await everyClaimWrites("cluster1", 3);
        const { text } = await stage.cli.preview("cluster1");
        expect(text).toContain("beforeStop runs");
        await stage.cli.up("cluster1");
        expect(await running(info)).toBe("web 0/0, db 0/0");
        await flip("cluster2", "primary");
        await stage.cli.up("cluster2");
        expect(await running(stage.site("cluster2"))).toBe("web 1/1, db 3/3");
        await everyClaimWrites("cluster2", 3);
        expect(await lost("cluster2")).toEqual([0, 0, 0, 0]);
        expect(hooksRun()).toEqual([
            "cluster1 beforeStop planned-demotion",
            "cluster1 afterStop planned-demotion",
            "cluster2 beforeStart planned-promotion",
            "cluster2 afterStart planned-promotion",
        ]);
    });

    test.each(["cluster1", "cluster2"] as const)("a second up of %s changes nothing", async (stack) => {
        expect(await previewOf(stage, stack)).toEqual([]);
    });
});

describe("failback", () => {
    test("a hook that fails stops the flip before anything is demoted, and the same up completes it", async () => {
        await flip("cluster2", "secondary");
        await stage.cli.removeConfig("cluster2", "hooks");
        await stage.cli.setConfig("cluster2", "hooks.afterStop[0]", "/bin/false", { path: true });
        const failed = await stage.cli.up("cluster2", { mayFail: true });
        expect(failed.exitCode).not.toBe(0);
        expect(failed.text).toContain("The hook afterStop, /bin/false, ended with 1");
        const path = "jsonpath={.items[*].spec.replicationState}";
        const asked = await kubectl(stage.site("cluster2"), ["get", "volumereplication", "-n", "shop", "-o", path]);
        expect(asked).toBe("primary primary primary primary");
        await stage.cli.removeConfig("cluster2", "hooks");
        await stage.cli.up("cluster2");
    });

    test("finds the claims that were always there, and starts as many as ran on the other site", async () => {
        await flip("cluster1", "primary");
        await stage.cli.up("cluster1");
        expect(await running(stage.site("cluster1"))).toBe("web 1/1, db 3/3");
        await everyClaimWrites("cluster1", 3);
        expect(await lost("cluster1")).toEqual([0, 0, 0, 0]);
        expect(await claimUids(stage.site("cluster1"))).toEqual(uids);
    });
});

describe("release", () => {
    test("one volume is let go: its replication ends on both sites, the application does not notice", async () => {
        const [key, site] = ["shop/data-db-2", stage.site("cluster1")] as const;
        for (const stack of ["cluster1", "cluster2"])
            await stage.cli.setConfig(stack, "release[0]", key, { path: true });
        const early = await stage.cli.preview("cluster1", { mayFail: true });
        expect(early.text).toContain("RELEASE_ORDER");
        for (const stack of ["cluster2", "cluster1"]) {
            expect((await stage.cli.up(stack)).text).toContain(`${key}: let go at the next`);
            expect((await stage.cli.up(stack)).text).toContain(`${key}: let go by this`);
        }
        const left = await kubectl(site, ["get", "volumereplication", "-n", "shop", "-o", "name"]);
        expect(left).not.toContain("data-db-2");
        expect(left.trim().split("\n")).toHaveLength(3);
        await everyClaimWrites("cluster1", 3);
        for (const stack of ["cluster1", "cluster2"] as const) expect(await previewOf(stage, stack)).toEqual([]);
    });

    test("pulumi destroy leaves the application running and its claims as they were", async () => {
        const site = stage.site("cluster1");
        const pods = await kubectl(site, ["get", "pods", "-n", "shop", "-o", "name"]);
        for (const stack of ["cluster2", "cluster1"]) {
            await stage.cli.setConfig(stack, "teardown", "true");
            await stage.cli.up(stack);
            await stage.cli.destroy(stack);
        }
        expect(await kubectl(site, ["get", "pods", "-n", "shop", "-o", "name"])).toBe(pods);
        expect(await running(site)).toBe("web 1/1, db 3/3");
        expect(await claimUids(site)).toEqual(uids);
        expect(await kubectl(site, ["get", "volumereplication", "-A", "-o", "name"])).toBe("");
        expect(await kubectl(site, ["get", "storageclass", "shop-block", "-o", "name"])).toContain("shop-block");
        await everyClaimWrites("cluster1", 3);
        expect(await lost("cluster1")).toEqual([0, 0, 0, 0]);
    });
});
