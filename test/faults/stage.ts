/** Where trials run: a lab whose clusters are set up once, and lanes that are opened as they are needed. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labDir, labDown, labUp } from "../../lab/index.js";
import { closeLane, openLane, type Lane } from "./lane.js";
import type { Trial, TrialResult } from "./model.js";
import { platformSetUp, setUp } from "./sequences.js";
import { runTrials, type Progress } from "./trial.js";

/** A lab with lanes. */
export class FaultStage {
    /** Lanes that are healthy, and free. */
    private readonly free: Lane[] = [];

    constructor(
        readonly lab: string,
        private readonly progress: Progress,
    ) {}

    /** Runs a trial that sets both clusters up from nothing. They stay, for the lanes. */
    async platformTrial(trial: Trial): Promise<TrialResult> {
        await this.close();
        await labDown(this.lab);
        await labUp({ lab: this.lab, onProgress: this.progress });
        const lane = await openLane(this.lab, true);
        const [result] = await runTrials([{ trial, lane }], this.lab, this.progress);
        await closeLane(lane);
        if (result!.ok) writeFileSync(this.ready, "");
        return result!;
    }

    /** Sees to it that both clusters are set up: as they were left by an earlier run, or anew. */
    async platform(): Promise<void> {
        if (existsSync(this.ready)) {
            await labUp({ lab: this.lab, onProgress: this.progress });
            return;
        }
        const result = await this.platformTrial(plain("platform", true));
        if (!result.ok) throw new Error(`The clusters cannot be set up: ${JSON.stringify(result, null, 2)}`);
    }

    /** Runs trials of one sequence side by side, each on a lane of its own. */
    async round(trials: readonly Trial[]): Promise<TrialResult[]> {
        await this.platform();
        const fresh = trials[0]!.sequence.startsFrom === "new";
        const lanes = fresh ? await this.newLanes(trials.length) : await this.healthyLanes(trials.length);
        const placed = trials.map((trial, i) => ({ trial, lane: lanes[i]! }));
        const results = await runTrials(placed, this.lab, this.progress);
        for (const [i, { trial, lane }] of placed.entries())
            if (results[i]!.ok && trial.sequence.endsAs === "healthy") this.free.push(lane);
            else await closeLane(lane);
        return results;
    }

    /** Lets go of every lane; the lab stays. */
    async close(): Promise<void> {
        for (const lane of this.free.splice(0)) await closeLane(lane);
    }

    private newLanes(count: number): Promise<Lane[]> {
        return inTurn(count, () => openLane(this.lab, false));
    }

    private async healthyLanes(count: number): Promise<Lane[]> {
        const lanes = this.free.splice(0, count);
        const missing = await this.newLanes(count - lanes.length);
        if (missing.length === 0) return lanes;
        const placed = missing.map((lane) => ({ trial: plain(lane.name, false), lane }));
        const wrong = (await runTrials(placed, this.lab, this.progress)).find((result) => !result.ok);
        if (wrong === undefined) return [...lanes, ...missing];
        this.free.push(...lanes);
        for (const lane of missing) await closeLane(lane);
        throw new Error(`A lane cannot be set up: ${JSON.stringify(wrong, null, 2)}`);
    }

    private get ready(): string {
        return join(labDir(this.lab), "lanes", "ready");
    }
}

/** A set-up in which nothing goes wrong. */
function plain(name: string, platform: boolean): Trial {
    return { id: `${name}/set-up`, sequence: platform ? platformSetUp : setUp, at: () => undefined, platform };
}

async function inTurn<T>(count: number, make: () => Promise<T>): Promise<T[]> {
    const made: T[] = [];
    for (let i = 0; i < count; i++) made.push(await make());
    return made;
}
