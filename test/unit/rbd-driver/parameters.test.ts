import { describe, expect, test } from "@jest/globals";
import { askedSize, roundUpBytes } from "../../../lab/rbd-driver/csi/sizes.js";
import { imageRequest, volumeContext } from "../../../lab/rbd-driver/csi/create-parameters.js";
import * as parameters from "../../../lab/rbd-driver/parameters.js";
import { Code, RpcError } from "../../../lab/rbd-driver/rpc-error.js";
import { decodeCephTime, formatTimestamp, parseTimestamp } from "../../../lab/rbd-driver/timestamp.js";
import { replicatedVolume } from "../../../lab/rbd-driver/requests.js";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const invalid = (text: string) => new RpcError(Code.INVALID_ARGUMENT, text);

describe("replication parameters", () => {
    test.each([
        {},
        { mirroringMode: "snapshot", schedulingInterval: "5m" },
        { mirroringMode: "journal", schedulingInterval: "x" },
    ])("%p are good", (given) =>
        expect(() => parameters.checkScheduling(given as parameters.Parameters)).not.toThrow(),
    );

    test.each([
        [{ schedulingInterval: "" }, "scheduling interval cannot be empty"],
        [{ schedulingInterval: "5s" }, "interval specified without d, h, m suffix"],
        [{ mirroringMode: "mirror" }, "scheduling is only supported for snapshot mode"],
        [
            { schedulingStartTime: "14:00" },
            '"schedulingStartTime" parameter is supported only with "schedulingInterval"',
        ],
    ])("%p are refused", (given, text) => {
        expect(() => parameters.checkScheduling(given as parameters.Parameters)).toThrow(invalid(text));
    });

    test("force is a Go boolean", () => {
        expect(parameters.forceParameter({})).toBe(false);
        expect(parameters.forceParameter({ force: "T" })).toBe(true);
        expect(() => parameters.forceParameter({ force: "xx" })).toThrow(
            new RpcError(Code.INTERNAL, 'strconv.ParseBool: parsing "xx": invalid syntax'),
        );
    });

    test("flattenMode and mirroringMode", () => {
        expect(parameters.flattenMode({})).toBe("never");
        expect(() => parameters.flattenMode({ flattenMode: "yes" })).toThrow(
            invalid('"flattenMode"="yes" is not supported'),
        );
        expect(parameters.mirroringMode({ mirroringMode: "journal" })).toBe("journal");
    });

    test("the schedule is taken as it is", () => {
        expect(parameters.schedule({})).toBeUndefined();
        expect(parameters.schedule({ schedulingInterval: "bad" })).toEqual({ interval: "bad" });
    });

    test("the volume comes from replication_source, or from volume_id of older sidecars", () => {
        expect(replicatedVolume({ volume_id: "old", replication_source: { volume: { volume_id: "new" } } })).toBe(
            "new",
        );
        expect(replicatedVolume({ volume_id: "old", replication_source: null })).toBe("old");
        expect(replicatedVolume({})).toBe("");
    });
});

describe("sizes", () => {
    test.each([
        [1, MIB],
        [MIB + 1, 2 * MIB],
        [GIB - 1, GIB],
        [GIB, GIB],
        [GIB + 1, 2 * GIB],
    ])("%p bytes are rounded up to %p", (asked, got) => expect(roundUpBytes(asked)).toBe(got));

    test("1 GiB when nothing is said, less when the limit is less", () => {
        expect(askedSize(null)).toEqual({ bytes: GIB });
        expect(askedSize({ required_bytes: "0", limit_bytes: String(10 * MIB + 5) })).toEqual({
            bytes: 10 * MIB,
            limit: 10 * MIB + 5,
        });
    });

    test("a limit is kept, or refused", () => {
        const range = (required: number, limit: number) => () =>
            askedSize({ required_bytes: String(required), limit_bytes: String(limit) });
        expect(range(GIB, GIB)()).toEqual({ bytes: GIB, limit: GIB });
        expect(range(GIB + 1, GIB + 2)).toThrow(expect.objectContaining({ code: Code.OUT_OF_RANGE }));
        expect(range(2 * GIB, GIB)).toThrow(expect.objectContaining({ code: Code.INVALID_ARGUMENT }));
    });
});

describe("CreateVolume's request", () => {
    const file = { mount: {}, access_mode: { mode: "SINGLE_NODE_WRITER" } };
    const good = { clusterID: "rook-ceph", pool: "replicapool", imageFeatures: "layering" };
    const request = (given: Record<string, string> = {}, capabilities: readonly object[] = [file]) =>
        imageRequest({ name: "pvc-1", volume_capabilities: capabilities, parameters: { ...good, ...given } });

    test("is read", () => {
        expect(request({ imageFeatures: "layering,exclusive-lock", dataPool: "ec" })).toEqual({
            name: "pvc-1",
            clusterId: "rook-ceph",
            pool: "replicapool",
            dataPool: "ec",
            namePrefix: "csi-vol-",
            features: ["layering", "exclusive-lock"],
        });
    });

    test.each([
        [{ clusterID: "" }, "empty cluster ID to provision volume from"],
        [{ pool: "" }, "missing or empty pool name to provision volume from"],
        [{ imageFeatures: "" }, "empty imageFeatures parameter"],
        [{ imageFeatures: "layering,magic" }, "invalid feature magic"],
        [{ imageFeatures: "layering,object-map" }, "feature object-map requires exclusive-lock to be set"],
        [{ encrypted: "true" }, "parameter encrypted is not supported by this driver"],
    ])("with %p is refused", (given, text) => {
        expect(() => request(given as unknown as Record<string, string>)).toThrow(invalid(text));
    });

    test("several writers need a block volume", () => {
        const many = { access_mode: { mode: "MULTI_NODE_MULTI_WRITER" } };
        expect(() => request({}, [{ ...many, mount: {} }])).toThrow(/only supported on rbd `block` type volumes/);
        expect(() => request({}, [{ ...many, block: {} }])).not.toThrow();
    });

    test("the context leaves out what is meant for the provisioner", () => {
        expect(volumeContext({ ...good, "csi.storage.k8s.io/pvc/name": "x" })).toEqual(good);
    });
});

describe("creation times", () => {
    test("are written and read as ceph-csi does", () => {
        const time = { seconds: 1692879841, nanos: 631526669 };
        expect(formatTimestamp(time)).toBe("seconds:1692879841 nanos:631526669");
        expect(parseTimestamp(formatTimestamp(time))).toEqual(time);
        expect(() => parseTimestamp("yesterday")).toThrow("failed to parse image creation time: yesterday");
    });

    test("are decoded from Ceph's encoding", () => {
        const bytes = Uint8Array.from([0x27, 0xb2, 0x03, 0x6b, 0xa7, 0x08, 0x63, 0x04]);
        expect(decodeCephTime(bytes)).toEqual({ seconds: 0x6b03b227, nanos: 0x046308a7 });
        expect(() => decodeCephTime(bytes.slice(0, 7))).toThrow(/8 bytes/);
    });
});
