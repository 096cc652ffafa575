/** When a fresh copy counts as arrived, and what is said until then. */
import { expect, test } from "@jest/globals";
import { copyMissing } from "../../../gates/caught-up.js";
import type { ImageSnapshot } from "../../../dr/model.js";

const image = (state: string | undefined, sync?: ImageSnapshot["sync"]): ImageSnapshot => ({
    exists: true,
    mirroring: "enabled",
    primary: false,
    state,
    sync,
});
const MIB = 2 ** 20;

test.each([
    ["Ceph is silent", undefined, "Ceph does not answer"],
    ["the image is gone", { ...image(undefined), exists: false }, "the old copy is gone, the fresh one has not begun"],
    ["nothing has reported yet", image(undefined), "image without a status yet"],
    [
        "the first copy is under way",
        image("up+replaying", {
            syncingPercent: 40,
            lastSnapshotBytes: 10 * MIB,
            bytesPerSecond: MIB,
            remoteSnapshotTimestamp: 100,
        }),
        "image up+replaying, 40% copied, 6 Mi left, about 6 s to go",
    ],
    [
        "it is further behind than an interval",
        image("up+replaying", { localSnapshotTimestamp: 0, remoteSnapshotTimestamp: 100 }),
        "image up+replaying, 1 min 40 s behind the primary",
    ],
    [
        "it is complete and replays no more",
        image("up+error", { localSnapshotTimestamp: 100, remoteSnapshotTimestamp: 100 }),
        "image up+error, complete up to the primary's newest snapshot",
    ],
])("not yet: %s", (_, seen, said) => {
    expect(copyMissing(seen, 60)).toBe(said);
});

test("it has arrived when it replays, is complete, and is no more than an interval behind", () => {
    expect(
        copyMissing(image("up+replaying", { localSnapshotTimestamp: 100, remoteSnapshotTimestamp: 100 })),
    ).toBeUndefined();
    expect(
        copyMissing(image("up+replaying", { localSnapshotTimestamp: 50, remoteSnapshotTimestamp: 100 }), 60),
    ).toBeUndefined();
});
