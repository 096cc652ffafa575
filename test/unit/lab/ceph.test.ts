import { describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHealth } from "../../../lab/ceph/cli.js";
import { cephConf } from "../../../lab/ceph/config.js";
import { readKey } from "../../../lab/ceph/create.js";

describe("ceph.conf", () => {
    const text = cephConf({ fsid: "11111111-2222-3333-4444-555555555555", address: "127.0.1.1", dir: "/lab/ceph" });
    const section = (name: string): string => new RegExp(`\\[${name}\\]\\n([^[]*)`).exec(text)?.[1] ?? "";

    test("names the monitor as Rook does, and asks cephx of everyone", () => {
        expect(section("global")).toContain("mon host = v2:127.0.1.1:3300\n");
        for (const who of ["cluster", "service", "client"])
            expect(section("global")).toContain(`auth ${who} required = cephx\n`);
    });

    test("binds to the site's address and speaks msgr2 only", () => {
        expect(section("global")).toMatch(/public addr = 127\.0\.1\.1\ncluster addr = 127\.0\.1\.1\n/);
        expect(section("global")).toContain("ms bind msgr1 = false\n");
        expect(text).not.toContain("0.0.0.0");
    });

    test("keeps data on disk, as a stopped site has to come back with it", () => {
        expect(section("osd")).toContain("osd objectstore = bluestore\n");
        expect(section("osd")).toContain("bluestore block size = 17179869184\n");
        expect(section("osd")).toContain("osd data = /lab/ceph/osd\n");
    });
});

describe("health", () => {
    const status = (pgs: string[], up = 1, mgr = true): unknown => ({
        health: { status: "HEALTH_WARN", checks: { OSD_DOWN: { summary: { message: "1 osds down" } } } },
        osdmap: { num_up_osds: up },
        mgrmap: { available: mgr },
        pgmap: { pgs_by_state: pgs.map((state_name) => ({ state_name, count: 1 })) },
    });

    test("is read from the status", () => {
        expect(readHealth(status(["active+clean"], 0, false))).toEqual({
            status: "HEALTH_WARN",
            checks: ["1 osds down"],
            osdsUp: 0,
            mgrAvailable: false,
            placementGroupsOk: true,
        });
    });

    test.each([
        [[], true],
        [["active+clean"], true],
        [["active+clean", "active+clean+scrubbing+deep"], true],
        [["active+clean+laggy"], false],
        [["active+clean", "peering"], false],
        [["stale+active+clean"], false],
        [["unknown"], false],
    ] as Array<[string[], boolean]>)("placement groups %j are ok: %s", (states, ok) => {
        expect(readHealth(status(states)).placementGroupsOk).toBe(ok);
    });
});

test("a key is read from a keyring by its exact name", () => {
    const dir = mkdtempSync(join(tmpdir(), "rbd-dr-keyring-"));
    const file = join(dir, "keyring");
    writeFileSync(
        file,
        '[mon.]\n\tkey = AAA==\n\tcaps mon = "allow *"\n[client.admin]\n\tkey = BBB==\n\tcaps mon = "allow *"\n',
    );
    expect(readKey(file, "mon.")).toBe("AAA==");
    expect(readKey(file, "client.admin")).toBe("BBB==");
    expect(() => readKey(file, "client.adm")).toThrow("has no key of client.adm");
    rmSync(dir, { recursive: true });
});
