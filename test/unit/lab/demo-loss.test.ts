/** A disaster's loss as the demo judges it: the report may promise no more than was kept. */
import { describe, expect, test } from "@jest/globals";
import type { Account } from "../../../lab/demo/ledger.js";
import { warningsOf } from "../../../lab/demo/narrator.js";
import { judgeLoss, reportedLoss } from "../../../lab/demo/loss.js";

const VOLUME = "default/rbd-pvc";
const ack = (seq: number, at: string) => ({ seq, at, site: "cluster1" });
const account = (lost: ReturnType<typeof ack>[], before?: ReturnType<typeof ack>): Account => ({
    acknowledged: 10,
    found: 10 - lost.length,
    newlyLost: lost,
    lossSeconds: 0,
    lastBeforeLoss: before,
});
const report = { since: "2026-01-01T00:00:10.000Z", seconds: 30 };

describe("reading the report", () => {
    const text = `warning: ${VOLUME}: writes since 2026-01-01T00:00:10.000Z may be lost, at most 30 s`;

    test("takes the time, and counts to the moment of the report", () => {
        expect(reportedLoss(text, VOLUME, Date.parse("2026-01-01T00:00:40Z"))).toEqual(report);
    });

    test("says nothing of another volume, or where no sync is known", () => {
        expect(reportedLoss(text, "default/other")).toBeUndefined();
        expect(reportedLoss(`${VOLUME}: it is not known when it was last synced`, VOLUME)).toBeUndefined();
    });
});

test("of a run's warnings, those about Pulumi's own plugins are left out, and each is said once", () => {
    const text = `Diagnostics:\n    warning: using pulumi-resource-kubernetes from $PATH\n    warning: ${VOLUME}: lost\n    warning: ${VOLUME}: lost\n`;
    expect(warningsOf(text)).toEqual([`${VOLUME}: lost`]);
});

describe("judging it", () => {
    test("writes newer than the reported time may be missing", () => {
        const verdict = judgeLoss(
            report,
            account([ack(5, "2026-01-01T00:00:11Z")], ack(4, "2026-01-01T00:00:09.500Z")),
        );
        expect(verdict).toEqual({ nothingOlder: true, slackSeconds: 0 });
    });

    test("writes that survived from after the reported time say by how much the report claimed too much", () => {
        const verdict = judgeLoss(
            report,
            account([ack(5, "2026-01-01T00:00:14Z")], ack(4, "2026-01-01T00:00:10.400Z")),
        );
        expect(verdict).toEqual({ nothingOlder: true, slackSeconds: 0.4 });
    });

    test("one that is older may not", () => {
        const verdict = judgeLoss(report, account([ack(3, "2026-01-01T00:00:09Z"), ack(5, "2026-01-01T00:00:11Z")]));
        expect(verdict.nothingOlder).toBe(false);
    });
});
