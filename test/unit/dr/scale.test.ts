/** A decision over many volumes takes in proportion to them. */
import { expect, jest, test } from "@jest/globals";
import { contextOf } from "../../../dr/facts.js";
import { decideSite } from "../../../dr/groups/decide.js";
import { resolveAdoption } from "../../../dr/claims/resolve.js";
import { refuse } from "../../../dr/refusals.js";
import { managedWorkloads } from "../../../dr/workloads/managed.js";
import type { DecisionInput } from "../../../dr/model.js";
import { STORAGE } from "./claims/claims.js";
import { manyVolumes } from "./many.js";

jest.setTimeout(120_000);

/** Milliseconds of CPU that a whole decision takes. */
function decided(count: number): number {
    const seen = manyVolumes(count, "secondary");
    const begun = process.cpuUsage();
    const intent = resolveAdoption({ ...seen, storage: STORAGE });
    const input: DecisionInput = {
        ...seen,
        intent: { ...intent, workloads: managedWorkloads([], intent.volumes, seen.own) },
    };
    const decision = decideSite(input);
    const { user, system } = process.cpuUsage(begun);
    if (decision.kind === "refusal") throw new Error(JSON.stringify(decision).slice(0, 500));
    expect(decision.groups.flatMap((plan) => plan.volumes)).toHaveLength(count);
    expect(decision.groups.flatMap((plan) => plan.workloads)).toHaveLength(count);
    expect(contextOf(input).volumes).toHaveLength(count);
    return (user + system) / 1000;
}

test("with ten times the volumes takes far less than the square, which would be a hundred times as long", () => {
    decided(300);
    const few = Math.min(decided(300), decided(300));
    expect(decided(3000)).toBeLessThan(50 * few);
});

test("a refusal names the first of many volumes and counts the rest; what is to be typed names all", () => {
    const context = contextOf(manyVolumes(30, "secondary"));
    const { reason, seen } = refuse("PEER_BEHIND", context, context.all);
    expect(reason).toContain("data-db4-0 and 25 more: stopping");
    expect(seen).toHaveLength(11);
    expect(seen.at(-1)).toBe("and 25 more volumes: rbd-dr status shows each");
    const { next } = refuse("VOLUME_NOT_IN_CONFIG", context, context.all);
    expect(next[0]).toContain("data-db29-0");
    // Six are told as they are: "and 1 more" would not be shorter.
    expect(refuse("PEER_BEHIND", context, context.all.slice(0, 6)).reason).not.toContain("more:");
});
