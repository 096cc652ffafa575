import { describe, expect, test } from "@jest/globals";
import { engineEnvironment, lookInterval, operationsAtOnce, patienceForLook, patientWith } from "../../many-volumes.js";

test("waits for csi-addons grow with the volumes, and what is not waited for still is not", () => {
    const timeouts = { provisioner: 600, handover: 600, resync: 3600, peerHandover: 0, quiesce: 180 };
    expect(patientWith(timeouts, 1000)).toEqual({
        provisioner: 2070,
        handover: 2070,
        resync: 5070,
        peerHandover: 0,
        quiesce: 180,
    });
    expect(patientWith({ ...timeouts, peerHandover: 60 }, 22).peerHandover).toBe(63);
    expect(patientWith({ ...timeouts, peerHandover: 60 }, 20)).toEqual({ ...timeouts, peerHandover: 60 });
});

test("so does what one request of a look may take", () => {
    expect([20, 100, 1000].map(patienceForLook)).toEqual([undefined, 14, 50]);
});

test("and how long is between two looks", () => {
    expect([1, 20, 21, 100, 1000].map((volumes) => lookInterval(volumes))).toEqual([0.5, 0.5, 3, 3, 10]);
    expect(lookInterval(20, 1)).toBe(1);
});

describe("operations at once", () => {
    test("a handful of volumes leaves pulumi its default, more get one each and some for the rest, up to a limit", () => {
        expect(operationsAtOnce(4)).toBeUndefined();
        expect(operationsAtOnce(100)).toBe(116);
        expect(operationsAtOnce(1000)).toBe(128);
    });

    test("the state is written along the way where that is cheap, and once where there are many", () => {
        expect(engineEnvironment(20)).toEqual({});
        expect(engineEnvironment(21)).toEqual({ PULUMI_SKIP_CHECKPOINTS: "true" });
    });
});
