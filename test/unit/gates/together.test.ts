/** Many who wait for the same kind of thing share its looks, and each gets its own answer. */
import { beforeEach, describe, expect, jest, test } from "@jest/globals";
import { waitTogether } from "../../../gates/together.js";

let said: string[] = [];
beforeEach(() => {
    said = [];
    jest.spyOn(console, "log").mockImplementation((line: unknown) => void said.push(String(line)));
});

/** A wait on a counter that goes up by one at each look. */
function counter() {
    const asked: string[][] = [];
    const look = (keys: readonly string[]) => {
        asked.push([...keys]);
        return Promise.resolve(asked.length);
    };
    const wait = waitTogether({ look, interval: 0.001 });
    const reaches = (key: string, goal: number, seconds = 5) =>
        wait(key, {
            what: `${key} to be ${goal}`,
            missing: (n) => (n >= goal ? undefined : `it is ${n}`),
            seconds,
        });
    return { asked, wait, reaches };
}

describe("those who wait together", () => {
    test("share each look, and each ends with the first that suits it", async () => {
        const { asked, reaches } = counter();
        expect(await Promise.all([reaches("a", 2), reaches("b", 1), reaches("c", 3)])).toEqual([2, 1, 3]);
        expect(asked).toEqual([["a", "b", "c"], ["a", "c"], ["c"]]);
    });

    test("may come while others wait, and when nobody does any more", async () => {
        const { asked, reaches } = counter();
        const first = reaches("a", 3);
        await reaches("b", 2);
        await first;
        expect(await reaches("c", 1)).toBe(4);
        expect(asked.at(-1)).toEqual(["c"]);
    });

    test("each have their own time limit, which says what was seen last", async () => {
        const { reaches } = counter();
        const [late, fine] = await Promise.allSettled([reaches("a", 1000, 0), reaches("b", 4)]);
        expect(late).toMatchObject({
            reason: { message: expect.stringMatching(/^Waited 0 s for a to be 1000; seen last: it is \d/) as unknown },
        });
        expect(fine).toMatchObject({ value: 4 });
    });

    test("say how many are left, and what the first of them misses", async () => {
        const { reaches } = counter();
        await Promise.all([reaches("a", 3), reaches("b", 2)]);
        expect(said.join("\n")).toContain("waiting for 2 volumes, the first of them for a to be 3: it is 1");
        expect(said.join("\n")).toContain("waiting for a to be 3: it is 2");
    });

    test("end at once with what their own check throws, and leave the others waiting", async () => {
        const { wait, reaches } = counter();
        const check = () => {
            throw new Error("somebody else changed it");
        };
        const broken = wait("a", { what: "a", missing: check, seconds: 5 });
        const [one, other] = await Promise.allSettled([broken, reaches("b", 2)]);
        expect(one).toMatchObject({ reason: { message: "somebody else changed it" } });
        expect(other).toMatchObject({ value: 2 });
    });
});

test("a look that fails is not the end; when time is up, it is what was seen last", async () => {
    let looks = 0;
    const look = () => (looks++ === 0 ? Promise.reject(new Error("no route")) : Promise.resolve(looks));
    const wait = waitTogether({ look, interval: 0.001 });
    expect(await wait("a", { what: "a", missing: () => undefined, seconds: 5 })).toBe(2);
    const never = waitTogether({ look: () => Promise.reject(new Error("no route")), interval: 0.001 });
    await expect(never("a", { what: "a", missing: () => undefined, seconds: 0 })).rejects.toThrow(
        "Waited 0 s for a; seen last: cannot look: no route",
    );
});

test("who knows better says what the error says", async () => {
    const { wait } = counter();
    const own = { what: "a", missing: () => "b", seconds: 0, failure: () => "PEER_BEHIND: the reason" };
    await expect(wait("a", own)).rejects.toThrow(/^PEER_BEHIND: the reason$/);
});
