import { describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { inspect } from "node:util";
import { readOutputs } from "../../../observe/outputs.js";

const state = {
    schema: "rbd-dr/1",
    site: "cluster1",
    replicationState: "primary",
    at: "2026-01-01T00:00:00Z",
    records: {},
    sources: {},
    handedOver: [],
    lastSync: {},
    teardown: false,
};

describe("a stack's outputs", () => {
    test("none: the stack has not been brought up yet", () => {
        expect(readOutputs({}).state).toEqual({ found: "none" });
    });

    test("of this program are read, with how to reach the cluster", () => {
        const read = readOutputs({
            state,
            access: { context: "c1", kubeconfig: "/k" },
            bootstrap: { token: "t", pool: "p" },
        });
        expect(read.state).toEqual({ found: "outputs", outputs: state });
        expect(read.access).toEqual({ context: "c1", kubeconfig: "/k" });
        expect(read.hasToken).toBe(true);
    });

    test("the token becomes a secret where somebody keeps secrets, else it is not kept", async () => {
        const outputs = { state, bootstrap: { token: "dG9rZW4=", pool: "p" } };
        const { bootstrap } = readOutputs(outputs, (text) => pulumi.secret(text));
        expect(bootstrap?.pool).toBe("p");
        expect(await pulumi.isSecret(bootstrap!.token)).toBe(true);
        expect(inspect(readOutputs(outputs), { depth: null })).not.toContain("dG9rZW4=");
        expect(readOutputs({ state, bootstrap: { pool: "p" } }).hasToken).toBe(false);
    });

    test("of several groups are read with what each was left in", () => {
        const groups = { shop: { replicationState: "secondary", volumes: ["shop/db"], lostSite: "cluster2" } };
        const read = readOutputs({ state: { ...state, groups } });
        expect(read.state).toMatchObject({ found: "outputs", outputs: { groups } });
        const wrong = { shop: { replicationState: "elsewhere", volumes: [] } };
        expect(readOutputs({ state: { ...state, groups: wrong } }).state.found).toBe("foreign");
    });

    test("of another program are said to be foreign", () => {
        expect(readOutputs({ url: "https://x" }).state).toEqual({ found: "foreign", keys: ["url"] });
    });

    test("of an older or broken shape are foreign too, never half read", () => {
        expect(readOutputs({ state: { ...state, schema: "rbd-dr/0" } }).state.found).toBe("foreign");
        expect(readOutputs({ state: { ...state, records: { a: { key: "a" } } } }).state.found).toBe("foreign");
    });
});
