import { describe, expect, test } from "@jest/globals";
import type { V1ConfigMap, V1Secret } from "@kubernetes/client-node";
import { connected, connecting, connectionOf, disconnected, parseEndpoints } from "../../../lab/rook/shapes/cluster.js";
import { withClusterCondition } from "../../../lab/rook/shapes/conditions.js";
import { parseDuration } from "../../../lab/rook/shapes/duration.js";

const T1 = "2026-01-01T00:00:00Z";
const T2 = "2026-01-01T00:01:00Z";
const healthy = {
    fsid: "f",
    health: { status: "HEALTH_OK" },
    pgmap: { bytes_total: 10, bytes_used: 4, bytes_avail: 6 },
};

function secret(data: Record<string, string>): V1Secret {
    const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
    return { data: Object.fromEntries(encoded) };
}

const endpoints: V1ConfigMap = { data: { data: "a=127.0.1.1:3300,b=127.0.1.2:3300", mapping: "{}", maxMonId: "0" } };

describe("connection of an external cluster", () => {
    test("comes from the named user", () => {
        const given = secret({
            fsid: "f",
            "ceph-username": "client.healthchecker",
            "ceph-secret": "k",
            "admin-secret": "admin-secret",
        });
        expect(connectionOf("rook-ceph", given, endpoints)).toEqual({
            namespace: "rook-ceph",
            fsid: "f",
            user: "client.healthchecker",
            key: "k",
            monitors: ["127.0.1.1:3300", "127.0.1.2:3300"],
        });
    });

    test("is the admin's when nobody is named", () => {
        expect(connectionOf("ns", secret({ fsid: "f", "admin-secret": "k" }), endpoints)).toMatchObject({
            user: "client.admin",
            key: "k",
        });
    });

    test.each<[string, V1Secret | undefined, V1ConfigMap | undefined, RegExp]>([
        ["no Secret", undefined, endpoints, /Secret ns\/rook-ceph-mon$/],
        [
            "no ConfigMap",
            secret({ fsid: "f", "admin-secret": "k" }),
            undefined,
            /ConfigMap ns\/rook-ceph-mon-endpoints$/,
        ],
        ["no fsid", secret({ "admin-secret": "k" }), endpoints, /key fsid/],
        ["no key", secret({ fsid: "f", "ceph-username": "client.x" }), endpoints, /key ceph-secret/],
        ["no mons", secret({ fsid: "f", "admin-secret": "k" }), { data: {} }, /key data/],
    ])("with %s, that is what is missing", (_what, given, map, missing) => {
        expect(connectionOf("ns", given, map)).toEqual({ missing: expect.stringMatching(missing) });
    });

    test("endpoints are read without their names", () => {
        expect(parseEndpoints("")).toEqual([]);
        expect(parseEndpoints("a=1.2.3.4:3300")).toEqual(["1.2.3.4:3300"]);
    });
});

describe("status of an external cluster", () => {
    const up = connected(connecting({}, T1), healthy, { mon: {} }, T2);

    test("connected: what the real operator was seen to write", () => {
        expect(up).toMatchObject({
            phase: "Connected",
            state: "Connected",
            message: "Cluster connected successfully",
            ceph: { health: "HEALTH_OK", fsid: "f", lastChecked: T2, capacity: { bytesTotal: 10 } },
        });
        expect(up.conditions?.find(({ type }) => type === "Connected")).toMatchObject({
            status: "True",
            reason: "ClusterConnected",
        });
    });

    test("an answer that stays away is an error, and keeps the fsid and the capacity", () => {
        const down = disconnected(up, "timed out", "2026-01-01T00:02:00Z");
        expect(down).toMatchObject({
            phase: "Connected",
            state: "Error",
            message: "Failed to configure external ceph cluster",
            ceph: { health: "HEALTH_ERR", fsid: "f", previousHealth: "HEALTH_OK", capacity: { bytesTotal: 10 } },
        });
        expect(down.ceph?.details).toEqual({ error: { severity: "Urgent", message: "timed out" } });
        expect(connected(down, healthy, {}, "2026-01-01T00:03:00Z")).toMatchObject({
            state: "Connected",
            ceph: { health: "HEALTH_OK", previousHealth: "HEALTH_ERR", lastChanged: "2026-01-01T00:03:00Z" },
        });
    });

    test("a condition's transition time moves with its status or message only", () => {
        const again = connected(up, healthy, {}, "2026-01-01T00:05:00Z");
        const condition = again.conditions?.find(({ type }) => type === "Connected");
        expect(condition).toMatchObject({ lastHeartbeatTime: "2026-01-01T00:05:00Z", lastTransitionTime: T2 });
    });

    test("a cluster that is going stays in that phase", () => {
        const deleting = { type: "Deleting", status: "True", reason: "ClusterDeleting", message: "going" } as const;
        const going = withClusterCondition(up, deleting, T2, true);
        expect(connected(going, healthy, {}, T2)).toMatchObject({ phase: "Deleting", message: "going" });
    });
});

test("durations of Kubernetes' kind", () => {
    expect(parseDuration("60s")).toBe(60_000);
    expect(parseDuration("1m30s")).toBe(90_000);
    expect(parseDuration("500ms")).toBe(500);
    expect(parseDuration("1.5h")).toBe(5_400_000);
    for (const wrong of ["", "60", "s", "1 m", "1d"]) expect(() => parseDuration(wrong)).toThrow(/not a duration/);
});
