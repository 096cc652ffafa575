/** Locks of stacks: who holds one, since when, and whether the holder can still be alive. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { ProcessInfo } from "./processes.js";

/** Who holds a stack. */
export interface Lock {
    readonly user: string;
    readonly host: string;
    readonly pid: number;
    /** RFC 3339 time at which it was taken. */
    readonly at: string;
}

/**
 * Reads the holders from what the CLI says of a locked stack (backends of Pulumi's own, not the Pulumi Cloud).
 *
 * @returns empty where the text is about something else
 */
export function parseLocks(text: string): Lock[] {
    if (!text.includes("the stack is currently locked by")) return [];
    return [...text.matchAll(/created by (\S+?)@(\S+) \(pid (\d+)\) at (\S+)/g)].map((found) => ({
        user: found[1]!,
        host: found[2]!,
        pid: Number(found[3]),
        at: new Date(found[4]!).toISOString(),
    }));
}

/** Whether the CLI refused because another run is at work, on any backend. */
export function isLockedText(text: string): boolean {
    return /the stack is currently locked by|Another update is currently in progress/i.test(text);
}

const lockSchema = z.object({ pid: z.number(), username: z.string(), hostname: z.string(), timestamp: z.string() });

/**
 * Reads the locks of a stack of a file backend.
 *
 * @param backend its URL, `file://...`; others have no files to look at, and are asked by trying
 */
export async function readLocks(backend: string, project: string, stack: string): Promise<Lock[]> {
    if (!backend.startsWith("file://")) return [];
    // The URL may carry options, as `?metadata=skip`.
    const path = backend.slice("file://".length).split("?", 1)[0]!;
    const base = path.replace(/^~/, process.env.HOME ?? "~");
    const dir = join(base, ".pulumi", "locks", "organization", project, stack);
    if (!existsSync(dir)) return [];
    const locks: Lock[] = [];
    for (const name of await readdir(dir)) {
        const text = await readFile(join(dir, name), "utf8").catch(() => "");
        const parsed = lockSchema.safeParse(parseJson(text));
        if (!parsed.success) continue;
        const { pid, username, hostname: host, timestamp } = parsed.data;
        locks.push({ user: username, host, pid, at: new Date(timestamp).toISOString() });
    }
    return locks;
}

/** Undefined for half a file: its writer is just at it, or died at it, and the CLI will say which. */
function parseJson(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return undefined;
    }
}

/** Seconds that clocks and rounding may make a holder look younger than its own lock. */
const SLACK = 5;

/** Whether the holder of a lock is at work, is dead, or is on another machine, where that cannot be seen. */
export function judgeLock(
    lock: Lock,
    processes: readonly Pick<ProcessInfo, "pid" | "startedAt">[],
    here = hostname(),
): "alive" | "dead" | "elsewhere" {
    if (lock.host !== here) return "elsewhere";
    const holder = processes.find((each) => each.pid === lock.pid);
    if (holder === undefined) return "dead";
    // The pid has been given to another process since.
    return holder.startedAt.getTime() > Date.parse(lock.at) + SLACK * 1000 ? "dead" : "alive";
}
