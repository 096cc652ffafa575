/**
 * What a drill has done so far, in its folder: how the same command goes on after a kill, and what the report is made from.
 *
 *     drill.json       what was asked, and how far it is: replaced as a whole, so that a kill leaves the old or the new one
 *     events.jsonl     the events of all its runs
 *     samples.jsonl    looks at both sites
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { eventSchema, type CliEvent } from "../events.js";
import { KINDS } from "../report/kinds.js";
import { recordSchema } from "../report/record.js";

/** Name and version of the file's format. */
const STATE_SCHEMA = "rbd-dr-drill-state/1";
const STATE_FILE = "drill.json";
const EVENTS_FILE = "events.jsonl";
const SAMPLES_FILE = "samples.jsonl";

const time = z.iso.datetime();
const move = recordSchema.shape.moves.element;
const lost = z.record(z.string(), z.array(z.number().int()));

const moveState = z.object({
    name: move.shape.name,
    kind: move.shape.kind,
    from: z.string(),
    to: z.string(),
    startedAt: time,
    endedAt: time.optional(),
    /** What the program said beforehand that the move may cost. */
    declared: move.shape.declared,
    checks: move.shape.checks,
    /** Numbers of the writes that were found missing after it, and not before, by volume. */
    lost,
});

const stateSchema = z.object({
    schema: z.literal(STATE_SCHEMA),
    id: z.string(),
    operation: z.enum(["planned", "disaster"]),
    home: z.string(),
    other: z.string(),
    startedAt: time,
    endedAt: time.optional(),
    runs: z.array(z.object({ startedAt: time, endedAt: time.optional() })),
    application: z.string(),
    volumes: z.array(z.string()),
    intervalSeconds: z.number(),
    versions: recordSchema.shape.versions,
    fault: z
        .object({
            what: z.string(),
            command: z.array(z.string()).optional(),
            startedAt: time,
            at: time.optional(),
            restoredAt: time.optional(),
        })
        .optional(),
    moves: z.array(moveState),
    /** Steps that are not pulumi's: reading back, breaking, waiting for a person. */
    spans: z.array(
        z.object({ move: z.string(), site: z.string(), kind: z.enum(KINDS), startedAt: time, endedAt: time }),
    ),
    /** Numbers of writes that were missing before the drill began, by volume. */
    lostBefore: lost,
});

/** How far a drill is. */
export type DrillState = z.infer<typeof stateSchema>;
/** How far a move is. */
export type MoveState = DrillState["moves"][number];

const sampleSchema = z.object({
    at: time,
    /** Seconds that a volume's copy on a site was behind. */
    lag: z.array(z.object({ volume: z.string(), site: z.string(), seconds: z.number() })),
    /** Conditions of the VolumeReplications, since when. */
    conditions: z.array(
        z.object({ volume: z.string(), site: z.string(), type: z.string(), status: z.string(), since: time }),
    ),
});

/** One look at both sites. */
export type Sample = z.infer<typeof sampleSchema>;

/** A drill's folder. */
export class Journal {
    private constructor(
        readonly folder: string,
        private current: DrillState,
    ) {}

    /** Begins a drill in a folder of its own. */
    static begin(reports: string, state: Omit<DrillState, "schema">): Journal {
        const folder = join(reports, state.id);
        mkdirSync(folder, { recursive: true });
        const journal = new Journal(folder, { schema: STATE_SCHEMA, ...state });
        journal.save();
        return journal;
    }

    /** The newest drill of a kind, where it did not reach its end. */
    static async unfinished(reports: string, operation: DrillState["operation"]): Promise<Journal | undefined> {
        const newest = (await journals(reports)).findLast(({ state }) => state.operation === operation);
        return newest?.state.endedAt === undefined ? newest : undefined;
    }

    static async open(folder: string): Promise<Journal | undefined> {
        const text = await readFile(join(folder, STATE_FILE), "utf8").catch(() => undefined);
        const state = text === undefined ? undefined : stateSchema.safeParse(parseJson(text));
        return state?.success ? new Journal(folder, state.data) : undefined;
    }

    get state(): DrillState {
        return this.current;
    }

    /** Changes what is known, on disk when this returns. */
    update(change: Partial<DrillState>): void {
        this.current = { ...this.current, ...change };
        this.save();
    }

    /** Changes what is known of a move. */
    updateMove(name: MoveState["name"], change: Partial<MoveState>): void {
        this.update({ moves: this.current.moves.map((m) => (m.name === name ? { ...m, ...change } : m)) });
    }

    moveOf(name: MoveState["name"]): MoveState | undefined {
        return this.current.moves.find((m) => m.name === name);
    }

    addEvent(event: CliEvent): void {
        appendFileSync(join(this.folder, EVENTS_FILE), `${JSON.stringify(event)}\n`);
    }

    addSample(sample: Sample): void {
        appendFileSync(join(this.folder, SAMPLES_FILE), `${JSON.stringify(sample)}\n`);
    }

    events(): CliEvent[] {
        return readLines(join(this.folder, EVENTS_FILE), eventSchema);
    }

    samples(): Sample[] {
        return readLines(join(this.folder, SAMPLES_FILE), sampleSchema);
    }

    private save(): void {
        const file = join(this.folder, STATE_FILE);
        writeFileSync(`${file}.new`, `${JSON.stringify(this.current, undefined, 2)}\n`);
        renameSync(`${file}.new`, file);
    }
}

/** The drills in a folder, oldest first. */
export async function journals(reports: string): Promise<Journal[]> {
    const entries = await readdir(reports, { withFileTypes: true }).catch(() => []);
    const found = await Promise.all(
        entries.filter((entry) => entry.isDirectory()).map((entry) => Journal.open(join(reports, entry.name))),
    );
    return found
        .filter((journal) => journal !== undefined)
        .sort((a, b) => Date.parse(a.state.startedAt) - Date.parse(b.state.startedAt));
}

/** Lines that a kill cut off are passed over. */
function readLines<T>(file: string, schema: z.ZodType<T>): T[] {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch {
        return [];
    }
    return text.split("\n").flatMap((line) => {
        const read = schema.safeParse(parseJson(line));
        return read.success ? [read.data] : [];
    });
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
