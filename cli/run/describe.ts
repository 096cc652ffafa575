/** A sequence in words: what is confirmed before it begins, and what `--dry-run` and `preview` begin with. */
import { formatAssumption } from "../../dr/assume.js";
import { describeSitePlan, describeSiteRefusal } from "../../dr/describe.js";
import type { Edit, Leg, Operation, Refused, Sequence } from "../sequence/model.js";

const TITLES: Readonly<Record<Operation, string>> = {
    up: "set both sites up as config has them",
    failover: "planned failover",
    disaster: "forced failover after a disaster",
    failback: "failback",
    resync: "resync",
    destroy: "take both sites down",
};

/** What an operation is called, with its target. */
export function titleOf({ request }: Sequence): string {
    const target = "to" in request ? ` to ${request.to}` : "site" in request ? ` of ${request.site}` : "";
    const group = "group" in request && request.group !== undefined ? `, group ${request.group} only` : "";
    const lost = request.operation === "disaster" ? `, ${request.lost} is declared lost` : "";
    return `${TITLES[request.operation]}${target}${group}${lost}`;
}

/** The whole sequence: title, legs with edits and plans, warnings. */
export function describeSequence(sequence: Sequence): string {
    const legs = sequence.legs.map((leg, i) => describeLeg(sequence, leg, i));
    return [titleOf(sequence), ...legs, ...describeWarnings(sequence)].join("\n");
}

/** What to weigh before it begins. */
export function describeWarnings({ warnings }: Sequence): string[] {
    return warnings.map((line) => `warning: ${line}`);
}

/** One leg: what it is for, the edits, what the program decides, and on what assumption. */
export function describeLeg({ legs }: Sequence, leg: Leg, index: number): string {
    const partners = leg.parallel.filter((i) => i !== index).map((i) => i + 1);
    const when = leg.afterStaging ? "once all claims are bound by" : "at the same time as";
    const beside = partners.length === 0 ? "" : `, ${when} ${partners.join(", ")}`;
    const head = `${index + 1}. ${leg.site}: ${leg.why}${beside}${leg.done ? " (done already)" : ""}`;
    if (leg.done) return head;
    const edits = leg.edits.map((edit) => `     config: ${describeEdit(edit)}`);
    const plan = leg.plan === undefined ? [] : [planText(leg.plan)];
    const run = `     pulumi ${leg.action} -s ${leg.site}`;
    const assumed =
        leg.assumes.length === 0 || legs.length === 1
            ? []
            : [`     decided on the assumption that ${formatAssumption(leg.assumes)} has succeeded`];
    return [head, ...edits, run, ...plan, ...assumed].join("\n");
}

/** The program's own words, without what it would tell a person to type next: that is what the sequence does. */
function planText(plan: NonNullable<Leg["plan"]>): string {
    return describeSitePlan({ ...plan, groups: plan.groups.map((each) => ({ ...each, next: [] })) }).replace(
        /^/gm,
        "     ",
    );
}

/** An edit of a config key. */
export function describeEdit({ key, value }: Edit): string {
    return value === undefined ? `${key} removed` : `${key} = ${value}`;
}

/** A refusal, with what it rests on and what `rbd-dr` can do instead. */
export function describeRefused({ refusal, site, assumes, hint }: Refused): string {
    const rests =
        assumes.length === 0
            ? []
            : [
                  `This is of ${site}, after ${formatAssumption(assumes)}, which has not been begun. Nothing was touched.`,
              ];
    return [describeSiteRefusal(refusal), ...rests, ...(hint === undefined ? [] : [hint])].join("\n");
}
