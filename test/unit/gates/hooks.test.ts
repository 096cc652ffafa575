import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Plan } from "../../../dr/model.js";
import { describeHooks, flipHooks, runHook } from "../../../gates/hooks.js";
import { plan, siteConfig } from "../../program/harness.js";

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rbd-dr-hooks-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const log = () => join(folder, "log");
const written = () => readFileSync(log(), "utf8").trim().split("\n");
const node = (code: string, ...args: string[]) => [process.execPath, "-e", code, log(), ...args];
const NOTE = "require('fs').appendFileSync(process.argv[1], process.env.RBD_DR_HOOK + '\\n')";
const config = (hooks: object) => siteConfig({ hooks: JSON.stringify(hooks) });
const all = () =>
    config(Object.fromEntries(["beforeStop", "afterStop", "beforeStart", "afterStart"].map((h) => [h, node(NOTE)])));
const stopping = (volumes = 1): Plan => {
    const base = plan(
        { hooks: "stop", workload: "down", operation: "planned-demotion" },
        { vr: { replicationState: "secondary", autoResync: false, term: 1 } },
    );
    return { ...base, volumes: Array.from({ length: volumes }, (_, i) => ({ ...base.volumes[0]!, key: `shop/${i}` })) };
};

describe("a command", () => {
    test("is run as it stands, without a shell, and told what is going on", async () => {
        const note =
            "require('fs').writeFileSync(process.argv[1], JSON.stringify([process.argv[2], process.env.RBD_DR_SITE, process.env.RBD_DR_OPERATION, process.env.RBD_DR_VOLUMES]))";
        const hooks = flipHooks(config({ beforeStop: node(note, "$(echo no) ; `shell`") }), stopping());
        await hooks.beforeStop();
        expect(JSON.parse(readFileSync(log(), "utf8"))).toEqual([
            "$(echo no) ; `shell`",
            "cluster1",
            "planned-demotion",
            "shop/0",
        ]);
    });

    test("does not see the stack's secrets", async () => {
        process.env.PULUMI_CONFIG = '{"rbd-dr:externalCephAdminKey":"AQ=="}';
        try {
            const print = "require('fs').writeFileSync(process.argv[1], JSON.stringify(process.env))";
            await flipHooks(config({ beforeStop: node(print) }), stopping()).beforeStop();
        } finally {
            delete process.env.PULUMI_CONFIG;
        }
        expect(readFileSync(log(), "utf8")).not.toContain("AQ==");
    });

    test.each<[string, string[], number, string]>([
        ["fails", ["/bin/sh", "-c", "echo no room; exit 3"], 30, "ended with 3; its last line: no room"],
        ["takes too long", ["sleep", "60"], 1, "did not end within 1 s"],
        ["is not there", ["/no/such/command"], 30, "could not be run"],
    ])("that %s stops the flip, and says how to go on", async (_, command, timeout, text) => {
        const run = runHook("afterStop", { command, timeout }, { PATH: process.env.PATH! });
        await expect(run).rejects.toThrow(text);
        await expect(run).rejects.toThrow("run the same command again");
    });
});

describe("the order", () => {
    test("stop: each once, and the second only when every volume is out of use", async () => {
        const hooks = flipHooks(all(), stopping(2));
        await Promise.all([hooks.beforeStop(), hooks.beforeStop()]);
        let free: () => void = () => undefined;
        const first = hooks.afterStop("shop/0", Promise.resolve());
        const second = hooks.afterStop("shop/1", new Promise<void>((resolve) => (free = resolve)));
        await new Promise((resolve) => setTimeout(resolve, 300));
        expect(written()).toEqual(["beforeStop"]);
        free();
        await Promise.all([first, second]);
        expect(written()).toEqual(["beforeStop", "afterStop"]);
    });

    test("stop: a volume that stays in use keeps all of them", async () => {
        const hooks = flipHooks(all(), stopping(2));
        const failed = hooks.afterStop("shop/0", Promise.reject(new Error("in use")));
        await expect(failed).rejects.toThrow("in use");
        await expect(hooks.afterStop("shop/1", Promise.resolve())).rejects.toThrow("in use");
        expect(written()).toEqual(["beforeStop"]);
    });

    test("start: before and after, also where nothing is to be started", async () => {
        const hooks = flipHooks(all(), plan({ hooks: "start" }));
        await hooks.afterStart();
        expect(written()).toEqual(["beforeStart", "afterStart"]);
    });

    test("a plan that flips nothing runs none", async () => {
        const hooks = flipHooks(all(), plan());
        await hooks.beforeStop();
        await hooks.afterStop("shop/0", Promise.resolve());
        await hooks.afterStart();
        expect(() => written()).toThrow("ENOENT");
    });
});

test("a preview lists what would be run", () => {
    const of = config({ beforeStop: { command: ["./quiesce.sh", "two words"], timeout: "90s" }, afterStart: ["true"] });
    expect(describeHooks(of, stopping())).toEqual(['beforeStop runs ./quiesce.sh "two words", for at most 90 s']);
    expect(describeHooks(of, plan({ hooks: "start" }))).toEqual(["afterStart runs true, for at most 300 s"]);
    expect(describeHooks(of, plan())).toEqual([]);
});
