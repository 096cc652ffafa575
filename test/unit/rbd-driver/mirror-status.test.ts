import { describe, expect, test } from "@jest/globals";
import { readLastSync, readMirrorInfo } from "../../../lab/rbd-driver/mirror-status.js";

describe("mirroring from what an image is", () => {
    test("an image without the section is disabled and not primary", () => {
        expect(readMirrorInfo({})).toEqual({ state: "disabled", primary: false });
    });

    test("a primary", () => {
        expect(readMirrorInfo({ mirroring: { state: "enabled", primary: true } })).toEqual({
            state: "enabled",
            primary: true,
        });
    });
});

describe("last sync from a description", () => {
    const replaying = (details: object) => `replaying, ${JSON.stringify(details)}`;

    test("with everything", () => {
        const details = {
            local_snapshot_timestamp: 1684675261,
            last_snapshot_bytes: 81920,
            last_snapshot_sync_seconds: 3,
        };
        expect(readLastSync(replaying(details))).toEqual({ time: 1684675261, bytes: 81920, duration: 3 });
    });

    test("a transfer that took less than a second has a duration of 0, not none", () => {
        expect(readLastSync(replaying({ local_snapshot_timestamp: 1, last_snapshot_sync_seconds: 0 }))).toEqual({
            time: 1,
            bytes: 0,
            duration: 0,
        });
    });

    test.each([
        ["", "empty description"],
        ["split-brain", "no snapshot details"],
        ["remote image demoted", "no snapshot details"],
        [replaying({ remote_snapshot_timestamp: 5 }), "empty local snapshot timestamp"],
        [replaying({ local_snapshot_timestamp: 0 }), "empty local snapshot timestamp"],
    ])("%p has none", (description, why) => {
        const text = `failed to get last sync info: ${why}: last sync time not found`;
        expect(readLastSync(description)).toEqual({ notFound: true, text });
    });

    test("a description that is cut off is a failure of another kind", () => {
        expect(readLastSync('replaying, {"local_snap')).toMatchObject({ notFound: false });
    });
});
