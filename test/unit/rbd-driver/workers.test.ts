import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { CephError } from "../../../lab/rbd-driver/ceph-error.js";
import type { Question } from "../../../lab/rbd-driver/librbd/worker.js";
import { Workers } from "../../../lab/rbd-driver/librbd/workers.js";

/** In worker.py's place: notes who starts it, and does as it is asked. */
const DOUBLE = `#!${process.execPath}
const { appendFileSync } = require("node:fs");
let login;
require("node:readline").createInterface({ input: process.stdin }).on("line", (text) => {
    const line = JSON.parse(text);
    if (!login) {
        login = line;
        appendFileSync(__dirname + "/started", login.user + " " + login.key + " " + process.pid + "\\n");
        appendFileSync(__dirname + "/arguments", process.argv.join(" ") + "\\n");
        return;
    }
    const say = (more) => console.log(JSON.stringify({ id: line.id, ...more }));
    if (line.ask === "pid") say({ answer: process.pid });
    if (line.ask === "late") setTimeout(() => say({ answer: line.with }), line.with.ms);
    if (line.ask === "refuse") say({ errno: line.with.errno, said: "no", last: line.with.last });
    if (line.ask === "die") process.exit(7);
    if (line.ask === "garble") console.log("{");
}).on("close", () => process.exit());
`;

let dir: string;
let stopping: AbortController;
let workers: Workers;
beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "rbd-driver-test-"));
    const double = join(dir, "python");
    await writeFile(double, DOUBLE, { mode: 0o700 });
    stopping = new AbortController();
    workers = new Workers("/no.conf", stopping.signal, async () => double);
});
afterEach(async () => {
    stopping.abort();
    await rm(dir, { recursive: true, force: true });
});

const login = { monitors: "m", user: "csi", key: "TOPSECRET" };
const ask = (what: string, args: Question["with"] = {}, who = login) =>
    workers.ask(who, { about: "rbd", ask: what, with: args });
const started = async () => (await readFile(join(dir, "started"), "utf8")).trim().split("\n");
const running = (pid: number) => {
    try {
        return process.kill(pid, 0);
    } catch {
        return false;
    }
};
const untilEnded = async (pid: number) => {
    for (const end = Date.now() + 5000; running(pid) && Date.now() < end;)
        await new Promise((go) => setTimeout(go, 20));
    return !running(pid);
};

test("one worker answers all questions, in whatever order; its key is in no argument", async () => {
    const order: number[] = [];
    const late = (ms: number) => ask("late", { ms }).then((answer) => void order.push((answer as { ms: number }).ms));
    await Promise.all([late(300), late(1), ask("pid")]);
    expect(order).toEqual([1, 300]);
    expect(await started()).toHaveLength(1);
    expect(await readFile(join(dir, "arguments"), "utf8")).not.toContain("TOPSECRET");
});

test("what Ceph refuses carries its number", async () => {
    const refused = await ask("refuse", { errno: 2 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CephError);
    expect(refused).toMatchObject({ errno: 2, said: "no", missing: true });
    expect((refused as Error).message).toBe("rbd: ret=-2, No such file or directory");
});

test.each(["die", "garble"])(
    "when a worker must %s, who waits is told, and the next question starts another",
    async (how) => {
        const waiting = ask("late", { ms: 60_000 });
        const ends = [waiting, ask(how)].map((each) =>
            expect(each).rejects.toThrow(/^the connection to Ceph has ended: /),
        );
        await Promise.all(ends);
        expect(await ask("late", { ms: 1 })).toEqual({ ms: 1 });
        expect(await started()).toHaveLength(2);
    },
);

test("a connection that is of no more use answers what it was asked, and is replaced", async () => {
    const pid = (await ask("pid")) as number;
    const waiting = ask("late", { ms: 300 });
    await expect(ask("refuse", { errno: 108, last: true })).rejects.toThrow(CephError);
    expect(await ask("pid")).not.toBe(pid);
    expect(await waiting).toEqual({ ms: 300 });
    expect(await untilEnded(pid)).toBe(true);
});

test("another user has a worker of its own; another key replaces the worker", async () => {
    const pid = (await ask("pid")) as number;
    await ask("pid", {}, { ...login, user: "other" });
    expect(await ask("pid")).toBe(pid);
    expect(await ask("pid", {}, { ...login, key: "new" })).not.toBe(pid);
    expect(await started()).toHaveLength(3);
    expect(await untilEnded(pid)).toBe(true);
});

test("the driver's stop ends a worker that answers nothing", async () => {
    const pid = (await ask("pid")) as number;
    const waiting = ask("silence");
    const ended = expect(waiting).rejects.toThrow(/^the connection to Ceph has ended: /);
    stopping.abort();
    await ended;
    expect(await untilEnded(pid)).toBe(true);
    await expect(ask("pid")).rejects.toThrow(/^the connection to Ceph has ended: /);
});
