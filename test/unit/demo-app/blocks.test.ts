/** The very program that runs in the demo application's pod, run here against a folder. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { verifyCommand, writeCommand } from "../../../components/demo-app/index.js";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "rbd-dr-blocks-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const here = (command: string[]) => command.map((word) => (word === "/data" ? folder : word));
const file = () => join(folder, "rbd-dr.blocks");

interface Ack {
    readonly seq: number;
    readonly sha256: string;
    readonly site: string;
    readonly at: string;
}

/** Lets the writer run until it has had `count` blocks acknowledged; ends it orderly, or at once. */
async function write(site: string, count: number, signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<Ack[]> {
    const [python, ...args] = [...here(writeCommand(site)), "200"];
    const writer = execa(python!, args, { reject: false });
    const acks: Ack[] = [];
    for await (const line of writer) {
        acks.push(JSON.parse(line) as Ack);
        if (acks.length === count) writer.kill(signal);
    }
    return acks;
}

async function verify(): Promise<Map<number, string>> {
    const [python, ...args] = here(verifyCommand());
    const { stdout } = await execa(python!, args);
    const lines = stdout.split("\n").filter((line) => line !== "");
    return new Map(lines.map((line) => [Number(line.split(" ")[0]), line.split(" ")[1]!]));
}

test("every acknowledged block is found by number and checksum, over several runs and sites", async () => {
    const acks = [...(await write("cluster1", 5)), ...(await write("cluster2", 4, "SIGKILL"))];
    const found = await verify();
    for (const ack of acks) expect(found.get(ack.seq)).toBe(ack.sha256);
    expect(new Set(acks.map((ack) => ack.seq)).size).toBe(acks.length);
    expect(acks.map((ack) => ack.site).filter((site) => site === "cluster2").length).toBeGreaterThanOrEqual(4);
    // By somebody else's hand: the checksum is that of the bytes on the volume.
    const first = readFileSync(file()).subarray(0, 4096);
    expect(createHash("sha256").update(first).digest("hex")).toBe(acks[0]!.sha256);
}, 60_000);

test("a block that is damaged, zero, or cut off is not found; the writer goes on behind it", async () => {
    const acks = await write("cluster1", 4);
    const bytes = readFileSync(file());
    bytes[4096 + 2000]! ^= 1;
    bytes.fill(0, 2 * 4096, 3 * 4096);
    writeFileSync(file(), bytes);
    truncateSync(file(), statSync(file()).size - 100);
    const found = await verify();
    expect([...acks.slice(0, 1)].every((ack) => found.get(ack.seq) === ack.sha256)).toBe(true);
    expect(found.has(acks[1]!.seq)).toBe(false);
    expect(found.has(acks[2]!.seq)).toBe(false);
    const more = await write("cluster2", 2);
    const after = await verify();
    for (const ack of more) expect(after.get(ack.seq)).toBe(ack.sha256);
}, 60_000);

test("numbers of a copy that lost its end are not used again", async () => {
    const acks = await write("cluster1", 6);
    truncateSync(file(), 2 * 4096);
    const more = await write("cluster2", 3);
    expect(Math.min(...more.map((ack) => ack.seq))).toBeGreaterThan(Math.max(...acks.map((ack) => ack.seq)));
}, 60_000);

test("foreign bytes are passed over, and an empty volume holds nothing", async () => {
    expect((await verify()).size).toBe(0);
    appendFileSync(file(), Buffer.alloc(3 * 4096, "x"));
    expect((await verify()).size).toBe(0);
    const acks = await write("cluster1", 1);
    expect((await verify()).get(acks[0]!.seq)).toBe(acks[0]!.sha256);
}, 60_000);
