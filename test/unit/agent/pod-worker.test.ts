import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { knownPods, makePodDir, podDir, type PodOwner } from "../../../lab/agent/pod-dir.js";
import { ATTACHMENTS_FILE, PodWorker, type Task } from "../../../lab/agent/pod-worker.js";
import { killAll, killProcess, processPid, processState } from "../../../lab/process.js";

const owner: PodOwner = { namespace: "ns", name: "pod-0", uid: "uid-1" };
let runDir: string;
let lines: string[];
let worker: PodWorker;

beforeEach(() => {
    runDir = mkdtempSync(join(tmpdir(), "worker-"));
    lines = [];
    worker = newWorker();
});

afterEach(async () => {
    worker.want(undefined);
    await killAll(runDir);
    rmSync(runDir, { recursive: true, force: true });
});

function newWorker(): PodWorker {
    return new PodWorker(
        runDir,
        owner,
        (line) => lines.push(line),
        () => undefined,
    );
}

function sleeper(name: string, more: Partial<Task> = {}): Task {
    return {
        name,
        prepare: async ({ dir }) => ({ spec: { name, command: "/bin/sleep", args: ["60"], dir } }),
        ...more,
    };
}

async function until(what: string, holds: () => boolean): Promise<void> {
    for (let i = 0; i < 200; i++) {
        if (holds()) return;
        await sleep(25);
    }
    throw new Error(`in vain: ${what}. Log: ${lines.join(" | ")}`);
}

const dir = () => podDir(runDir, owner).dir;
const pid = (name: string) => processPid(dir(), name);

describe("a pod's processes", () => {
    test("start, and end with the pod: nothing but logs stays", async () => {
        worker.want({ owner, tasks: [sleeper("a", { attachment: "csi-1" })] });
        await until("started", () => pid("a") !== undefined);
        expect(JSON.parse(readFileSync(join(dir(), ATTACHMENTS_FILE), "utf8"))).toEqual(["csi-1"]);
        expect(await knownPods(runDir)).toEqual([owner]);
        worker.want(undefined);
        await until("forgotten", () => !existsSync(join(dir(), "pod.json")));
        expect(processState(dir(), "a")).toBe("absent");
        expect(existsSync(join(dir(), ATTACHMENTS_FILE))).toBe(false);
        expect(existsSync(join(dir(), "a.log"))).toBe(true);
        expect(lines.some((line) => line.includes("its pod is gone"))).toBe(true);
    });

    test("are adopted by the next worker, not started twice", async () => {
        const tasks = { owner, tasks: [sleeper("a")] };
        worker.want(tasks);
        await until("started", () => pid("a") !== undefined);
        const before = pid("a");
        worker = newWorker();
        worker.want(tasks);
        await until("adopted", () => lines.some((line) => line.includes("runs already")));
        expect(pid("a")).toBe(before);
    });

    test("a pod of the same name and another uid gets processes of its own", async () => {
        worker.want({ owner, tasks: [sleeper("a")] });
        await until("started", () => pid("a") !== undefined);
        const before = pid("a");
        worker.want({ owner: { ...owner, uid: "uid-2" }, tasks: [sleeper("a")] });
        await until("replaced", () => pid("a") !== undefined && pid("a") !== before);
        expect(await knownPods(runDir)).toEqual([{ ...owner, uid: "uid-2" }]);
    });

    test("a crashed one is started again after a pause, one that is told to stop is not", async () => {
        const tasks = { owner, tasks: [sleeper("a")] };
        worker.want(tasks);
        await until("started", () => pid("a") !== undefined);
        const before = pid("a");
        await sleep(50);
        await killProcess(dir(), "a");
        worker.want(tasks);
        await until("noticed", () => lines.some((line) => line.includes("ended by itself")));
        expect(pid("a")).toBeUndefined();
        await sleep(1_050);
        worker.want(tasks);
        await until("restarted", () => pid("a") !== undefined && pid("a") !== before);
        worker.want({ owner, tasks: [] });
        await until("stopped", () => processState(dir(), "a") === "absent");
        expect(lines.some((line) => line.includes("no longer asks for it"))).toBe(true);
    });

    test("one that needs another is restarted when that one was", async () => {
        const tasks = { owner, tasks: [sleeper("driver"), sleeper("sidecar", { needs: "driver" })] };
        worker.want(tasks);
        await until("started", () => pid("driver") !== undefined && pid("sidecar") !== undefined);
        const before = pid("sidecar");
        await sleep(600);
        await killProcess(dir(), "driver");
        for (let i = 0; i < 8 && (pid("sidecar") === before || pid("sidecar") === undefined); i++) {
            worker.want(tasks);
            await sleep(400);
        }
        expect(pid("sidecar")).toBeDefined();
        expect(pid("sidecar")).not.toBe(before);
        expect(lines.some((line) => line.includes("driver was restarted"))).toBe(true);
    });

    test("a wait is said once, an error does not stop the others", async () => {
        const tasks = {
            owner,
            tasks: [
                sleeper("waiting", { prepare: async () => ({ wait: "better times" }) }),
                sleeper("broken", {
                    prepare: async () => {
                        throw new Error("no such tool");
                    },
                }),
                sleeper("a"),
            ],
        };
        for (let i = 0; i < 3; i++) {
            worker.want(tasks);
            await sleep(100);
        }
        expect(pid("a")).toBeDefined();
        expect(lines.filter((line) => line.includes("waits for better times"))).toHaveLength(1);
        expect(lines.filter((line) => line.includes("no such tool"))).toHaveLength(1);
    });
});

test("a folder whose sockets would have too long a path is refused with the way out", async () => {
    await expect(makePodDir(join(runDir, "x".repeat(90)), owner)).rejects.toThrow(/XDG_CACHE_HOME/);
});
