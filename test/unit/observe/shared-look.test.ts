/** Sharing a look never means being given an old one. */
import { expect, jest, test } from "@jest/globals";
import { joined, sharedLook } from "../../../observe/shared-look.js";

/** Looks that end when told to; the number of a look is what it sees. */
function looks() {
    const ends: ((error?: Error) => void)[] = [];
    const look = () => {
        const number = ends.length + 1;
        return new Promise<number>((resolve, reject) => {
            ends.push((error) => (error === undefined ? resolve(number) : reject(error)));
        });
    };
    return { ends, look };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("a hundred who ask at once are shown one look", async () => {
    const { ends, look } = looks();
    const shared = sharedLook(look);
    const asked = Array.from({ length: 100 }, () => shared());
    await settle();
    ends[0]!();
    expect(new Set(await Promise.all(asked))).toEqual(new Set([1]));
    expect(ends).toHaveLength(1);
});

test("who asks while a look is under way gets the next one, which begins after it", async () => {
    const { ends, look } = looks();
    const shared = sharedLook(look);
    const first = shared();
    await settle();
    const later = [shared(), shared()];
    await settle();
    expect(ends).toHaveLength(1);
    ends[0]!();
    expect(await first).toBe(1);
    await settle();
    ends[1]!();
    expect(await Promise.all(later)).toEqual([2, 2]);
});

test("after a long look the next one is put off by half of what it took, and whoever asks meanwhile shares it", async () => {
    const now = jest.spyOn(performance, "now");
    try {
        const { ends, look } = looks();
        const rests: number[] = [];
        let rested: () => void = () => undefined;
        const shared = sharedLook(look, (ms) => {
            rests.push(ms);
            return new Promise<void>((resolve) => (rested = resolve));
        });
        now.mockReturnValue(0);
        const first = shared();
        await settle();
        now.mockReturnValue(3000);
        ends[0]!();
        expect(await first).toBe(1);
        await settle();
        now.mockReturnValue(3500);
        const later = [shared()];
        await settle();
        later.push(shared());
        expect([rests, ends.length]).toEqual([[1000], 1]);
        rested();
        await settle();
        ends[1]!();
        expect(await Promise.all(later)).toEqual([2, 2]);
    } finally {
        now.mockRestore();
    }
});

test("a look that fails fails for those who share it, and for no one after them", async () => {
    const { ends, look } = looks();
    const shared = sharedLook(look);
    const [first, second] = [shared(), shared()];
    await settle();
    const later = shared();
    ends[0]!(new Error("no route"));
    await expect(first).rejects.toThrow("no route");
    await expect(second).rejects.toThrow("no route");
    await settle();
    ends[1]!();
    expect(await later).toBe(2);
});

test("a wait is joined while it lasts, and begun anew after it", async () => {
    const { ends, look } = looks();
    const wait = joined(look);
    const both = [wait(), wait()];
    ends[0]!();
    expect(await Promise.all(both)).toEqual([1, 1]);
    const again = wait();
    ends[1]!();
    expect(await again).toBe(2);
});
