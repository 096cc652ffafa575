/** Looking again and again. */
import { expect, test } from "@jest/globals";
import { every, rememberSilence } from "../../../../cli/status/watch.js";
import { UNREACHABLE } from "../../dr/world.js";
import { before, pair, siteSeen } from "./pair.js";

test("a site's silence is dated from when it began, and forgotten once it answers", () => {
    const remember = rememberSilence();
    const silent = (at: string) => pair({ two: siteSeen("cluster2", "secondary", { ...UNREACHABLE, at }) });
    remember(silent(before(100)));
    expect(remember(silent(before(50))).sites[1].unreachableSince).toBe(before(100));
    expect(remember(pair()).sites[1].unreachableSince).toBeUndefined();
    expect(remember(silent(before(10))).sites[1].unreachableSince).toBe(before(10));
});

test("it looks at once, and ends when asked, without a look more", async () => {
    const stop = new AbortController();
    let looks = 0;
    const ended = every(0.01, stop.signal, () => {
        if (++looks === 3) stop.abort();
        return Promise.resolve();
    });
    await ended;
    expect(looks).toBe(3);
});
