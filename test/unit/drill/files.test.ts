import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillIn, runCommand } from "../../../cli/drill/command.js";
import { readDrillFile } from "../../../cli/drill/drill-file.js";
import { externalApp } from "../../../cli/drill/external-app.js";
import { faultOf } from "../../../cli/drill/fault.js";
import { inClusterApp, type SitePods } from "../../../cli/drill/in-cluster-app.js";
import { Journal, type DrillState } from "../../../cli/drill/journal.js";
import { at } from "../report/records.js";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "rbd-dr-drill-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const state = (id: string, startedAt: string): Omit<DrillState, "schema"> => ({
    id,
    operation: "planned",
    home: "a",
    other: "b",
    startedAt,
    runs: [],
    application: "test",
    volumes: ["default/v"],
    intervalSeconds: 60,
    versions: [],
    moves: [],
    spans: [],
    lostBefore: {},
});

describe("a drill's folder", () => {
    test("the newest drill of a kind goes on where it did not reach its end", async () => {
        Journal.begin(folder, state("1", at(0)));
        const second = Journal.begin(folder, state("2", at(100)));
        expect((await Journal.unfinished(folder, "planned"))?.state.id).toBe("2");
        expect(await Journal.unfinished(folder, "disaster")).toBeUndefined();
        second.update({ endedAt: at(200) });
        // One that was given up for a newer one is not taken up again.
        expect(await Journal.unfinished(folder, "planned")).toBeUndefined();
    });

    test("events that a kill cut off are passed over, and half a state file leaves the old one", async () => {
        const journal = Journal.begin(folder, state("1", at(0)));
        journal.addEvent({ type: "message", at: at(1), severity: "info", text: "whole" });
        appendFileSync(join(journal.folder, "events.jsonl"), '{"type":"message","at":"20');
        writeFileSync(join(journal.folder, "drill.json.new"), '{"schema"');
        const again = (await Journal.open(journal.folder))!;
        expect(again.events().map((event) => event.type)).toEqual(["message"]);
        expect(again.state).toEqual(journal.state);
    });
});

describe("the drill file", () => {
    test("there need be none", async () => {
        expect(await readDrillFile(folder)).toEqual({ faults: {}, env: {}, cwd: folder });
    });

    test("what is wrong in it is named", async () => {
        writeFileSync(
            join(folder, "rbd-dr-drill.yaml"),
            "application: {volumes: [{claim: v, acks: x}], verify: []}\nfault: {}",
        );
        await expect(readDrillFile(folder)).rejects.toThrow(/give namespace\/name[\s\S]*|fault/);
        await expect(readDrillFile(folder, join(folder, "none.yaml"))).rejects.toThrow("cannot be read");
    });

    test("its application is asked by its own command, and its acknowledgements are read from its file", async () => {
        const verifier = `const [site, volume] = process.argv.slice(1);
            console.log(JSON.stringify({ acknowledged: 2, lost: site === "b" ? [2] : [] })); process.exit(site === "b" ? 1 : 0)`;
        const yaml = {
            application: {
                volumes: [{ claim: "default/v", acks: "acks.jsonl" }],
                verify: [process.execPath, "-e", verifier, "{site}", "{volume}"],
            },
        };
        writeFileSync(join(folder, "rbd-dr-drill.yaml"), JSON.stringify(yaml));
        const app = externalApp(await readDrillFile(folder));
        expect(await app.acknowledgements()).toEqual([]);
        writeFileSync(join(folder, "acks.jsonl"), `{"seq":1,"at":"${at(0)}","site":"a"}\n`);
        expect(await app.acknowledgements()).toEqual([{ volume: "default/v", seq: 1, site: "a", at: at(0) }]);
        expect(await app.verify("a")).toMatchObject([{ volume: "default/v", acknowledged: 2, lost: [] }]);
        expect(await app.verify("b")).toMatchObject([{ lost: [2] }]);
    }, 30_000);
});

describe("faults and commands", () => {
    const file = { faults: { stop: { inject: ["x", "{site}"], restore: ["y", "{site}"] } }, env: {}, cwd: "/" };

    test("by name, by command line, or by a person", () => {
        expect(faultOf(file, {}, "c1")).toEqual({ what: "stop of c1", inject: ["x", "c1"], restore: ["y", "c1"] });
        expect(faultOf(file, { inject: "cut --hard {site}" }, "c1")).toMatchObject({ inject: ["cut", "--hard", "c1"] });
        expect(faultOf({ ...file, faults: {} }, {}, "c1").inject).toBeUndefined();
        expect(() => faultOf(file, { fault: "fire" }, "c1")).toThrow("--fault fire: the drill file has stop");
        expect(() => faultOf(file, { fault: "stop", inject: "x" }, "c1")).toThrow("--fault");
    });

    test("a command gets its words as they are, with no shell between; its last words are kept", async () => {
        expect(fillIn(["{site}", "a{volume}b", "{other}"], { site: "c1; rm", volume: "v" })).toEqual([
            "c1; rm",
            "avb",
            "{other}",
        ]);
        const options = { cwd: folder, env: {}, seconds: 20 };
        const script = "console.log(process.argv[1])";
        expect(await runCommand([process.execPath, "-e", script, "$HOME; *"], options)).toBe("$HOME; *");
        const bad = [process.execPath, "-e", "console.error('because'); process.exit(3)"];
        await expect(runCommand(bad, options)).rejects.toThrow(/ended with 3:\nbecause/);
        await expect(runCommand(["/no/such/program"], options)).rejects.toThrow("cannot be run");
    }, 60_000);
});

test("a demo application's log is followed from pod to pod, each write kept once, on disk too", async () => {
    const line = (seq: number, site: string) => JSON.stringify({ seq, at: at(seq), site, sha256: `d${seq}` });
    const logs: Record<string, string[]> = { "a-1": [line(1, "a"), "noise", line(2, "a")], "b-1": [line(3, "b")] };
    const pods = (site: string): SitePods => ({
        site,
        running: () => Promise.resolve([`${site}-1`]),
        follow: (_volume, pod, onLine) => {
            logs[pod]!.forEach(onLine);
            return Promise.resolve();
        },
        digests: () => Promise.resolve("1 d1\n3 d3\n"),
    });
    const file = join(folder, "acks.jsonl");
    const app = inClusterApp(["default/v"], [pods("a"), pods("b")], file);
    while ((await app.acknowledgements()).length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await app.verify("b")).toMatchObject([{ volume: "default/v", site: "b", acknowledged: 3, lost: [2] }]);
    await app.close();
    expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(3);
    const again = inClusterApp(["default/v"], [], file);
    expect((await again.acknowledgements()).map((ack) => ack.seq).sort()).toEqual([1, 2, 3]);
}, 30_000);
