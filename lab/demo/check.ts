/** Data is the judge: reads every acknowledged write back from the image on a site. */
import Table from "cli-table3";
import chalk from "chalk";
import type { SiteName } from "../paths.js";
import type { Account, Ledger } from "./ledger.js";
import type { LossVerdict, ReportedLoss } from "./loss.js";

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
    /** Writes that this move cost. */
    readonly lost: number;
    /** What the program said beforehand would be lost, and whether that was so; of a move without `lostSite` nothing may be. */
    readonly declared?: { readonly report: ReportedLoss; readonly verdict: LossVerdict };
}

/** Reads back every acknowledged write on `site`. */
export async function checkWrites(
    ledger: Ledger,
    title: string,
    site: SiteName,
    rto: number | undefined,
): Promise<Leg & { readonly account: Account }> {
    const account = await ledger.check(site);
    return {
        title,
        to: site,
        rto,
        rpo: account.lossSeconds,
        acknowledged: account.acknowledged,
        found: account.found,
        lost: account.newlyLost.length,
        account,
    };
}

/** Whether a move kept what it promised: no loss, or none that was not declared. */
export function keptItsWord(leg: Leg): boolean {
    if (leg.declared === undefined) return leg.lost === 0;
    return leg.declared.verdict.nothingOlder && leg.rpo <= leg.declared.report.seconds;
}

/** The summary at the demo's end. */
export function summary(legs: readonly Leg[]): string {
    const disaster = legs.some((leg) => leg.declared !== undefined);
    const table = new Table({
        head: [
            "move",
            "to",
            "RTO",
            ...(disaster ? ["RPO reported"] : []),
            disaster ? "RPO measured" : "RPO",
            "writes acknowledged",
            "found",
            "lost by this move",
        ],
        style: { head: [], border: [] },
    });
    for (const leg of legs)
        table.push([
            leg.title,
            leg.to,
            leg.rto === undefined ? "?" : `${leg.rto.toFixed(1)} s`,
            ...(disaster ? [reportedOf(leg)] : []),
            `${leg.rpo.toFixed(1)} s`,
            leg.acknowledged,
            leg.found,
            lostOf(leg),
        ]);
    return table.toString();
}

function reportedOf({ declared }: Leg): string {
    return declared === undefined ? "none" : `at most ${declared.report.seconds.toFixed(1)} s`;
}

function lostOf(leg: Leg): string {
    if (leg.lost === 0) return chalk.green("0");
    return keptItsWord(leg) ? chalk.yellow(`${leg.lost}, as declared`) : chalk.red(String(leg.lost));
}
