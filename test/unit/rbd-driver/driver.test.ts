import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { connect } from "../../../lab/rbd-driver/client.js";
import { mappedPlaces, readCluster, readMapping } from "../../../lab/rbd-driver/cluster-config.js";
import { readCredentials } from "../../../lab/rbd-driver/credentials.js";
import { withKeyFile } from "../../../lab/rbd-driver/rbd-program.js";
import { Code, RpcError } from "../../../lab/rbd-driver/rpc-error.js";
import { serve } from "../../../lab/rbd-driver/server.js";
import { VolumeLocks } from "../../../lab/rbd-driver/volume-locks.js";

let dir: string;
beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "rbd-driver-test-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("Rook's configuration files", () => {
    const file = async (name: string, content: unknown) => {
        const path = join(dir, name);
        await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
        return path;
    };

    test("a cluster as Rook writes it", async () => {
        const monitors = ["127.0.1.1:3300", "127.0.1.2:3300"];
        const csiConfig = await file("csi.json", [
            { clusterID: "rook-ceph", monitors, namespace: "rook-ceph", cephFS: {} },
        ]);
        expect(await readCluster({ csiConfig }, "rook-ceph")).toEqual({
            clusterId: "rook-ceph",
            monitors: "127.0.1.1:3300,127.0.1.2:3300",
            radosNamespace: "",
            mirrorDaemons: 1,
        });
        await expect(readCluster({ csiConfig }, "other")).rejects.toThrow(
            'missing configuration for cluster ID "other"',
        );
    });

    test("what is not one is named", async () => {
        const csiConfig = await file("csi.json", "{}");
        await expect(readCluster({ csiConfig }, "rook-ceph")).rejects.toThrow(/csi\.json is not a ceph-csi cluster/);
        const empty = await file("empty.json", [{ clusterID: "rook-ceph", monitors: [] }]);
        await expect(readCluster({ csiConfig: empty }, "rook-ceph")).rejects.toThrow(/empty monitor list/);
    });

    test("the mapping is read with either spelling, and both ways", async () => {
        const pools = [{ "3": "5" }, { "8": "9" }];
        for (const key of ["ClusterIDMapping", "clusterIDMapping"]) {
            const clusterMapping = await file("map.json", [{ [key]: { "site-a": "site-b" }, RBDPoolIDMapping: pools }]);
            const mappings = await readMapping({ csiConfig: "", clusterMapping });
            expect(mappedPlaces(mappings, "site-a", 3)).toEqual([{ clusterId: "site-b", poolId: 5 }]);
            expect(mappedPlaces(mappings, "site-b", 9)).toEqual([{ clusterId: "site-a", poolId: 8 }]);
            expect(mappedPlaces(mappings, "site-a", 4)).toEqual([]);
            expect(mappedPlaces(mappings, "site-c", 3)).toEqual([]);
        }
    });

    test("no mapping file is no mapping; a broken one is an error", async () => {
        expect(await readMapping({ csiConfig: "", clusterMapping: join(dir, "none") })).toEqual([]);
        const clusterMapping = await file("map.json", "[{]");
        await expect(readMapping({ csiConfig: "", clusterMapping })).rejects.toThrow(/failed to fetch cluster mapping/);
    });
});

describe("credentials", () => {
    test("are the request's secrets", () => {
        expect(readCredentials({ userID: "csi", userKey: "c2VjcmV0" })).toEqual({ user: "csi", key: "c2VjcmV0" });
    });

    test("the key lies in a private file for as long as a program needs it", async () => {
        const credentials = { user: "csi", key: "c2VjcmV0" };
        const path = await withKeyFile(credentials, dir, async (keyFile) => {
            expect(await readFile(keyFile, "utf8")).toBe("c2VjcmV0");
            expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
            expect((await stat(dirname(keyFile))).mode & 0o777).toBe(0o700);
            return keyFile;
        });
        await expect(stat(path)).rejects.toThrow(/ENOENT/);
        await expect(withKeyFile(credentials, dir, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
        expect(await readdir(dir)).toEqual([]);
    });

    test.each([
        [undefined, "provided secret is empty"],
        [{}, "provided secret is empty"],
        [{ userKey: "k" }, "missing ID field 'userID' in secrets"],
        [{ userID: "u" }, "missing key field 'userKey' in secrets"],
    ])("%p are refused", (secrets, text) => {
        expect(() => readCredentials(secrets as never)).toThrow(text);
    });
});

describe("locks", () => {
    test("a second operation on a volume is turned away, until the first ends, however it ends", async () => {
        const locks = new VolumeLocks();
        let fail!: (error: Error) => void;
        const first = locks.with("vol", () => new Promise((_resolve, reject) => (fail = reject)));
        await expect(locks.with("vol", async () => 1)).rejects.toThrow(
            new RpcError(Code.ABORTED, "an operation with the given Volume ID vol already exists"),
        );
        expect(await locks.with("other", async () => 2)).toBe(2);
        fail(new Error("ended"));
        await expect(first).rejects.toThrow("ended");
        expect(await locks.with("vol", async () => 3)).toBe(3);
    });
});

describe("server", () => {
    test("logs method, volume, code and time of a call, and no secret", async () => {
        const lines: string[] = [];
        const socket = join(dir, "s.sock");
        await writeFile(socket, "left behind");
        const server = await serve(
            socket,
            {
                addonsReplication: {
                    PromoteVolume: async () => {
                        throw new RpcError(Code.FAILED_PRECONDITION, "busy");
                    },
                    ResyncVolume: async () => ({ ready: true }),
                    DemoteVolume: async () => {
                        throw new Error("out of the blue");
                    },
                },
            },
            (line) => lines.push(line),
        );
        const client = connect(socket, "addonsReplication");
        const request = { replication_source: { volume: { volume_id: "vol-1" } }, secrets: { userKey: "TOPSECRET" } };
        expect(await client.call("ResyncVolume", request)).toEqual({ ready: true });
        await expect(client.call("PromoteVolume", { ...request, force: true })).rejects.toMatchObject({
            code: Code.FAILED_PRECONDITION,
            details: "busy",
        });
        await expect(client.call("DemoteVolume", request)).rejects.toMatchObject({ code: Code.INTERNAL });
        await expect(client.call("EnableVolumeReplication", request)).rejects.toMatchObject({
            code: Code.UNIMPLEMENTED,
        });
        client.close();
        expect((await stat(socket)).mode & 0o777).toBe(0o600);
        await server.stop();
        await expect(stat(socket)).rejects.toThrow(/ENOENT/);
        expect(lines[0]).toMatch(/^ResyncVolume volume=vol-1 code=OK ms=\d+$/);
        expect(lines[1]).toMatch(/^PromoteVolume volume=vol-1 force=true code=FAILED_PRECONDITION ms=\d+ "busy"$/);
        expect(lines.join("\n")).not.toContain("TOPSECRET");
    });

    test("a path that is too long for a socket is refused by name", async () => {
        const socket = join(dir, "x".repeat(100));
        await expect(serve(socket, {}, () => undefined)).rejects.toThrow(
            `socket path ${socket} is longer than 107 bytes`,
        );
    });
});
