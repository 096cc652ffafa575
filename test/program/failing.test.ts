import { expect, jest, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { buildSite } from "../../components/site.js";
import { siteState } from "../../outputs.js";
import * as w from "../unit/dr/world.js";
import { inputs, plan, record, siteConfig } from "./harness.js";

jest.setTimeout(30_000);

test("a wait that fails", async () => {
    const failures: unknown[] = [];
    process.on("unhandledRejection", (e) => failures.push(String(e)));
    const config = siteConfig();
    const site = inputs(plan({ replicationState: "secondary", workload: "down" }), {
        gates: { afterReplication: () => new Promise((_, reject) => setTimeout(() => reject(new Error("not handed over")), 50)) },
    });
    const before = process.memoryUsage().rss;
    await record(async () => {
        await pulumi.runtime.runInPulumiStack(async () => {
            const built = await buildSite(config, site);
            return { state: siteState(config, site.groups, w.ask("secondary"), built.records), site: built.started.apply(() => "x") };
        }).catch((e: unknown) => failures.push(String(e)));
    });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    console.log(failures, (process.memoryUsage().rss - before) / 1e6);
    expect(1).toBe(1);
});
