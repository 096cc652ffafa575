/** A disaster's loss: what the program said before it acted, against what turned out to be missing. */
import type { Account } from "./ledger.js";

/** What preview and `up` say of one volume's loss. */
export interface ReportedLoss {
    /** RFC 3339: writes since then may be lost. */
    readonly since: string;
    /** Upper bound in seconds, as of the report. */
    readonly seconds: number;
}

/** A line of `describeLossWindow` in the text of a pulumi run; undefined when it says nothing of the volume, or no time. */
export function reportedLoss(text: string, volume: string, at = Date.now()): ReportedLoss | undefined {
    const since = new RegExp(`${volume}: writes since (\\S+) may be lost`).exec(text)?.[1];
    return since === undefined ? undefined : { since, seconds: (at - Date.parse(since)) / 1000 };
}

/** The report held against the truth. */
export interface LossVerdict {
    /** No write from before the reported time is missing: the report promised no more than was kept. */
    readonly nothingOlder: boolean;
    /** Seconds after the reported time from which writes survived all the same: by so much the report claimed too much loss. */
    readonly slackSeconds: number;
}

/** Judges a report. Times are of one clock here: the lab is one machine. */
export function judgeLoss(reported: ReportedLoss, account: Account): LossVerdict {
    const since = Date.parse(reported.since);
    const kept = account.lastBeforeLoss;
    return {
        nothingOlder: account.newlyLost.every((ack) => Date.parse(ack.at) > since),
        slackSeconds: kept === undefined ? 0 : Math.max(0, (Date.parse(kept.at) - since) / 1000),
    };
}
