import { describe, expect, test } from "@jest/globals";
import { engineEnvironment, operationsAtOnce, patienceForLook, patientWith, warnOfTurns } from "../../many-volumes.js";
import type { Plan, SitePlan, VolumeKey } from "../../dr/model.js";

function plan(operation: Plan["operation"], volumes: number): SitePlan {
    const group = { operation, volumes: keys(volumes).map((key) => ({ key })) } as unknown as Plan;
    return { kind: "plan", groups: [group] };
}

/** So many volumes, in namespaces of so many. */
function keys(volumes: number, each = volumes): VolumeKey[] {
    return Array.from({ length: volumes }, (_, i) => `ns-${each}-${Math.floor(i / each)}/v${i}`);
}

test("waits for csi-addons grow with the volumes, and what is not waited for still is not", () => {
    const timeouts = { handover: 600, resync: 3600, peerHandover: 0, quiesce: 180 };
    expect(patientWith(timeouts, 1000)).toEqual({ handover: 2070, resync: 5070, peerHandover: 0, quiesce: 180 });
    expect(patientWith({ ...timeouts, peerHandover: 60 }, 22).peerHandover).toBe(63);
    expect(patientWith({ ...timeouts, peerHandover: 60 }, 20)).toEqual({ ...timeouts, peerHandover: 60 });
});

test("so does what one request of a look may take", () => {
    expect([20, 100, 1000].map(patienceForLook)).toEqual([undefined, 14, 50]);
});

describe("operations at once", () => {
    test("a handful of volumes leaves pulumi its default, more get one each and some for the rest", () => {
        expect(operationsAtOnce(keys(4))).toBeUndefined();
        expect(operationsAtOnce(keys(100))).toBe(116);
        expect(operationsAtOnce(keys(1000, 25))).toBe(1016);
    });

    test("a namespace with very many volumes bounds them, for the sake of the provider's memory, but not below the controller's own", () => {
        expect(operationsAtOnce([...keys(500), ...keys(500, 25)])).toBe(256);
        expect(operationsAtOnce(keys(5000))).toBe(128);
    });

    test("the state is written along the way where that is cheap, and once where there are many", () => {
        expect(engineEnvironment(20)).toEqual({});
        expect(engineEnvironment(21)).toEqual({ PULUMI_SKIP_CHECKPOINTS: "true" });
    });

    test("a move with fewer than that says what to type", () => {
        const warning = warnOfTurns("cluster1", plan("planned-demotion", 100), 8)!;
        expect(warning).toContain("100 volumes are moved, and pulumi has 8 operations at once");
        expect(warning).toContain("13 turns");
        expect(warning).toContain("pulumi up --parallel 116 -s cluster1");
    });

    test.each([
        ["nothing moves", plan("steady", 100), 8],
        ["there are enough", plan("planned-demotion", 100), 116],
        ["there are few volumes", plan("planned-demotion", 3), 2],
        ["it is not known", plan("planned-demotion", 100), undefined],
        ["there are as many as there may be", plan("planned-demotion", 3000), 128],
    ])("no warning where %s", (_, decided, atOnce) => {
        expect(warnOfTurns("cluster1", decided, atOnce)).toBeUndefined();
    });
});
