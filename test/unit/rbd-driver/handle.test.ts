import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { BadHandleError, formatHandle, parseHandle } from "../../../lab/rbd-driver/handle.js";

const uuid = "7190482d-4190-4367-bf06-16c66db137f7";

describe("volume handles", () => {
    test("are composed as ceph-csi composes them", () => {
        expect(formatHandle({ clusterId: "rook-ceph", poolId: 26, uuid })).toBe(
            `0001-0009-rook-ceph-000000000000001a-${uuid}`,
        );
    });

    test("survive the round trip, whatever dashes the cluster id has", () => {
        fc.assert(
            fc.property(
                fc.stringMatching(/^[a-z0-9-]{1,36}$/),
                fc.integer({ min: 1, max: 2 ** 48 }),
                fc.uuid(),
                (clusterId, poolId, id) => {
                    const handle = { clusterId, poolId, uuid: id };
                    expect(parseHandle(formatHandle(handle))).toEqual(handle);
                },
            ),
        );
    });

    test.each([
        ["", "failed to decode CSI identifier, string underflow"],
        ["foo", "failed to decode CSI identifier, string underflow"],
        [`0001-0009-rook-ceph-0000000000000001-${uuid}-more`, "failed to decode CSI identifier, string size mismatch"],
        [`0001-ffff-rook-ceph-0000000000000001-${uuid}`, "failed to decode CSI identifier, string underflow"],
        [`0001-0009-rook-ceph-00000000000000zz-${uuid}`, 'encoding/hex: invalid byte: "z"'],
    ])("refuses %p", (text, message) => {
        expect(() => parseHandle(text)).toThrow(new BadHandleError(message));
    });

    test("refuses a cluster id that makes the handle too long", () => {
        expect(() => formatHandle({ clusterId: "x".repeat(65), poolId: 1, uuid })).toThrow(/overflow/);
    });
});
