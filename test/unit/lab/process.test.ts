import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
    adoptProcess,
    freezeProcess,
    killAll,
    killProcess,
    listProcesses,
    logTail,
    processPid,
    processState,
    signalAll,
    startProcess,
    stopProcess,
    thawProcess,
    type ProcessState,
} from "../../../lab/process.js";
import { readStat } from "../../../host/procfs.js";
import { waitFor } from "../../../lab/wait.js";

let dir: string;
beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "rbd-dr-process-"));
});
afterEach(async () => {
    await killAll(dir);
    rmSync(dir, { recursive: true });
});

const sleeper = (name = "sleeper") => ({ name, command: "/bin/sleep", args: ["300"], dir });

/** Node, because a shell is not always there; prints its pid's child and waits. */
const script = (name: string, source: string) => ({ name, command: process.execPath, args: ["-e", source], dir });

/** Signals take effect a moment later. */
async function reaches(name: string, state: ProcessState): Promise<void> {
    await waitFor(async () => (processState(dir, name) === state ? true : undefined), {
        what: `${name} to be ${state}`,
        timeoutMs: 5000,
        intervalMs: 10,
    });
}

async function output(name: string, pattern: RegExp): Promise<string> {
    const log = join(dir, `${name}.log`);
    return waitFor(async () => pattern.exec(readFileSync(log, "utf8"))?.[0], {
        what: `${pattern} in ${log}`,
        timeoutMs: 5000,
    });
}

describe("a process", () => {
    test("is started once, detached, with a private pid file and log", async () => {
        expect(processState(dir, "sleeper")).toBe("absent");
        const pid = await startProcess(sleeper());
        expect(processState(dir, "sleeper")).toBe("running");
        expect(await startProcess(sleeper())).toBe(pid);
        expect(readStat(pid)?.group).toBe(pid);
        for (const file of ["sleeper.pid", "sleeper.log"]) expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600);
    });

    test("stops on SIGTERM, and its pid file goes", async () => {
        const pid = await startProcess(sleeper());
        await stopProcess(dir, "sleeper");
        expect(readStat(pid)?.state ?? "Z").toBe("Z");
        expect(existsSync(join(dir, "sleeper.pid"))).toBe(false);
        expect(processState(dir, "sleeper")).toBe("absent");
    });

    test("that ignores SIGTERM is killed after the timeout", async () => {
        await startProcess(
            script(
                "stubborn",
                "process.on('SIGTERM', () => console.log('no')); console.log('on'); setInterval(() => 0, 1000)",
            ),
        );
        await output("stubborn", /on/);
        const began = Date.now();
        await stopProcess(dir, "stubborn", { timeoutMs: 300 });
        expect(Date.now() - began).toBeGreaterThanOrEqual(300);
        expect(processState(dir, "stubborn")).toBe("absent");
        expect(logTail(join(dir, "stubborn.log"))).toContain("no");
    });

    test("takes its children with it", async () => {
        await startProcess(
            script(
                "parent",
                "console.log('child ' + require('node:child_process').spawn('/bin/sleep', ['300']).pid); setInterval(() => 0, 1000)",
            ),
        );
        const child = Number((await output("parent", /child \d+/)).split(" ")[1]);
        expect(readStat(child)).toBeDefined();
        await killProcess(dir, "parent");
        expect(processState(dir, "parent")).toBe("dead");
        await waitFor(async () => (["Z", undefined].includes(readStat(child)?.state) ? true : undefined), {
            what: "the child to end",
            timeoutMs: 5000,
        });
    });

    test("freezes, thaws, and can be stopped while frozen", async () => {
        await startProcess(sleeper());
        freezeProcess(dir, "sleeper");
        await reaches("sleeper", "frozen");
        expect(processPid(dir, "sleeper")).toBeDefined();
        thawProcess(dir, "sleeper");
        await reaches("sleeper", "running");
        freezeProcess(dir, "sleeper");
        await stopProcess(dir, "sleeper", { timeoutMs: 5000 });
        expect(processState(dir, "sleeper")).toBe("absent");
    });

    test("that cannot be started says which program", async () => {
        await expect(startProcess({ ...sleeper(), command: "/no/such/program" })).rejects.toThrow(
            /Cannot start sleeper \(\/no\/such\/program\)/,
        );
        expect(processState(dir, "sleeper")).toBe("absent");
    });

    test("gets variables set and taken out", async () => {
        process.env.RBD_DR_TEST_OUT = "there";
        const source = "console.log('seen', process.env.RBD_DR_TEST_IN, process.env.RBD_DR_TEST_OUT)";
        await startProcess({ ...script("env", source), env: { RBD_DR_TEST_IN: "in", RBD_DR_TEST_OUT: undefined } });
        delete process.env.RBD_DR_TEST_OUT;
        expect(await output("env", /seen.*/)).toBe("seen in undefined");
    });
});

