/** What csi-addons says of a VR ends the wait for it; what it said of an earlier request does not. */
import { beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { VolumePlan } from "../../../dr/model.js";
import type { Gate } from "../../../dr/wait-for.js";
import { vrsReached } from "../../../gates/vr-reached.js";
import type { RawVr } from "../../../observe/vr.js";
import { vr } from "../dr/world.js";

beforeEach(() => void jest.spyOn(console, "log").mockImplementation(() => undefined));

/** The VR as the API has it. */
function raw(...of: Parameters<typeof vr>): RawVr {
    const { name, generation, annotations, spec, status } = vr(...of);
    const { claim, ...rest } = spec;
    return {
        metadata: { name, namespace: "default", generation, annotations },
        spec: { ...rest, dataSource: { name: claim } },
        status: { ...status, conditions: [...status.conditions] },
    };
}

function planned(replicationState: "primary" | "secondary", waitFor?: Gate, autoResync = false): VolumePlan {
    return {
        key: "default/rbd-pvc",
        spec: { name: "rbd-pvc", namespace: "default", size: "1Gi" },
        source: "provision",
        vr: { replicationState, autoResync, waitFor, term: 1 },
        summary: "",
    };
}

/** Waits while one list after the other is seen, the last one for ever; tells how many there were. */
async function waited(plan: VolumePlan, lists: readonly RawVr[][], seconds = 5): Promise<number> {
    let count = 0;
    const list = () => Promise.resolve(lists[Math.min(count++, lists.length - 1)]!);
    await vrsReached(list, 1)(plan, seconds);
    return count;
}

describe("the wait for a VR", () => {
    test.each<[Gate, VolumePlan, RawVr, RawVr]>([
        ["promoted", planned("primary", "promoted"), raw("primary", "FTF"), raw("primary", "TFF")],
        ["promoted", planned("primary", "promoted"), raw("primary", "TFF", { stale: true }), raw("primary", "TFF")],
        ["demoted", planned("secondary", "demoted"), raw("secondary", "none"), raw("secondary", "FTF")],
        ["secondary", planned("secondary", "secondary"), raw("secondary", "FTF"), raw("secondary", "TTT")],
        [
            "resynced",
            planned("secondary", "resynced", true),
            raw("secondary", "TTF", { autoResync: true }),
            raw("secondary", "TTT", { autoResync: true }),
        ],
    ])("%s: goes on until it says so of this very request", async (_, plan, before, after) => {
        expect(await waited(plan, [[before], [after]])).toBe(2);
        await expect(waited(plan, [[before]], 0)).rejects.toThrow(/^Waited 0 s for default\/rbd-pvc to be .*VR asks/);
    });

    test("of one that a finished run has seen through looks at nothing", async () => {
        expect(await waited(planned("primary"), [[]])).toBe(0);
    });

    test("is left to the look that follows where somebody has changed or deleted the VR", async () => {
        const plan = planned("secondary", "demoted");
        expect(await waited(plan, [[raw("primary", "none")]])).toBe(1);
        expect(await waited(plan, [[]])).toBe(1);
    });
});
