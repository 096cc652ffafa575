/** Claims are waited for in one list, and what is recorded of a provisioned volume comes from it. */
import type * as k8s from "@kubernetes/client-node";
import { beforeEach, expect, jest, test } from "@jest/globals";
import { claimsBound } from "../../../gates/claim-bound.js";

beforeEach(() => void jest.spyOn(console, "log").mockImplementation(() => undefined));

const claim = (name: string, phase: string, namespace = "shop"): k8s.V1PersistentVolumeClaim => ({
    metadata: { name, namespace },
    spec: { accessModes: ["ReadWriteOnce"], ...(phase === "Bound" ? { volumeName: `pvc-${name}` } : {}) },
    status: { phase },
});
const pv = (name: string): k8s.V1PersistentVolume => ({
    metadata: { name: `pvc-${name}` },
    spec: {
        csi: {
            driver: "d",
            volumeHandle: "h",
            volumeAttributes: { pool: "replicapool", imageName: `csi-vol-${name}` },
        },
    },
    status: { phase: "Bound" },
});

/** Lists one state after the other, and the last one for ever. */
function listing(...states: [k8s.V1PersistentVolumeClaim[], k8s.V1PersistentVolume[]][]) {
    const asked: (readonly string[])[] = [];
    const list = (namespaces: readonly string[]) => {
        const [claims, volumes] = states[Math.min(asked.length, states.length - 1)]!;
        asked.push(namespaces);
        return Promise.resolve({ claims, volumes });
    };
    return { asked, list };
}

test("many claims are looked at together, and each gives its record once it is bound", async () => {
    const { asked, list } = listing([
        [claim("a", "Bound"), claim("b", "Bound", "blog")],
        [pv("a"), pv("b")],
    ]);
    const bound = claimsBound(list, 2, 5);
    const records = await Promise.all([bound("shop/a"), bound("blog/b")]);
    expect(asked).toEqual([["shop", "blog"]]);
    expect(records).toMatchObject([
        { key: "shop/a", image: { pool: "replicapool", image: "csi-vol-a" }, pv: { metadata: { name: "pvc-a" } } },
        { key: "blog/b", image: { image: "csi-vol-b" } },
    ]);
});

test("one that is pending is looked at again, and one whose PV is not listed yet, too", async () => {
    const { asked, list } = listing(
        [[claim("a", "Pending")], []],
        [[claim("a", "Bound")], []],
        [[claim("a", "Bound")], [pv("a")]],
    );
    await claimsBound(list, 1, 5)("shop/a");
    expect(asked).toHaveLength(3);
});

test.each([
    ["nobody provisions it", [[claim("a", "Pending")], []] as const, /it is Pending/],
    ["its PV is gone", [[claim("a", "Bound")], []] as const, /it is Bound, its PV pvc-a is not there/],
    ["it was deleted", [[], []] as const, /there is no such claim/],
])("when time is up it says what was seen last: %s", async (_, [claims, volumes], seen) => {
    const { list } = listing([[...claims], [...volumes]]);
    const waited = claimsBound(list, 1, 0)("shop/a");
    await expect(waited).rejects.toThrow(/^Waited 0 s for the claim shop\/a to be bound; seen last/);
    await expect(waited).rejects.toThrow(seen);
});

test("a volume of another kind, which the other site could not restore, is an error at once", async () => {
    const local = { ...pv("a"), spec: { hostPath: { path: "/x" } } };
    const { list } = listing([[claim("a", "Bound")], [local]]);
    await expect(claimsBound(list, 1, 5)("shop/a")).rejects.toThrow(/no CSI source/);
});
