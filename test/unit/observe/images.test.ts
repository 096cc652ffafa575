import { describe, expect, test } from "@jest/globals";
import { parseSync } from "../../../observe/images.js";

describe("the replayer's report", () => {
    test("is read out of the status text", () => {
        expect(
            parseSync(
                'replaying, {"bytes_per_second":1024.0,"bytes_per_snapshot":4096.0,"local_snapshot_timestamp":1700000000,"remote_snapshot_timestamp":1700000060,"replay_state":"syncing","syncing_percent":40,"syncing_snapshot_timestamp":1700000060}',
            ),
        ).toMatchObject({
            bytesPerSecond: 1024,
            localSnapshotTimestamp: 1700000000,
            replayState: "syncing",
            syncingPercent: 40,
        });
    });

    test.each(["", "local image is primary", "split-brain", "replaying, {broken"])("is absent in %p", (text) => {
        expect(parseSync(text)).toBeUndefined();
    });
});
