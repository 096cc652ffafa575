import { expect, test } from "@jest/globals";
import { withLock } from "../../../lab/lock.js";

test("two holders take turns, and the second hears of the first", async () => {
    const order: string[] = [];
    const waits: string[] = [];
    const slow = withLock("lock-test", async () => {
        order.push("first in");
        await new Promise((resolve) => setTimeout(resolve, 100));
        order.push("first out");
    });
    const second = withLock("lock-test", async () => void order.push("second in"), {
        onWait: (holder) => waits.push(holder),
    });
    await Promise.all([slow, second]);
    expect(order).toEqual(["first in", "first out", "second in"]);
    expect(waits).toEqual([`process ${process.pid}`]);
});

test("locks of other names do not wait, and a failed body gives the lock back", async () => {
    await expect(
        withLock("lock-test", () => withLock("another", () => Promise.reject(new Error("inside")))),
    ).rejects.toThrow("inside");
    expect(await withLock("lock-test", async () => "free")).toBe("free");
});

test("waiting has a limit, and the error names the holder", async () => {
    await withLock("lock-test", async () => {
        await expect(withLock("lock-test", async () => 0, { timeoutMs: 0 })).rejects.toThrow(
            `lock-test is in use by process ${process.pid}`,
        );
    });
});