describe("a pid file", () => {
    test("whose pid was given to another process does not name that one", async () => {
        await startProcess(sleeper());
        const file = join(dir, "sleeper.pid");
        const record = JSON.parse(readFileSync(file, "utf8")) as { pid: number; startTime: number };
        const own = { ...record, pid: process.pid };
        writeFileSync(join(dir, "reused.pid"), JSON.stringify(own));
        expect(processState(dir, "reused")).toBe("dead");
        await stopProcess(dir, "reused");
        expect(readStat(process.pid)).toBeDefined();
    });

    test("of an earlier boot is dead", async () => {
        await startProcess(sleeper());
        const file = join(dir, "sleeper.pid");
        const record = JSON.parse(readFileSync(file, "utf8")) as object;
        writeFileSync(join(dir, "old.pid"), JSON.stringify({ ...record, boot: "an earlier one" }));
        expect(processState(dir, "old")).toBe("dead");
    });

    test.each(["4711", "{", ""])("with %j in it is nobody's", (content) => {
        writeFileSync(join(dir, "foreign.pid"), content);
        expect(processState(dir, "foreign")).toBe("absent");
        expect(listProcesses(dir)).toEqual([]);
    });

    test("can be written for a process that something else started", async () => {
        const pid = await startProcess(sleeper());
        adoptProcess(join(dir, "sub"), "adopted", pid, ["/bin/sleep"], "/dev/null");
        expect(processState(join(dir, "sub"), "adopted")).toBe("running");
    });
});

describe("everything below a folder", () => {
    test("is listed, with folder, state and time of start", async () => {
        await startProcess(sleeper("one"));
        await startProcess({ ...sleeper("two"), dir: join(dir, "pod") });
        await killProcess(join(dir, "pod"), "two");
        const listed = listProcesses(dir);
        expect(listed.map(({ name, dir: at, state }) => [name, at, state])).toEqual(
            expect.arrayContaining([
                ["one", dir, "running"],
                ["two", join(dir, "pod"), "dead"],
            ]),
        );
        const since = listed.find(({ name }) => name === "one")?.since?.getTime() ?? 0;
        expect(Math.abs(Date.now() - since)).toBeLessThan(5000);
    });

    test("is killed, strays included whose pid file is gone", async () => {
        const pid = await startProcess(sleeper());
        rmSync(join(dir, "sleeper.pid"));
        expect(signalAll(dir, "SIGCONT")).toBe(1);
        await killAll(dir);
        expect(readStat(pid)?.state ?? "Z").toBe("Z");
    });

    test("does not include a folder whose name begins alike", async () => {
        await startProcess({ ...sleeper(), dir: `${dir}-other` });
        try {
            expect(signalAll(dir, "SIGCONT")).toBe(0);
        } finally {
            await killAll(`${dir}-other`);
            rmSync(`${dir}-other`, { recursive: true });
        }
    });
});
