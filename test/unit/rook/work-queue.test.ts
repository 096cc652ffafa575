import { expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { saidBy } from "../../../lab/rook/ceph-cli.js";
import { WorkQueue } from "../../../lab/rook/work-queue.js";

test("work of one key never overlaps, and a wish during the work is served after it", async () => {
    let running = 0;
    let most = 0;
    let done = 0;
    const queue = new WorkQueue(
        async () => {
            most = Math.max(most, ++running);
            await sleep(20);
            running--;
            done++;
            return undefined;
        },
        () => undefined,
    );
    queue.add("a");
    queue.add("a");
    queue.add("a");
    await sleep(120);
    expect([most, done]).toEqual([1, 2]);
});

test("a failure is tried again and logged", async () => {
    const lines: string[] = [];
    let tries = 0;
    const queue = new WorkQueue(
        async () => {
            if (++tries < 2) throw new Error("not yet");
            return undefined;
        },
        (line) => lines.push(line),
    );
    queue.add("pool x");
    await sleep(800);
    expect(tries).toBe(2);
    expect(lines).toEqual(["pool x: not yet; again in 0.5 s"]);
});

test("an outcome with a pause repeats until it is taken back, and adding it cuts the pause short", async () => {
    let runs = 0;
    const queue = new WorkQueue(
        async () => {
            runs++;
            return { afterMs: 10_000 };
        },
        () => undefined,
    );
    queue.add("a");
    await sleep(30);
    queue.add("a");
    await sleep(30);
    expect(runs).toBe(2);
    queue.cancel("a");
});

test("the same failure of a command reads the same at every try", () => {
    const said = (time: string, thread: string) =>
        saidBy(
            `${time} ${thread} -1 librbd::api::Mirror: failed to connect: (13) Permission denied\n\nrbd: failed to import\n`,
        );
    expect(said("2026-11-23T05:07:47.589+0000", "7f552d417380")).toBe(
        "librbd::api::Mirror: failed to connect: (13) Permission denied; rbd: failed to import",
    );
    expect(said("2026-11-23T05:07:43.529+0000", "7f8bfdc92380")).toBe(
        said("2026-11-23T05:07:47.589+0000", "7f552d417380"),
    );
});
