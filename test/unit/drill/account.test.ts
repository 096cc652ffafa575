import { describe, expect, test } from "@jest/globals";
import { accountOf, bucketsOf, joinLost } from "../../../cli/drill/account.js";
import { missingOf } from "../../../cli/drill/in-cluster-app.js";
import { parseAcks } from "../../../cli/drill/external-app.js";
import { at } from "../report/records.js";

const volume = "default/v";
const ack = (seq: number, seconds: number, site = "a") => ({ volume, seq, site, at: at(seconds) });
const look = (acknowledged: number, lost: number[]) => ({ volume, site: "b", at: at(100), acknowledged, lost });

describe("what one copy holds against what was acknowledged", () => {
    const acks = [ack(1, 0), ack(2, 1), ack(3, 2), ack(4, 3), ack(5, 10, "b")];

    test("nothing is lost", () => {
        const { check, newlyLost } = accountOf(look(5, []), acks, {}, {});
        expect(check).toMatchObject({ acknowledged: 5, found: 5, newlyLost: 0, lostOn: [], lossSeconds: 0 });
        expect(check.firstLost).toBeUndefined();
        expect(newlyLost).toEqual([]);
    });

    test("a loss is measured from the first write that is lost to the last", () => {
        const { check } = accountOf(look(5, [3, 4]), acks, {}, {});
        expect(check).toMatchObject({ acknowledged: 5, found: 3, newlyLost: 2, lostOn: ["a"], lossSeconds: 1 });
        expect(check.firstLost?.seq).toBe(3);
        expect(check.lastLost?.seq).toBe(4);
    });

    test("a pause of the application before it is no part of it", () => {
        expect(accountOf(look(5, [5]), acks, {}, {}).check.lossSeconds).toBe(0);
    });

    test("what was missing before the drill is no part of it at all", () => {
        const { check } = accountOf(look(5, [1, 3]), acks, { [volume]: [1] }, {});
        expect(check).toMatchObject({ acknowledged: 4, found: 3, newlyLost: 1 });
    });

    test("what an earlier move of the drill cost is not counted again, but stays missing", () => {
        const { check, newlyLost } = accountOf(look(5, [3, 4]), acks, {}, { [volume]: [3] });
        expect(check).toMatchObject({ acknowledged: 5, found: 3, newlyLost: 1 });
        expect(newlyLost).toEqual([4]);
    });

    test("losses on both sites are told apart by site", () => {
        expect(accountOf(look(5, [4, 5]), acks, {}, {}).check.lostOn).toEqual(["a", "b"]);
    });
});

test("losses of several moves and volumes are joined, each once", () => {
    expect(joinLost([{ a: [1, 2] }, { a: [2], b: [9] }, {}])).toEqual({ a: [1, 2], b: [9] });
});

test("bars hold every write of the drill exactly once, and as few bars as fit", () => {
    const acks = Array.from({ length: 4000 }, (_, i) => ack(i, i / 4, i < 2000 ? "a" : "b"));
    const { bucketSeconds, buckets } = bucketsOf(acks, { [volume]: [5, 6, 3999] }, { from: at(0), to: at(1000) });
    expect(bucketSeconds).toBe(10);
    expect(buckets.reduce((sum, b) => sum + b.acknowledged, 0)).toBe(4000);
    expect(buckets.reduce((sum, b) => sum + b.lost, 0)).toBe(3);
});

test("acknowledgements are read line by line; what is none, or not whole yet, is passed over", () => {
    const text = [
        '{"event":"start","epoch":1,"site":"a","at":"2026-11-24T06:40:12.000Z"}',
        '{"seq":1,"at":"2026-11-24T06:40:12.000Z","site":"a","sha256":"x"}',
        "",
        "half a li",
        '{"seq":2,"at":"2026-11-24T06:40:13.000Z","site":"b"}',
        '{"seq":3,"at":"2026-11-24T06:40:1',
    ].join("\n");
    expect(parseAcks(text, volume).map(({ seq, site }) => [seq, site])).toEqual([
        [1, "a"],
        [2, "b"],
    ]);
});

test("a block counts as there by number and checksum, not by number alone", () => {
    const kept = [1, 2, 3].map((seq) => ({ ...ack(seq, seq), sha256: `d${seq}` }));
    expect(missingOf(kept, "1 d1\n2 other\n\n7 d7\n")).toEqual([2, 3]);
});
