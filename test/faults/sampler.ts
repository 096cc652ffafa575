/** Watches both images of each lane all the while: at no moment may both be primary, unless a site was declared lost. */
import { setTimeout as sleep } from "node:timers/promises";
import { SITES } from "../../lab/paths.js";
import { imageSeen } from "../../lab/program/images.js";
import { readSite } from "../../lab/site.js";
import type { Lane } from "./lane.js";

/** What was seen of one lane. */
export interface Looks {
    taken: number;
    /** Looks at which one site or both did not answer. */
    unanswered: number;
    readonly breaches: string[];
}

const PAUSE_MS = 4000;

/** Looks at a lane's images until it is stopped. */
export class Sampler {
    readonly looks: Looks = { taken: 0, unanswered: 0, breaches: [] };
    private stopped = false;
    private readonly watching: Promise<void>;

    constructor(private readonly lane: Lane) {
        this.watching = this.watch();
    }

    async stop(): Promise<Looks> {
        this.stopped = true;
        await this.watching;
        return this.looks;
    }

    private async watch(): Promise<void> {
        while (!this.stopped) {
            if (this.lane.image !== undefined) await this.look(this.lane.image);
            await sleep(PAUSE_MS);
        }
    }

    private async look(image: NonNullable<Lane["image"]>): Promise<void> {
        const declared = this.lane.lost !== undefined;
        const seen = await Promise.all(
            SITES.map(async (site) => (await imageSeen(readSite(this.lane.lab, site), image))?.primary),
        );
        this.looks.taken += 1;
        if (seen.includes(undefined)) this.looks.unanswered += 1;
        // Declared before the look and after it: the declaration itself falls between two looks.
        if (seen.every((primary) => primary === true) && !declared && this.lane.lost === undefined)
            this.looks.breaches.push(`both images were primary at ${new Date().toISOString()}`);
    }
}
