/** A previewed operation as one page of text, and as data. */
import { formatAssumption } from "../../dr/assume.js";
import { describeLeg, describeWarnings, titleOf } from "../run/describe.js";
import type { Sequence } from "../sequence/model.js";
import type { ResourceChange } from "./changes.js";
import type { LegPreview } from "./preview.js";

const SIGNS: Readonly<Record<string, string>> = { create: "+", update: "~", delete: "-" };

/** The page: verdict and warnings on top, then each leg with its diff. */
export function previewPage(sequence: Sequence, previews: readonly LegPreview[]): string {
    const left = sequence.legs.filter((leg) => !leg.done).length;
    const verdict =
        left === 0
            ? "Verdict: nothing is left to do."
            : `Verdict: no guard refuses any of the ${left} ${left === 1 ? "step" : "steps"}. Nothing has been touched.`;
    const assumed = sequence.legs.some((leg) => leg.assumes.length > 0)
        ? [
              "A step after the first is previewed on the assumption that those before it have succeeded. Whether they do shows only",
              "when they are done: each step decides again, from what is there then.",
          ]
        : [];
    const legs = previews.map((preview, i) =>
        ["", describeLeg(sequence, preview.leg, i), ...diffOf(preview)].join("\n"),
    );
    return [titleOf(sequence), "", verdict, ...describeWarnings(sequence), ...assumed, ...legs].join("\n");
}

function diffOf({ leg, changes, after }: LegPreview): string[] {
    if (leg.done) return [];
    if (leg.action === "destroy") return ["     everything of the stack goes, but what Pulumi is told to retain"];
    const against = after === undefined ? "" : ` (after step ${after + 1})`;
    if (changes === undefined || changes.length === 0) return [`     no resource changes${against}`];
    return [`     changes${against}:`, ...changes.flatMap(changeLines)];
}

function changeLines({ op, kind, name, fields }: ResourceChange): string[] {
    return [
        `       ${SIGNS[op] ?? op} ${kind} ${name}`,
        ...fields.map(
            (field) => `           ${field.path}: ${field.old ?? "(not set)"} -> ${field.new ?? "(removed)"}`,
        ),
    ];
}

/** The same as data. */
export function previewData(sequence: Sequence, previews: readonly LegPreview[]): unknown {
    return {
        operation: sequence.request,
        verdict: sequence.legs.every((leg) => leg.done) ? "done" : "allowed",
        warnings: sequence.warnings,
        legs: previews.map(({ leg, changes, after }) => ({
            stack: leg.site,
            action: leg.action,
            why: leg.why,
            done: leg.done,
            edits: leg.edits,
            assumes: formatAssumption(leg.assumes),
            plan: leg.plan?.groups.map(({ group, operation, replicationState, workload, volumes }) => ({
                group,
                operation,
                replicationState,
                workload,
                volumes: volumes.map(({ key, summary, lossWindow }) => ({ key, summary, lossWindow })),
            })),
            comparedWithLeg: after,
            changes,
        })),
    };
}
