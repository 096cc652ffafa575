import { describe, expect, test } from "@jest/globals";
import { ratio, spread } from "../../../bench/statistics.js";
import { schedule } from "../../../bench/schedule.js";

describe("spread", () => {
    test("min, median and max of odd and even counts", () => {
        expect(spread([3, 1, 2])).toEqual({ count: 3, min: 1, median: 2, max: 3 });
        expect(spread([4, 1, 2, 3])).toEqual({ count: 4, min: 1, median: 2.5, max: 4 });
        expect(spread([7])).toEqual({ count: 1, min: 7, median: 7, max: 7 });
    });

    test("nothing has no spread", () => {
        expect(spread([])).toBeUndefined();
    });

    test("the values are left in their order", () => {
        const values = [3, 1, 2];
        spread(values);
        expect(values).toEqual([3, 1, 2]);
    });
});

describe("ratio", () => {
    const by = (...pairs: [number, number][]) => new Map(pairs);

    test("is taken round by round, and then its spread", () => {
        // Of the medians (20 and 15) it would be 1.33; round by round it is 2, 1 and 1.
        expect(ratio(by([1, 20], [2, 15], [3, 40]), by([1, 10], [2, 15], [3, 40]))).toEqual({
            count: 3,
            min: 1,
            median: 1,
            max: 2,
        });
    });

    test("rounds that only one has, and a base of 0, are left out", () => {
        expect(ratio(by([1, 20], [2, 30], [3, 9]), by([2, 10], [3, 0], [4, 1]))).toMatchObject({ count: 1, median: 3 });
        expect(ratio(by([1, 20]), by([2, 10]))).toBeUndefined();
    });
});

describe("schedule", () => {
    test("every round has every contender once, and begins with another one", () => {
        const turns = schedule(["a", "b", "c"], 4);
        const rounds = [1, 2, 3, 4].map((round) => turns.filter((t) => t.round === round).map((t) => t.contender));
        expect(rounds).toEqual([
            ["a", "b", "c"],
            ["b", "c", "a"],
            ["c", "a", "b"],
            ["a", "b", "c"],
        ]);
    });
});
