/**
 * From what is asked and what both sites look like to the ordered legs. Pure, and without a decision of its own: each leg's
 * plan is the program's, `decide()`, asked on the assumption that the legs before it have succeeded. Asked again after an
 * interruption, it finds the legs that are done and goes on behind them.
 */
import { assume, type AssumedStep } from "../../dr/assume.js";
import { decide } from "../../dr/decide.js";
import type { DecisionInput, Plan } from "../../dr/model.js";
import { editedIntent, goalsOf, otherSite, type Goal } from "./goals.js";
import { isFinished, recordedHandover } from "./finished.js";
import type { Edit, Leg, Refused, Request, Sequence, Unclear, World } from "./model.js";

/** Makes the sequence, or says why there is none. */
export function sequence(request: Request, world: World): Sequence | Refused | Unclear {
    const unclear = checkRequest(request, world);
    if (unclear !== undefined) return unclear;
    const legs: Leg[] = [];
    const warnings: string[] = [];
    let assumes: AssumedStep[] = [];
    for (const goal of goalsOf(request, world)) {
        const made = legOf(goal, world, assumes, legs);
        if ("kind" in made) return explain(made, request, world);
        legs.push(...made);
        for (const leg of made) {
            warnings.push(...(leg.done ? [] : (leg.plan?.warnings ?? [])));
            if (!leg.done) assumes = [...assumes, stepOf(leg)];
        }
    }
    return { kind: "sequence", request, legs: withPartners(legs), warnings: [...new Set(warnings)] };
}

/** Whether nothing is left to do. */
export function isDone({ legs }: Sequence): boolean {
    return legs.every((leg) => leg.done);
}

function legOf(goal: Goal, world: World, steps: readonly AssumedStep[], before: readonly Leg[]): Leg[] | Refused {
    // A leg that runs beside the one before it cannot rest on it.
    const assumes = goal.withPrevious === true ? steps.slice(0, -1) : steps;
    const known = world[goal.site]!;
    const config = configBefore(goal.site, known.input.intent, before);
    const intent = editedIntent(config, goal.edits);
    const edits = missingEdits(config, goal.edits);
    const parallel = goal.withPrevious === true ? [before.length - 1] : [];
    const leg = { site: goal.site, action: goal.action, edits, intent, why: goal.why, parallel, assumes };
    if (goal.passed === true) return [{ ...leg, edits: [], done: true }];
    if (goal.action === "destroy") return [{ ...leg, done: false }];
    if (
        goal.always !== true &&
        edits.length === 0 &&
        assumes.length === 0 &&
        recordedHandover({ ...known.input, intent })
    )
        return [{ ...leg, done: true }];
    const assumed = assume(known.input, assumes);
    if (assumed.kind === "unassumable")
        return { kind: "refused", refusal: assumed.refusal, site: assumed.step.site, assumes: assumes.slice(0, -1) };
    const input: DecisionInput = { ...assumed.input, intent };
    const decision = decide(input);
    if (decision.kind === "refusal") return { kind: "refused", refusal: decision, site: goal.site, assumes };
    const done = goal.always !== true && edits.length === 0 && isFinished(input, decision);
    const first: Leg = { ...leg, plan: decision, done };
    return decision.operation === "withdraw-handover" ? [first, promotionAfter(first, input)] : [first];
}

/** A handover is withdrawn by one `up` and the promotion is another: see `Plan.operation`. */
function promotionAfter(withdrawal: Leg, input: DecisionInput): Leg {
    const after = assume(input, [{ site: withdrawal.site, state: "primary" }]);
    const decision = after.kind === "assumed" ? decide({ ...after.input, intent: withdrawal.intent }) : undefined;
    const plan: Plan | undefined = decision?.kind === "plan" ? decision : undefined;
    return { ...withdrawal, edits: [], why: "promotes, now that the handover is withdrawn", plan, done: false };
}

/** A stack's config once the legs before have made their edits. */
function configBefore(site: string, intent: DecisionInput["intent"], before: readonly Leg[]): DecisionInput["intent"] {
    return before.findLast((leg) => leg.site === site && !leg.done)?.intent ?? intent;
}

function missingEdits(config: DecisionInput["intent"], edits: readonly Edit[]): Edit[] {
    return edits.filter(({ key, value }) =>
        key === "teardown" ? String(config.teardown) !== value : config[key] !== value,
    );
}

function stepOf(leg: Leg): AssumedStep {
    if (leg.action === "destroy") return { site: leg.site, state: "destroyed" };
    return { site: leg.site, state: leg.intent.teardown ? "teardown" : leg.intent.replicationState };
}

/** Makes "at the same time" hold both ways. */
function withPartners(legs: readonly Leg[]): Leg[] {
    return legs.map((leg, i) => {
        const others = legs.flatMap((other, j) => (other.parallel.includes(i) ? [j] : []));
        return { ...leg, parallel: [...new Set([...leg.parallel, ...others])] };
    });
}

function checkRequest(request: Request, world: World): Unclear | undefined {
    const sites = Object.keys(world);
    const unclear = (message: string): Unclear => ({ kind: "unclear", message });
    const named = request.operation === "resync" ? request.site : "to" in request ? request.to : undefined;
    if (named !== undefined && !sites.includes(named))
        return unclear(`${named} is neither of the sites ${sites.join(" and ")}.`);
    if (request.operation === "disaster" && request.lost !== otherSite(world, request.to))
        return unclear(
            `The site that is lost and the one to fail over to must be the two sites ${sites.join(" and ")}; given were --lost ${request.lost} and --to ${request.to}.`,
        );
    if (request.operation === "destroy") return undefined;
    const doomed = sites.filter((site) => world[site]!.input.intent.teardown);
    return doomed.length === 0
        ? undefined
        : unclear(
              `${doomed.join(" and ")}: config says teardown: true. A site that is being taken down takes no part in this. Keep it: ` +
                  doomed.map((site) => `pulumi config set teardown false -s ${site}`).join(" && "),
          );
}

/** Adds what `rbd-dr` itself would do about a refusal, and shows the refusal that helps most. */
function explain(refused: Refused, request: Request, world: World): Refused {
    const { code } = refused.refusal;
    if (request.operation === "failover") {
        const from = otherSite(world, request.to);
        if (code === "OWN_UNREACHABLE" && refused.site === from)
            return {
                ...asSeenFrom(refused, request.to, world),
                hint: `If ${from} is lost, and cannot serve any more: rbd-dr failover --to ${request.to} --disaster --lost ${from}`,
            };
        if (["BOTH_PRIMARY_USE_RESYNC", "OWN_SPLIT_BRAIN_USE_RESYNC", "PEER_SPLIT_BRAIN"].includes(code))
            return {
                ...refused,
                hint: `To give up ${request.to}'s copy and move there: rbd-dr failback --to ${request.to}`,
            };
    }
    return refused;
}

/** A site that does not answer, in the words of the other one, which can do something about it. */
function asSeenFrom(refused: Refused, site: string, world: World): Refused {
    const { input } = world[site]!;
    const decision = decide({ ...input, intent: { ...input.intent, replicationState: "primary" } });
    return decision.kind === "refusal" ? { ...refused, refusal: decision, site } : refused;
}
