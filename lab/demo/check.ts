/** Data is the judge: reads every acknowledged write back from the image on a site. */
import Table from "cli-table3";
import chalk from "chalk";
import type { SiteName } from "../paths.js";
import { readSite } from "../site.js";
import { ackLogPath, verify } from "../writer/index.js";
import { imageOf } from "../program/images.js";

/** What one move came to. */
export interface Leg {
    readonly title: string;
    readonly to: SiteName;
    /** Seconds from the last write on the old site to the first on the new one. */
    readonly rto?: number;
    /** Seconds of acknowledged writes that are gone. */
    readonly rpo: number;
    readonly acknowledged: number;
    readonly found: number;
    readonly lost: number;
}

/** The volume of the demo, as in the stack files' default. */
export const DEMO_VOLUME = "default/rbd-pvc";

export function ackLogOf(lab: string): string {
    return ackLogPath(lab, DEMO_VOLUME);
}

/** Reads back every acknowledged write on `site`. */
export async function checkWrites(lab: string, title: string, site: SiteName, rto: number | undefined): Promise<Leg> {
    const info = readSite(lab, site);
    const ref = await imageOf(info, DEMO_VOLUME);
    const report = await verify(info, ref, ackLogOf(lab));
    return {
        title,
        to: site,
        rto,
        rpo: report.lossSeconds,
        acknowledged: report.acknowledged,
        found: report.found,
        lost: report.lost.length,
    };
}

/** The summary at the demo's end. */
export function summary(legs: readonly Leg[]): string {
    const table = new Table({
        head: ["move", "to", "RTO", "RPO", "writes acknowledged", "found", "lost"],
        style: { head: [], border: [] },
    });
    for (const leg of legs)
        table.push([
            leg.title,
            leg.to,
            leg.rto === undefined ? "?" : `${leg.rto.toFixed(1)} s`,
            `${leg.rpo.toFixed(1)} s`,
            leg.acknowledged,
            leg.found,
            leg.lost === 0 ? chalk.green("0") : chalk.red(String(leg.lost)),
        ]);
    return table.toString();
}
