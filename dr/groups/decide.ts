/**
 * The decision for a site of several groups: each group is decided as if it were a site of its own, and then the rules
 * between groups are applied. A refusal of any group keeps all of them where they are, so that nothing is half done.
 */
import { decide } from "../decide.js";
import { contextOf, peerServes } from "../facts.js";
import type { DecisionInput, Plan, Refusal, RefusalCode, SiteDecision } from "../model.js";
import { guardBetween, warnBetween, warnUnconfigured, type DecidedGroup } from "./guards.js";
import { splitByGroup, type GroupInput } from "./split.js";

/** Refusals that are about the site as a whole: said once, and not for each group. */
const OF_THE_SITE: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
    "PEER_IS_SELF",
    "LOST_SITE_NOT_PEER",
    "OWN_STACK_FOREIGN",
    "PEER_STACK_FOREIGN",
    "STACK_OF_OTHER_SITE",
    "OWN_UNREACHABLE",
]);

/**
 * Decides what a site's `up` does.
 *
 * @returns a plan for each group, or the refusals of all groups that refuse; never throws for a state of the world
 */
export function decideSite(input: DecisionInput): SiteDecision {
    const groups = splitByGroup(input);
    const decided = groups.map((group): DecidedGroup => ({ ...group, decision: decide(group.input) }));
    const refusals = decided.flatMap(({ decision }) => (decision.kind === "refusal" ? [decision] : []));
    const ofSite = refusals.find((r) => OF_THE_SITE.has(r.code));
    if (ofSite !== undefined) return { kind: "refusal", refusals: [{ ...ofSite, group: undefined }] };
    const between = guardBetween(input, decided);
    if (refusals.length + between.length > 0) return { kind: "refusal", refusals: merge(refusals, between) };
    return { kind: "plan", groups: plansOf(input, decided) };
}

function plansOf(input: DecisionInput, decided: readonly DecidedGroup[]): Plan[] {
    const plans = decided.flatMap(({ decision, ...group }) =>
        decision.kind === "plan" ? [{ group, plan: decision }] : [],
    );
    const built = plans.filter(({ group }) => group.configured);
    const left = plans
        .filter(({ group }) => !group.configured)
        .flatMap(({ group, plan }) => [...plan.warnings, ...warnUnconfigured(input, group)]);
    return built.map(({ group, plan }, i) => ({
        ...plan,
        lostSite: built.length < 2 ? plan.lostSite : consentUsed(group, plan),
        warnings: [...plan.warnings, ...warnBetween(input, group), ...(i === 0 ? left : [])],
    }));
}

/** A rule between groups explains better than what it leads to within one of them. */
function merge(within: readonly Refusal[], between: readonly Refusal[]): Refusal[] {
    const explained = new Set(between.map((r) => r.group));
    return [...between, ...within.filter((r) => !explained.has(r.group))];
}

/**
 * Whether the consent that `lostSite` gives has been used for a group. Groups may be moved off a lost site one after the
 * other, so one that stays keeps its consent, until the site is seen to serve again: then that disaster is over.
 */
function consentUsed({ input }: GroupInput, plan: Plan): string | undefined {
    const { lostSite } = plan;
    if (lostSite === undefined || plan.replicationState === "primary") return lostSite;
    const before = input.ownOutputs.found === "outputs" ? input.ownOutputs.outputs.lostSite : undefined;
    const over = input.peer.reach === "unknown" || peerServes(contextOf(input));
    return before === lostSite || over ? lostSite : undefined;
}
