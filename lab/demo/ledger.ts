/** What was acknowledged against what is there, over several disasters: a loss that was declared once is not a new one later. */
import type { ImageRef } from "../../dr/model.js";
import type { SiteName } from "../paths.js";
import { readSite } from "../site.js";
import { ackLogPath, verify } from "../writer/index.js";
import { imageOf } from "../program/images.js";
import { readAcks, type Ack } from "./acks.js";

/** The volume of the demo, as in the stack files' default. */
export const DEMO_VOLUME = "default/rbd-pvc";

/** What one look at a site's image found. */
export interface Account {
    /** All writes that the application was told are safe. */
    readonly acknowledged: number;
    readonly found: number;
    /** Those that are missing and were not missing at the look before. */
    readonly newlyLost: readonly Ack[];
    /** Seconds from the first of the newly lost writes to the last; 0 when there is none. An outage before is no loss. */
    readonly lossSeconds: number;
    /** The newest write that survived of those older than the first newly lost one. */
    readonly lastBeforeLoss?: Ack;
}

/** Keeps account of one volume. */
export class Ledger {
    private readonly known = new Set<number>();

    constructor(
        private readonly lab: string,
        readonly volume = DEMO_VOLUME,
    ) {}

    /** Path of the volume's acknowledgement log. */
    get log(): string {
        return ackLogPath(this.lab, this.volume);
    }

    /** All acknowledged writes so far. */
    acks(): Promise<Ack[]> {
        return readAcks(this.log);
    }

    /**
     * Reads every acknowledged write back from the copy on `site`.
     *
     * @param ref the image, where its claim is gone; by default it is found by the claim
     */
    async check(site: SiteName, ref?: ImageRef): Promise<Account> {
        const info = readSite(this.lab, site);
        const report = await verify(info, ref ?? (await imageOf(info, this.volume)), this.log);
        const missing = new Set(report.lost);
        const acks = await this.acks();
        const newlyLost = acks.filter((ack) => missing.has(ack.seq) && !this.known.has(ack.seq));
        for (const ack of newlyLost) this.known.add(ack.seq);
        const first = newlyLost[0];
        const lastBeforeLoss = first && acks.findLast((ack) => !missing.has(ack.seq) && ack.at <= first.at);
        return {
            acknowledged: report.acknowledged,
            found: report.found,
            newlyLost,
            lossSeconds: secondsOfLoss(newlyLost),
            ...(lastBeforeLoss === undefined ? {} : { lastBeforeLoss }),
        };
    }
}

function secondsOfLoss(lost: readonly Ack[]): number {
    const times = lost.map((ack) => Date.parse(ack.at));
    return times.length === 0 ? 0 : (Math.max(...times) - Math.min(...times)) / 1000;
}
