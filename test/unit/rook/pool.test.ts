import { describe, expect, test } from "@jest/globals";
import type { CephBlockPool, CephBlockPoolStatus } from "../../../lab/rook/types.js";
import {
    deletionConditions,
    poolInfo,
    poolStatus,
    withMirroring,
    withMirroringError,
    withoutMirroring,
} from "../../../lab/rook/shapes/pool.js";
import { decodeToken, expandToken, peerSecretContent, peerTokenSecret } from "../../../lab/rook/shapes/token.js";

const T1 = "2026-01-01T00:00:00Z";
const T2 = "2026-01-01T00:01:00Z";

function pool(enabled = true, status?: CephBlockPoolStatus): CephBlockPool {
    return {
        apiVersion: "ceph.rook.io/v1",
        kind: "CephBlockPool",
        metadata: { name: "replicapool", namespace: "rook-ceph", uid: "u", generation: 2 },
        spec: { replicated: { size: 1 }, mirroring: { enabled, mode: "image" } },
        status,
    };
}

describe("status of a pool", () => {
    test("the bootstrap Secret is named once a mirrored pool is Ready, not before", () => {
        expect(poolInfo(pool(), "Progressing")).toEqual({ failureDomain: "host", type: "Replicated" });
        expect(poolInfo(pool(), "Ready")).toEqual({
            failureDomain: "host",
            rbdMirrorBootstrapPeerSecretName: "pool-peer-token-replicapool",
            type: "Replicated",
        });
        expect(poolInfo(pool(false), "Ready")).not.toHaveProperty("rbdMirrorBootstrapPeerSecretName");
    });

    test("a failure keeps the generation that was last served", () => {
        const ready = poolStatus(pool(), "Ready", { observedGeneration: 2, poolID: 3 });
        expect(ready).toMatchObject({ phase: "Ready", observedGeneration: 2, poolID: 3 });
        expect(poolStatus(pool(true, ready), "Failure")).toMatchObject({
            phase: "Failure",
            observedGeneration: 2,
            poolID: 3,
        });
    });

    test("mirroring without a daemon and without a peer, as the real operator writes it", () => {
        const summary = { health: "UNKNOWN", daemon_health: "UNKNOWN", image_health: "OK", states: {} };
        expect(
            withMirroring({}, { info: { mode: "image", site_name: "fsid-1", peers: [] }, summary, schedules: [] }, T1),
        ).toEqual({
            mirroringInfo: { lastChecked: T1, mode: "image", site_name: "fsid-1" },
            mirroringStatus: {
                lastChecked: T1,
                summary: {
                    health: "UNKNOWN",
                    daemon_health: "UNKNOWN",
                    image_health: "OK",
                    states: {},
                    group_states: {},
                },
            },
            snapshotScheduleStatus: {},
        });
    });

    test("peers and schedules are passed on, nothing secret with them", () => {
        const peer = {
            uuid: "p",
            direction: "rx-tx",
            site_name: "fsid-2",
            mirror_uuid: "",
            client_name: "client.rbd-mirror-peer",
            key: "SECRET",
        };
        const report = {
            info: { mode: "image", site_name: "fsid-1", peers: [peer] },
            summary: { health: "OK", states: { replaying: 1 } },
            schedules: [{ pool: "replicapool", items: [{ interval: "2m" }] }],
        };
        const first = withMirroring({}, report, T1);
        const second = withMirroring(first, report, T2);
        expect(second.mirroringInfo).toEqual({
            lastChecked: T2,
            lastChanged: T1,
            mode: "image",
            site_name: "fsid-1",
            peers: [{ client_name: "client.rbd-mirror-peer", direction: "rx-tx", site_name: "fsid-2", uuid: "p" }],
        });
        expect(second.mirroringStatus?.summary).toMatchObject({ states: { replaying: 1 } });
        expect(second.snapshotScheduleStatus).toMatchObject({ snapshotSchedules: report.schedules, lastChanged: T1 });
        expect(JSON.stringify(second)).not.toContain("SECRET");
    });

    test("a look that failed says why and forgets what it no longer knows", () => {
        const before = withMirroring({}, { info: { mode: "image" }, summary: {}, schedules: [] }, T1);
        const after = withMirroringError(before, "timed out");
        expect(after.mirroringInfo).toEqual({ lastChanged: T1, details: "timed out" });
        expect(after.mirroringStatus?.summary).toBeUndefined();
    });

    test("mirroring that nobody looks at any more leaves nothing behind, and adds nothing either", () => {
        const before = withMirroring({ phase: "Ready" }, { info: { mode: "image" }, summary: {}, schedules: [] }, T1);
        expect(withoutMirroring(before)).toEqual({
            phase: "Ready",
            mirroringInfo: {},
            mirroringStatus: {},
            snapshotScheduleStatus: {},
        });
        expect(withoutMirroring({ phase: "Ready" })).toEqual({ phase: "Ready" });
    });

    test.each([
        [false, true, "True", "PoolNotEmpty", /contains images or snapshots and cannot be deleted/],
        [true, true, "False", "PoolEmpty", /is empty and can be deleted/],
        [true, false, "False", "PoolEmpty", /is not found in cluster/],
    ])("deletion, empty %s, present %s: blocked %s", (empty, present, status, reason, message) => {
        const [blocked] = deletionConditions(pool(), empty, present, T1);
        expect(blocked).toMatchObject({
            type: "PoolDeletionIsBlocked",
            status,
            reason,
            message: expect.stringMatching(message),
        });
    });
});

describe("tokens", () => {
    const content = { fsid: "f", client_id: "rbd-mirror-peer", key: "K3Y", mon_host: "v2:127.0.1.1:3300/0" };
    const token = Buffer.from(JSON.stringify(content)).toString("base64");

    test("Rook adds the namespace and nothing else", () => {
        expect(JSON.parse(Buffer.from(expandToken(token, "rook-ceph"), "base64").toString())).toEqual({
            ...content,
            namespace: "rook-ceph",
        });
        expect(decodeToken(expandToken(token, "rook-ceph"))).toEqual({ ...content, namespace: "rook-ceph" });
    });

    test("the Secret has Rook's name, type, keys and owner; its token is read back by a peer", () => {
        const secret = peerTokenSecret(pool(), token);
        expect(secret).toMatchObject({
            type: "kubernetes.io/rook",
            metadata: {
                name: "pool-peer-token-replicapool",
                ownerReferences: [{ kind: "CephBlockPool", uid: "u", controller: true }],
            },
        });
        expect(Object.keys(secret.data ?? {}).sort()).toEqual(["pool", "token"]);
        expect(peerSecretContent(secret)).toEqual({ token });
    });

    test("a Secret without a token is refused in Rook's words", () => {
        expect(() => peerSecretContent({})).toThrow(/'data' secret field \(empty\)/);
        expect(() => peerSecretContent({ data: { pool: "cA==" } })).toThrow(/"token" key/);
    });

    test.each([
        ["not base64 of JSON"],
        [Buffer.from("{}").toString("base64")],
        [Buffer.from('{"fsid":"f","key":"K3Y"}').toString("base64")],
    ])("a broken token is refused without being shown: %s", (broken) => {
        const error = (() => {
            try {
                return decodeToken(broken);
            } catch (thrown) {
                return String(thrown);
            }
        })();
        expect(error).toMatch(/failed to decode bootstrap peer token/);
        expect(error).not.toContain("K3Y");
    });
});
