/** The parts of the decision core that stand alone: Rook's flags, the provisioner check, records, waits, VR readings. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { VrSnapshot } from "../../../dr/model.js";
import { operatorFlags, operatorManifests, sidecarSettings } from "../../../dr/operator-flags.js";
import { missingContainers } from "../../../dr/provisioner-check.js";
import { imageFromHandle, toRecord } from "../../../dr/records.js";
import { formatSeconds, intervalSeconds, secondsBetween } from "../../../dr/time.js";
import {
    handedOver,
    imageInSplitBrain,
    isPromoted,
    syncProgress,
    termOf,
    vrInSplitBrain,
    vrPhase,
} from "../../../dr/vr-status.js";
import { poolMapping } from "../../../dr/pool-mapping.js";
import { asks, fulfils, gateLeft, GATES, type Gate } from "../../../dr/wait-for.js";
import { mayBeRemade } from "../../../dr/remake.js";
import { ask, image, NONE, outputs, SPLIT, vr } from "./world.js";

describe("operator flags by Rook version", () => {
    const omap = { CSI_ENABLE_OMAP_GENERATOR: "true" };
    test.each([
        ["1.6.0", { ...omap, CSI_ENABLE_VOLUME_REPLICATION: "true" }, "volume-replication"],
        ["1.9", { ...omap, CSI_ENABLE_VOLUME_REPLICATION: "true" }, "volume-replication"],
        ["v1.10.0", { ...omap, CSI_ENABLE_VOLUME_REPLICATION: "true" }, "volume-replication"],
        ["1.10.1", { ...omap, CSI_ENABLE_CSIADDONS: "true" }, "csi-addons"],
        ["v1.17.9", { ...omap, CSI_ENABLE_CSIADDONS: "true" }, "csi-addons"],
        ["1.19.2", { ...omap, CSI_ENABLE_CSIADDONS: "true", ROOK_USE_CSI_OPERATOR: "false" }, "csi-addons"],
    ])("%s", (version, settings, sidecar) => {
        expect(operatorFlags(version)).toEqual({ settings, sidecar, csiOperator: false });
        expect(operatorManifests(version)).toEqual(["crds.yaml", "common.yaml", "operator.yaml"]);
    });

    test("1.20 takes an OperatorConfig, and the ConfigMap would do nothing", () => {
        expect(operatorFlags("1.20.0")).toEqual({
            settings: {},
            operatorConfig: { driverSpecDefaults: { deployCsiAddons: true, generateOMapInfo: true } },
            sidecar: "csi-addons",
            csiOperator: true,
        });
        expect(operatorManifests("1.20.0")).toEqual(["crds.yaml", "common.yaml", "csi-operator.yaml", "operator.yaml"]);
    });

    // Which switch each minor has, from Rook's own history (facts b.2).
    test.each(Array.from({ length: 15 }, (_, i) => i + 6))("1.%i has exactly one switch for replication", (minor) => {
        const { settings, operatorConfig, sidecar } = operatorFlags(`1.${minor}.1`);
        const old = "CSI_ENABLE_VOLUME_REPLICATION" in settings;
        const addons = "CSI_ENABLE_CSIADDONS" in settings;
        expect([old, addons, operatorConfig !== undefined].filter(Boolean)).toHaveLength(1);
        expect(old).toBe(minor < 10);
        expect(operatorConfig !== undefined).toBe(minor === 20);
        expect(sidecar).toBe(minor < 10 ? "volume-replication" : "csi-addons");
        expect("ROOK_USE_CSI_OPERATOR" in settings).toBe(minor === 18 || minor === 19);
    });

    test.each([
        ["1.9.0", {}],
        ["1.17.9", { ROOK_CSIADDONS_IMAGE: "quay.io/csiaddons/k8s-sidecar:v0.14.0" }],
        ["1.19.0", { ROOK_CSIADDONS_IMAGE: "quay.io/csiaddons/k8s-sidecar:v0.14.0" }],
        ["1.20.0", {}],
    ])("the sidecar of %s is the controller's release: %j", (version, expected) => {
        expect(sidecarSettings(version, "0.14.0")).toEqual(expected);
    });

    test.each(["1.5.9", "1.21.0", "2.0.0", "0.9"])("%s is refused with the range", (version) => {
        expect(() => operatorFlags(version)).toThrow(`${version} is outside what is known (1.6 to 1.20)`);
    });
    test.each(["", "latest", "1", "1.x"])("%j is no version", (version) =>
        expect(() => operatorFlags(version)).toThrow(JSON.stringify(version)),
    );
});

describe("poolMapping", () => {
    test.each([
        [
            "different ids under the ceph-csi operator",
            { local: 2, remote: 3, csiOperator: true },
            { local: 2, remote: 3 },
        ],
        ["different ids under Rook's own driver: Rook does it", { local: 2, remote: 3, csiOperator: false }, undefined],
        ["the same id", { local: 2, remote: 2, csiOperator: true }, undefined],
        ["the peer's is not known", { local: 2, csiOperator: true }, undefined],
        ["ours is not known", { remote: 2, csiOperator: true }, undefined],
    ])("%s", (_, ids, expected) => expect(poolMapping(ids)).toEqual(expected));
});

describe("missingContainers", () => {
    const rook117 = [
        "csi-provisioner",
        "csi-resizer",
        "csi-attacher",
        "csi-snapshotter",
        "csi-addons",
        "csi-rbdplugin",
        "csi-omap-generator",
    ];
    test("nothing is missing from a full pod, in any order and with others beside", () => {
        expect(missingContainers("1.17.9", [...rook117].reverse().concat("liveness-prometheus"))).toEqual([]);
    });
    test("names what is missing, whatever the number", () => {
        expect(missingContainers("1.17.9", rook117.filter((n) => n !== "csi-addons").concat("a", "b"))).toEqual([
            "csi-addons",
        ]);
        expect(missingContainers("1.17.9", [])).toEqual([
            "csi-rbdplugin",
            "csi-provisioner",
            "csi-addons",
            "csi-omap-generator",
        ]);
    });
    test("the sidecar of old versions has another name", () => {
        expect(missingContainers("1.6.0", rook117)).toEqual(["volume-replication"]);
    });
});

describe("records", () => {
    const pvc = {
        metadata: {
            name: "rbd-pvc",
            namespace: "app",
            uid: "1",
            resourceVersion: "5",
            finalizers: ["kubernetes.io/pvc-protection"],
            labels: { app: "db" },
            annotations: {
                "pv.kubernetes.io/bind-completed": "yes",
                "volume.kubernetes.io/storage-provisioner": "rook-ceph.rbd.csi.ceph.com",
                "replication.storage.openshift.io/volume-replication-name": "x",
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
                "pulumi.com/autonamed": "true",
                owner: "me",
            },
        },
        spec: {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: "1Gi" } },
            storageClassName: "rook-ceph-block",
            volumeName: "pvc-1",
            dataSource: undefined,
        },
        status: { phase: "Bound" },
    };
    const pv = {
        metadata: {
            name: "pvc-1",
            uid: "2",
            finalizers: ["kubernetes.io/pv-protection"],
            annotations: { "pv.kubernetes.io/provisioned-by": "x" },
        },
        spec: {
            capacity: { storage: "1Gi" },
            claimRef: {
                name: "rbd-pvc",
                namespace: "app",
                uid: "1",
                resourceVersion: "4",
                kind: "PersistentVolumeClaim",
                apiVersion: "v1",
            },
            persistentVolumeReclaimPolicy: "Delete",
            csi: {
                driver: "d",
                volumeHandle: "0001-0009-rook-ceph-0000000000000002-01234567-89ab-cdef-0123-456789abcdef",
                volumeAttributes: { pool: "replicapool", imageName: "csi-vol-1" },
            },
        },
        status: { phase: "Bound" },
    };

    test("keep what any cluster needs, and nothing of this one", () => {
        const record = toRecord(pvc, pv);
        expect(record.key).toBe("app/rbd-pvc");
        expect(record.image).toEqual({ pool: "replicapool", image: "csi-vol-1" });
        expect(record.pvc).toEqual({
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: { name: "rbd-pvc", namespace: "app", labels: { app: "db" }, annotations: { owner: "me" } },
            spec: {
                accessModes: ["ReadWriteOnce"],
                resources: { requests: { storage: "1Gi" } },
                storageClassName: "rook-ceph-block",
                volumeName: "pvc-1",
            },
        });
        expect(record.pv.metadata).toEqual({ name: "pvc-1" });
        expect(record.pv.spec).toMatchObject({
            claimRef: { name: "rbd-pvc", namespace: "app" },
            persistentVolumeReclaimPolicy: "Retain",
        });
        expect(JSON.stringify(record)).not.toMatch(/uid|resourceVersion|finalizers|status|bind-completed/);
    });

    test("making a record of what a record restored gives the record again, also through JSON", () => {
        const record = toRecord(pvc, pv);
        expect(toRecord(record.pvc, record.pv)).toEqual(record);
        expect(JSON.parse(JSON.stringify(record))).toEqual(record);
    });

    test("the image's name comes from the handle where attributes lack it", () => {
        const spec = { ...pv.spec, csi: { ...pv.spec.csi, volumeAttributes: { pool: "p" } } };
        expect(toRecord(pvc, { ...pv, spec }).image).toEqual({
            pool: "p",
            image: "csi-vol-01234567-89ab-cdef-0123-456789abcdef",
        });
        expect(imageFromHandle("nonsense")).toBeUndefined();
    });

    test.each([
        ["a PV without CSI", { ...pv, spec: { ...pv.spec, csi: undefined } }, "no CSI source"],
        [
            "a PV that names no image",
            { ...pv, spec: { ...pv.spec, csi: { volumeHandle: "x" } } },
            "does not say its image",
        ],
        ["the PV of another claim", { ...pv, metadata: { name: "pvc-2" } }, "bound to PV pvc-1, not to pvc-2"],
        ["a PV without a name", { spec: pv.spec }, "names"],
    ])("%s is refused", (_, bad, words) => expect(() => toRecord(pvc, bad)).toThrow(words));
});

describe("what is waited for", () => {
    const anyVr: fc.Arbitrary<VrSnapshot> = fc
        .record({
            asks: fc.constantFrom("primary" as const, "secondary" as const, "resync" as const),
            face: fc.constantFrom("TFF" as const, "TTF" as const, "TTT" as const, "FTF" as const, "none" as const),
            autoResync: fc.boolean(),
            stale: fc.boolean(),
            term: fc.option(fc.nat(5), { nil: undefined }),
        })
        .map(({ asks, face, ...more }) => vr(asks, face, more));
    const anyGate = fc.constantFrom(...(Object.keys(GATES) as Gate[]));

    test("what is handed over has been answered for this very request, whatever its gate", () => {
        fc.assert(
            fc.property(anyVr, (v) => {
                fc.pre(handedOver(v));
                expect(v.spec).toMatchObject({ replicationState: "secondary", autoResync: false });
                expect(fulfils(v, "demoted") && fulfils(v, "secondary")).toBe(true);
                expect(fulfils(v, "promoted") || fulfils(v, "resynced")).toBe(false);
            }),
        );
    });

    test("nothing holds for an earlier request", () => {
        fc.assert(
            fc.property(anyVr, (v) => {
                const next = { ...v, generation: v.generation + 1 };
                for (const gate of Object.keys(GATES) as Gate[]) expect(fulfils(next, gate)).toBe(false);
                expect(handedOver(next)).toBe(false);
                expect(isPromoted(next)).toBe(false);
            }),
        );
    });

    test("a VR that asks something else is waited for, whatever it says and whatever was finished before", () => {
        fc.assert(
            fc.property(anyVr, anyGate, fc.boolean(), fc.boolean(), (v, gate, autoResync, finished) => {
                const wanted = { replicationState: "secondary", autoResync };
                fc.pre(!asks(v, wanted));
                expect(gateLeft(v, wanted, gate, finished)).toBe(gate);
                expect(gateLeft(undefined, wanted, gate, finished)).toBe(gate);
            }),
        );
    });

    test("one that asks it already is waited for until it has said so once: to this run, or to one that was finished", () => {
        fc.assert(
            fc.property(anyVr, anyGate, (v, gate) => {
                const wanted = { replicationState: v.spec.replicationState, autoResync: v.spec.autoResync };
                expect(gateLeft(v, wanted, gate, true)).toBeUndefined();
                expect(gateLeft(v, wanted, gate, false)).toBe(fulfils(v, gate) ? undefined : gate);
            }),
        );
    });

    test("a promoted VR that fails is not promoted and healthy", () => {
        expect(fulfils(vr("primary", "TFF"), "promoted")).toBe(true);
        for (const face of ["FTF", "TTF", "none"] as const)
            expect(fulfils(vr("primary", face), "promoted")).toBe(false);
    });

    test("the steady face of a resynced copy fulfils its gate; the first pass after the request does not", () => {
        expect(fulfils(vr("secondary", "TTT", { autoResync: true }), "resynced")).toBe(true);
        for (const face of ["TTF", "FTF", "TFF"] as const)
            expect(fulfils(vr("secondary", face, { autoResync: true }), "resynced")).toBe(false);
    });
});

describe("reading a VR and an image", () => {
    test.each([
        ["primary", "TFF", "promoted"],
        ["primary", "none", "promoting"],
        ["primary", "FTF", "promoting"],
        ["secondary", "TFF", "handed-over"],
        ["secondary", "TTF", "degraded"],
        ["secondary", "TTT", "degraded"],
        ["secondary", "FTF", "failing"],
        ["secondary", "none", "pending"],
    ] as const)("%s %s is %s", (asks, face, phase) => expect(vrPhase(vr(asks, face))).toBe(phase));

    test("conditions of versions before 0.10 have no message: type and status decide", () => {
        expect(handedOver(vr("secondary", "TFF", { message: "" }))).toBe(true);
    });

    test("a term is read from the annotation, and anything else counts as none", () => {
        expect(termOf(vr("primary", "TFF", { term: 7 }))).toBe(7);
        expect(termOf(undefined)).toBe(0);
        for (const text of ["x", "-1", "1.5", ""])
            expect(termOf({ ...vr("primary", "TFF"), annotations: { "rbd-dr/term": text } })).toBe(0);
    });

    test("split brain is told by the image, or by what ceph-csi says", () => {
        expect(imageInSplitBrain(image("secondary", SPLIT))).toBe(true);
        expect(imageInSplitBrain(image("secondary"))).toBe(false);
        const said = "image needs to be recreated: awaiting initial resync due to split brain";
        expect(vrInSplitBrain(vr("secondary", "FTF", { message: said }))).toBe(true);
        expect(vrInSplitBrain(vr("primary", "TFF", { message: said }))).toBe(false);
    });

    test("progress: percent, bytes, time left, and nothing where nothing is known", () => {
        const sync = {
            localSnapshotTimestamp: 10,
            remoteSnapshotTimestamp: 70,
            syncingPercent: 75,
            lastSnapshotBytes: 4000,
            bytesPerSecond: 100,
        };
        expect(syncProgress(image("secondary", { sync }))).toEqual({
            percent: 75,
            behindSeconds: 60,
            bytesLeft: 1000,
            secondsLeft: 10,
            caughtUp: false,
        });
        expect(
            syncProgress(image("secondary", { sync: { localSnapshotTimestamp: 70, remoteSnapshotTimestamp: 70 } }))
                ?.caughtUp,
        ).toBe(true);
        expect(syncProgress(image("secondary"))).toBeUndefined();
        expect(syncProgress(image("missing"))).toBeUndefined();
    });

    test("intervals and durations", () => {
        expect([intervalSeconds("5m"), intervalSeconds("2h"), intervalSeconds("1d"), intervalSeconds("5")]).toEqual([
            300,
            7200,
            86_400,
            undefined,
        ]);
        expect([42, 90, 3600, 7500].map(formatSeconds)).toEqual(["42 s", "1 min 30 s", "1 h", "2 h 5 min"]);
        expect(secondsBetween("never", "2026-01-01T00:00:00Z")).toBeUndefined();
    });
});

describe("a cluster that is gone may be made anew", () => {
    const secondary = outputs("cluster1", "secondary");
    const primary = outputs("cluster1", "primary");
    const there = (state: "primary" | "secondary") => outputs("cluster2", state);
    test.each([
        ["nothing was primary here", "secondary", secondary, there("primary"), true],
        ["the other site has taken over since", "secondary", primary, there("primary"), true],
        ["it was primary, and so is nobody now", "secondary", primary, there("secondary"), false],
        ["it was primary, and nothing is known of the other site", "secondary", primary, NONE, false],
        ["it is asked to be primary", "primary", secondary, there("primary"), false],
        ["its stack never had one", "secondary", NONE, there("primary"), false],
    ] as const)("%s", (_, asked, own, peer, may) => {
        expect(mayBeRemade(ask(asked).intent, own, peer)).toBe(may);
    });

    test("group by group: what was primary here must be primary there", () => {
        const groups = (shop: "primary" | "secondary", other: "primary" | "secondary") => ({
            groups: {
                shop: { replicationState: shop, volumes: ["default/a"] },
                other: { replicationState: other, volumes: ["default/b"] },
            },
        });
        const own = outputs("cluster1", "secondary", groups("primary", "secondary") as never);
        const intent = ask("secondary").intent;
        expect(
            mayBeRemade(intent, own, outputs("cluster2", "secondary", groups("secondary", "primary") as never)),
        ).toBe(false);
        expect(mayBeRemade(intent, own, outputs("cluster2", "secondary", groups("primary", "primary") as never))).toBe(
            true,
        );
    });
});
