/** Looks at many volumes are as far apart as what is waited for allows. */
import { expect, test } from "@jest/globals";
import { restAfter } from "../../../gates/pace.js";

const rest = (done: number, left: number, more = {}) => restAfter({ done, left, seconds: 10, look: 0.1, ...more }, 10);

test("nothing done since the look before: the longest rest", () => {
    expect(rest(0, 100)).toBe(10);
    // Others that have come meanwhile are no progress.
    expect(rest(-3, 103)).toBe(10);
});

test("far from the end: the longest rest; near it, half of the time that is left; at it, the shortest", () => {
    expect([900, 100, 50, 25, 2, 0].map((left) => rest(50, left))).toEqual([10, 10, 5, 2.5, 0.5, 0.5]);
});

test("looks that take long come less often, and not less often than they would anyway", () => {
    expect(rest(50, 2, { look: 2 })).toBe(4);
    expect(rest(50, 2, { look: 30 })).toBe(10);
});

test("where the longest is shorter than all else, it counts", () => {
    expect(restAfter({ done: 1, left: 100, seconds: 10, look: 5 }, 0.25)).toBe(0.25);
});
