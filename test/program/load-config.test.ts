/** The program's config as Pulumi hands it over: secrets are Pulumi secrets there, and nowhere else. */
import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { inspect } from "node:util";
import { parseConfig } from "../../config.js";
import { loadConfig } from "../../config-load.js";
import { rawConfig } from "./harness.js";

test("the key of an external Ceph is a Pulumi secret", async () => {
    const mocks = { newResource: () => ({ id: "", state: {} }), call: () => ({}) };
    await pulumi.runtime.setMocks(mocks, "rbd-dr", "cluster1", false, "organization");
    pulumi.runtime.setAllConfig(
        Object.fromEntries(Object.entries(rawConfig()).map(([key, value]) => [`rbd-dr:${key}`, value])),
    );
    const { externalCephAdminKey: key, intent } = loadConfig();
    expect(intent.site).toBe("cluster1");
    expect(await pulumi.isSecret(key!)).toBe(true);
    expect(await new Promise((done) => key!.apply(done))).toBe("the-admin-key");
});

test("outside of the program it is in no config, printed however", () => {
    const config = parseConfig(rawConfig(), { project: "rbd-dr", organization: "organization", stack: "cluster1" });
    expect(config.externalCeph).toBeDefined();
    expect(inspect(config, { depth: null, showHidden: true })).not.toContain("the-admin-key");
});
