import { expect, test } from "@jest/globals";
import { Backoff } from "../../../lab/agent/backoff.js";

test("pauses double up to half a minute, and may not be cut short", () => {
    const backoff = new Backoff();
    const pauses = Array.from({ length: 7 }, () => {
        backoff.started(1_000);
        return backoff.ended(2_000);
    });
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(backoff.mayStart(31_999)).toBe(false);
    expect(backoff.mayStart(32_000)).toBe(true);
});

test("a program that ran for a minute starts afresh", () => {
    const backoff = new Backoff();
    for (let i = 0; i < 5; i++) backoff.ended(0);
    backoff.started(100_000);
    expect(backoff.ended(160_000)).toBe(1_000);
});

test("the first start waits for nothing", () => {
    expect(new Backoff().mayStart(0)).toBe(true);
});
