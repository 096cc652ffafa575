/** Earlier drills in the reports folder: what a drill is compared with. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { lossOf } from "./verdict.js";
import { recordSchema, type DrillRecord, type EarlierDrill } from "./record.js";

/** Name of a drill's record in its folder. */
export const RECORD_FILE = "report.json";

/** A drill, as far as later ones are compared with it. */
export function asEarlier(record: DrillRecord): EarlierDrill {
    return {
        id: record.id,
        startedAt: record.startedAt,
        operation: record.operation,
        outcome: record.outcome,
        moves: record.moves.map((move) => {
            const { lost, seconds } = lossOf(move);
            return {
                name: move.name,
                kind: move.kind,
                ...(move.outage === undefined ? {} : { rtoSeconds: move.outage.seconds }),
                lost,
                lossSeconds: seconds,
            };
        }),
    };
}

/** What was found of earlier drills. */
export interface Earlier {
    readonly drills: readonly EarlierDrill[];
    /** Files that are no record, or one of another version, each with why. */
    readonly unread: readonly string[];
}

/**
 * Reads the records of the drills in a folder.
 *
 * @param folder holds one folder a drill; need not exist
 * @param before only drills that started before this RFC 3339 time
 * @returns oldest first
 */
export async function earlierDrills(folder: string, before: string): Promise<Earlier> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const drills: EarlierDrill[] = [];
    const unread: string[] = [];
    for (const entry of entries.filter((e) => e.isDirectory()).sort((a, b) => a.name.localeCompare(b.name))) {
        const file = join(folder, entry.name, RECORD_FILE);
        const text = await readFile(file, "utf8").catch(() => undefined);
        if (text === undefined) continue;
        const record = recordSchema.safeParse(parseJson(text));
        if (!record.success) unread.push(`${file}: ${record.error.issues[0]?.message ?? "not a drill record"}`);
        else if (Date.parse(record.data.startedAt) < Date.parse(before)) drills.push(asEarlier(record.data));
    }
    return { drills: drills.sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt)), unread };
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
