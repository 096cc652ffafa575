import { describe, expect, test } from "@jest/globals";
import type { V1PersistentVolume, V1PersistentVolumeClaim, V1Pod, V1VolumeAttachment } from "@kubernetes/client-node";
import { createHash } from "node:crypto";
import { abandoned, attachmentOf } from "../../../lab/agent/attachments.js";
import { RBD_DRIVER, attachmentName, desiredContainers, desiredWriters } from "../../../lab/agent/desired.js";

const HANDLE = "0001-0009-rook-ceph-0000000000000001-1008955f-ccf3-4463-ae4d-fe4a597fb445";

function pod(
    name: string,
    options: {
        app?: string;
        created?: string;
        deleted?: boolean;
        phase?: string;
        claim?: string;
        readOnly?: boolean;
    } = {},
): V1Pod {
    const {
        app = "app",
        created = "2026-01-01T00:00:00Z",
        deleted = false,
        phase = "Running",
        claim = "data",
        readOnly,
    } = options;
    return {
        metadata: {
            name,
            namespace: "default",
            uid: `uid-${name}`,
            labels: { app },
            // Watched objects carry the text, whatever the type says.
            creationTimestamp: created as unknown as Date,
            ...(deleted ? { deletionTimestamp: new Date() } : {}),
        },
        spec: {
            nodeName: "node-1",
            containers: [{ name: "main" }, { name: "side" }],
            volumes: [
                { name: "v", persistentVolumeClaim: { claimName: claim, readOnly } },
                { name: "tmp", emptyDir: {} },
            ],
        },
        status: { phase },
    };
}

const claim = {
    metadata: { name: "data", namespace: "default" },
    spec: { volumeName: "pv-1" },
    status: { phase: "Bound" },
} as V1PersistentVolumeClaim;

function volume(
    driver = RBD_DRIVER,
    attributes: Record<string, string> = { pool: "replicapool", imageName: "csi-vol-1" },
): V1PersistentVolume {
    return {
        metadata: { name: "pv-1" },
        spec: { csi: { driver, volumeHandle: HANDLE, volumeAttributes: attributes } },
    } as V1PersistentVolume;
}

const programs = [
    { group: "one", app: "app", container: "main" },
    { group: "two", app: "app", container: "side" },
    { group: "three", app: "other", container: "main" },
];

describe("containers that should run", () => {
    test("the known ones of running pods, less those left out", () => {
        const pods = [
            pod("a"),
            pod("b", { deleted: true }),
            pod("c", { phase: "Pending" }),
            pod("d", { app: "stranger" }),
        ];
        const names = (without: string[]) => desiredContainers(pods, programs, new Set(without)).map(({ key }) => key);
        expect(names([])).toEqual(["default/a/main", "default/a/side"]);
        expect(names(["one"])).toEqual(["default/a/side"]);
    });

    test("the recommended name label stands in for a missing app label", () => {
        const labelled = pod("a");
        labelled.metadata!.labels = { "app.kubernetes.io/name": "other" };
        expect(desiredContainers([labelled], programs, new Set()).map(({ program }) => program.group)).toEqual([
            "three",
        ]);
    });
});

describe("writers that should run", () => {
    test("one for a mounted RBD claim, with pool, image and the attachment's real name", () => {
        const [writer] = desiredWriters([pod("a")], [claim], [volume()]);
        expect(writer).toMatchObject({
            key: "default/a/writer-data",
            claim: "data",
            volume: "pv-1",
            pool: "replicapool",
            image: "csi-vol-1",
            attachment: `csi-${createHash("sha256").update(`${HANDLE}${RBD_DRIVER}node-1`).digest("hex")}`,
        });
    });

    test("a static volume's image is found by its handle", () => {
        const [writer] = desiredWriters([pod("a")], [claim], [volume(RBD_DRIVER, { pool: "p" })]);
        expect(writer?.image).toBe("csi-vol-1008955f-ccf3-4463-ae4d-fe4a597fb445");
    });

    test.each<[string, V1Pod, V1PersistentVolumeClaim, V1PersistentVolume]>([
        ["the pod is being deleted", pod("a", { deleted: true }), claim, volume()],
        ["the pod does not run yet", pod("a", { phase: "Pending" }), claim, volume()],
        ["the pod has ended", pod("a", { phase: "Succeeded" }), claim, volume()],
        ["the claim is mounted read-only", pod("a", { readOnly: true }), claim, volume()],
        ["the claim is lost", pod("a"), { ...claim, status: { phase: "Lost" } }, volume()],
        ["the claim is another one", pod("a", { claim: "other" }), claim, volume()],
        ["the volume is another driver's", pod("a"), claim, volume("ebs.csi.aws.com")],
        ["the volume's pool is unknown", pod("a"), claim, volume(RBD_DRIVER, {})],
    ])("none when %s", (_why, seen, pvc, pv) => {
        expect(desiredWriters([seen], [pvc], [pv])).toEqual([]);
    });

    test("of several pods with one claim the oldest writes, whatever its name", () => {
        const pods = [pod("a", { created: "2026-01-02T00:00:00Z" }), pod("z", { created: "2026-01-01T00:00:00Z" })];
        expect(desiredWriters(pods, [claim], [volume()]).map(({ key }) => key)).toEqual(["default/z/writer-data"]);
    });
});

describe("attachments", () => {
    const [writer] = desiredWriters([pod("a")], [claim], [volume()]);

    test("carry attacher, node and volume", () => {
        expect(attachmentOf(writer!).spec).toEqual({
            attacher: RBD_DRIVER,
            nodeName: "node-1",
            source: { persistentVolumeName: "pv-1" },
        });
    });

    test("are abandoned when nobody uses them, and are never somebody else's", () => {
        const seen = (name: string, attacher = RBD_DRIVER, nodeName = "node-1") =>
            ({ metadata: { name }, spec: { attacher, nodeName, source: {} } }) as V1VolumeAttachment;
        const all = [seen("mine"), seen("used"), seen("foreign", "ebs"), seen("elsewhere", RBD_DRIVER, "node-2")];
        expect(abandoned(all, "node-1", new Set(["used"]))).toEqual(["mine"]);
    });

    test("of two nodes have two names", () => {
        expect(attachmentName("h", "d", "n1")).not.toBe(attachmentName("h", "d", "n2"));
    });
});
