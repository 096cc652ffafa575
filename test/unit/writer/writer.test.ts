import { chmod, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execa, type ResultPromise } from "execa";

// Without lab/writer/index.ts: the plain-file backend needs no librbd, and any python3 will do.
const HERE = dirname(fileURLToPath(import.meta.url));
const SCRIPTS = join(HERE, "..", "..", "..", "lab", "writer");
const BLOCK = 4096;

let dir: string;
let background: ResultPromise[] = [];
beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "writer-test-"));
});
afterEach(async () => {
    for (const running of background) running.kill("SIGKILL");
    await Promise.all(background);
    background = [];
    await rm(dir, { recursive: true, force: true });
});

const python = (script: string, args: string[]) =>
    execa("python3", ["-B", script, ...args], { reject: false, timeout: 30_000, all: true });
const place = () => ["--file", join(dir, "image"), "--log", join(dir, "log"), "--volume", "vol"];
/** A writer in the background; whatever becomes of the test, it ends with it. */
function start(...args: string[]) {
    const running = execa("python3", ["-B", join(SCRIPTS, "writer.py"), ...place(), ...args], {
        reject: false,
        timeout: 30_000,
    });
    background.push(running);
    return running;
}
const logged = async (text: string) => {
    const end = Date.now() + 20_000;
    while (!(await readFile(join(dir, "log"), "utf8").catch(() => "")).includes(text)) {
        if (Date.now() > end) throw new Error(`waited 20 s for ${text} in the log`);
        await sleep(50);
    }
};
const write = (...args: string[]) => python(join(SCRIPTS, "writer.py"), [...place(), "--rate", "0", ...args]);
const verify = async () => {
    const result = await python(join(SCRIPTS, "verify.py"), [...place(), "--json"]);
    return {
        exitCode: result.exitCode,
        ...(JSON.parse(result.stdout) as { found: number; lost: number[]; abandoned: number[] }),
    };
};
const entries = async () =>
    (await readFile(join(dir, "log"), "utf8"))
        .trim()
        .split("\n")
        .map(
            (line) =>
                JSON.parse(line) as {
                    event?: string;
                    seq?: number;
                    offset?: number;
                    lastSeq?: number;
                    reason?: string;
                },
        );
const seqs = async () => (await entries()).flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
const overwrite = async (offset: number, data: Uint8Array) => {
    const file = await open(join(dir, "image"), "r+");
    await file.write(data, 0, data.length, offset);
    await file.close();
};

test("the Python unit tests pass", async () => {
    const result = await python("-m", ["unittest", "discover", "--start-directory", HERE]);
    expect(`${result.exitCode} ${result.all}`).toMatch(/^0 [\s\S]*Ran 1\d tests[\s\S]*OK/);
});

describe("writer and verifier on a plain file", () => {
    test("a second run goes on after the first", async () => {
        expect((await write("--site", "cluster1", "--blocks", "3")).exitCode).toBe(0);
        expect((await write("--site", "cluster2", "--blocks", "2")).exitCode).toBe(0);
        expect(await seqs()).toEqual([1, 2, 3, 4, 5]);
        expect(await verify()).toMatchObject({ exitCode: 0, found: 5, lost: [] });
    });

    test("after a loss the new branch takes new numbers, and the lost blocks are told apart", async () => {
        await write("--blocks", "5");
        await overwrite(3 * BLOCK, new Uint8Array(2 * BLOCK));
        expect(await verify()).toMatchObject({ exitCode: 1, found: 3, lost: [4, 5], abandoned: [] });
        await write("--blocks", "3");
        expect(await seqs()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
        expect(await verify()).toMatchObject({ exitCode: 1, found: 6, lost: [4, 5], abandoned: [4, 5] });
    });

    test("a killed run's unacknowledged numbers are not used again", async () => {
        const running = start("--rate", "50");
        await logged('"seq":3');
        running.kill("SIGKILL");
        await running;
        const before = await seqs();
        await write("--blocks", "1", "--size", String(1 << 20));
        const after = (await seqs()).slice(before.length);
        expect(after).toEqual([256 + 1]);
        expect((await verify()).lost).toEqual([]);
    });

    test("a stop ends it in order within the current block", async () => {
        const running = start("--rate", "5");
        await logged('"seq":2');
        running.kill("SIGTERM");
        expect((await running).exitCode).toBe(0);
        const last = (await entries()).at(-1);
        expect(last).toMatchObject({ event: "stop", reason: "stopped", lastSeq: (await seqs()).at(-1) });
        expect((await verify()).lost).toEqual([]);
    });

    test("a full image stops the writing, not the process, and nothing is overwritten", async () => {
        const running = start("--rate", "0", "--size", String(4 * BLOCK));
        await logged('"reason":"full"');
        await sleep(300);
        expect(running.exitCode).toBeNull();
        running.kill("SIGTERM");
        const { stdout, exitCode } = await running;
        expect(exitCode).toBe(0);
        expect(stdout).toMatch(/the image is full after 4 blocks/);
        expect(await verify()).toMatchObject({ found: 4, lost: [] });
    });

    test("an image that becomes read-only ends it with a line that says so", async () => {
        await write("--blocks", "1");
        const running = start("--rate", "20");
        await logged('"seq":3');
        await chmod(join(dir, "image"), 0o400);
        const { exitCode, stdout } = await running;
        expect(exitCode).toBe(4);
        expect(stdout).toMatch(/ended: the image became read-only/);
    });

    test("an image with other data is not touched", async () => {
        await writeFile(join(dir, "image"), Buffer.alloc(8 * BLOCK, "other data"));
        const { exitCode, stdout } = await write("--blocks", "1");
        expect(exitCode).toBe(3);
        expect(stdout).toMatch(/not blocks of volume vol: not touched/);
        expect(await readFile(join(dir, "image"))).toEqual(Buffer.alloc(8 * BLOCK, "other data"));
    });

    test("one flipped bit is a lost block", async () => {
        await write("--blocks", "3");
        const image = await readFile(join(dir, "image"));
        await overwrite(BLOCK + 2000, Uint8Array.from([image[BLOCK + 2000]! ^ 1]));
        expect(await verify()).toMatchObject({ exitCode: 1, found: 2, lost: [2] });
    });

    test("what is missing is named", async () => {
        const noImage = await python(join(SCRIPTS, "writer.py"), ["--log", join(dir, "log")]);
        expect(noImage.exitCode).toBe(2);
        expect(noImage.stderr).toMatch(/give --conf, --pool and --image, or --file/);
        const noLog = await python(join(SCRIPTS, "verify.py"), place());
        expect(noLog.exitCode).toBe(2);
        expect(noLog.stderr).toMatch(/cannot read the acknowledgement log .*: No such file/);
    });
});
