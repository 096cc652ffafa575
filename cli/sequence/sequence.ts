/**
 * From what is asked and what both sites look like to the ordered legs. Pure, and without a decision of its own: each leg's
 * plan is the program's, `decide()`, asked on the assumption that the legs before it have succeeded. Asked again after an
 * interruption, it finds the legs that are done and goes on behind them.
 */
import { assume, type AssumedStep } from "../../dr/assume.js";
import { linesOf } from "../../dr/describe.js";
import { decideSite } from "../../dr/groups/decide.js";
import { DEFAULT_GROUP, type DecisionInput, type RefusalCode } from "../../dr/model.js";
import { editedConfig, missingEdits, stateEdits, stateOf, type Asked } from "./config.js";
import { askedOf, decideWith, goalsOf, otherSite, type Goal } from "./goals.js";
import { isFinished, recordedHandover } from "./finished.js";
import type { Leg, Refused, Request, Sequence, Unclear, World } from "./model.js";

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
            if (leg.done) continue;
            if (leg.plan !== undefined) warnings.push(...linesOf(leg.plan, (plan) => plan.warnings));
            assumes = [...assumes, ...stepsOf(leg)];
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
    const { input: seen } = world[goal.site]!;
    const config = configBefore(goal.site, world, before);
    const asked = editedConfig(config, goal.edits);
    const edits = missingEdits(config, goal.edits);
    const awaitsPrevious = goal.awaitsPrevious === true && before.at(-1)?.done === false;
    const parallel = goal.withPrevious === true || awaitsPrevious ? [before.length - 1] : [];
    const { site, action, why, groups } = goal;
    const earlier = before.findLast((each) => each.site === site)?.allEdits ?? [];
    const allEdits = [...earlier, ...edits];
    const afterStaging = goal.afterStaging === true;
    const leg = { site, action, why, groups, edits, allEdits, asked, parallel, awaitsPrevious, afterStaging, assumes };
    if (goal.passed === true) return [{ ...leg, edits: [], allEdits: earlier, done: true }];
    if (action === "destroy") return [{ ...leg, done: false }];
    const settled = goal.always !== true && edits.length === 0;
    if (settled && assumes.length === 0 && recordedHandover({ ...seen, intent: asked.intent }))
        return [{ ...leg, done: true }];
    const assumed = assume(seen, assumes);
    if (assumed.kind === "unassumable")
        return { kind: "refused", refusal: assumed.refusal, site: assumed.step.site, assumes: assumes.slice(0, -1) };
    const input: DecisionInput = { ...assumed.input, intent: asked.intent };
    const decision = decideSite(input);
    if (decision.kind === "refusal") return { kind: "refused", refusal: decision, site, assumes };
    const first: Leg = { ...leg, plan: decision, done: settled && isFinished(input, decision) };
    const withdraws = decision.groups.some((plan) => plan.operation === "withdraw-handover");
    return withdraws ? [first, promotionAfter(first, input)] : [first];
}

/** A handover is withdrawn by one `up` and the promotion is another: see `Plan.operation`. */
function promotionAfter(withdrawal: Leg, input: DecisionInput): Leg {
    const after = assume(input, stepsOf(withdrawal));
    const decision =
        after.kind === "assumed" ? decideSite({ ...after.input, intent: withdrawal.asked.intent }) : undefined;
    return {
        ...withdrawal,
        edits: [],
        parallel: [],
        awaitsPrevious: false,
        afterStaging: false,
        why: "promotes, now that the handover is withdrawn",
        plan: decision?.kind === "plan" ? decision : undefined,
        done: false,
    };
}

/** A stack's config once the legs before have made their edits. */
function configBefore(site: string, world: World, before: readonly Leg[]): Asked {
    return before.findLast((leg) => leg.site === site && !leg.done)?.asked ?? askedOf(world, site);
}

/** What a leg makes of its site, by group where it moves some of them only. */
function stepsOf({ site, action, asked: { intent }, groups }: Leg): AssumedStep[] {
    if (action === "destroy") return [{ site, state: "destroyed" }];
    if (intent.teardown) return [{ site, state: "teardown" }];
    const states = new Map((groups ?? allGroups(intent)).map((group) => [group, stateOf(intent, group)!]));
    const [first] = states.values();
    const alike = groups === undefined && [...states.values()].every((state) => state === first);
    if (alike) return [{ site, state: first! }];
    return [...states].map(([group, state]) => ({ site, group, state }));
}

function allGroups({ groups }: Asked["intent"]): string[] {
    return [DEFAULT_GROUP, ...(groups ?? []).map((group) => group.name)];
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
    const group = "group" in request ? request.group : undefined;
    const known = sites.flatMap((site) => allGroups(world[site]!.input.intent));
    if (group !== undefined && !known.includes(group))
        return unclear(`There is no group ${group}. Groups are: ${[...new Set(known)].join(", ")}.`);
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
    if (request.operation !== "failover") return refused;
    const codes = refused.refusal.refusals.map((refusal) => refusal.code);
    const from = otherSite(world, request.to);
    if (codes.includes("OWN_UNREACHABLE") && refused.site === from)
        return {
            ...asSeenFrom(refused, request.to, world),
            hint: `If ${from} is lost, and cannot serve any more: rbd-dr failover --to ${request.to} --disaster --lost ${from}`,
        };
    return codes.some((code) => NEEDS_FAILBACK.has(code))
        ? { ...refused, hint: `To give up ${request.to}'s copy and move there: rbd-dr failback --to ${request.to}` }
        : refused;
}

/** Refusals of a failover behind which there is a copy that has to be given up first. */
const NEEDS_FAILBACK: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
    "BOTH_PRIMARY_USE_RESYNC",
    "OWN_SPLIT_BRAIN_USE_RESYNC",
    "PEER_SPLIT_BRAIN",
]);

/** A site that does not answer, in the words of the other one, which can do something about it. */
function asSeenFrom(refused: Refused, site: string, world: World): Refused {
    const decision = decideWith(world, site, stateEdits(askedOf(world, site), "primary"));
    return decision.kind === "refusal" ? { ...refused, refusal: decision, site } : refused;
}
