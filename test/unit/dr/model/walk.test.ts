/**
 * The model check: whatever people, faults and time do, in any order, no promotion of ours makes a second primary or drops
 * an acknowledged write that nobody gave up by name, no resync starts without a primary to copy from, and the texts of the
 * refusals always lead back. Whether it would notice if it were not so: mutants.test.ts.
 *
 * RBD_DR_WALKS sets the number of walks, RBD_DR_SEED the seed. A failing walk prints as commands.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { given, walk, type Given } from "./check.js";
import { kindsOf, KINDS, PLACES, say } from "./commands.js";

const WALKS = Number(process.env["RBD_DR_WALKS"] ?? 100_000);
const SEED = Number(process.env["RBD_DR_SEED"] ?? 20_260_301);

test(
    `${WALKS} walks keep the invariants, and the texts lead back`,
    () => {
        fc.assert(
            fc.property(given(), (g) => {
                const wrong = walk(g);
                if (wrong !== undefined) throw new Error(wrong);
            }),
            { numRuns: WALKS, seed: SEED, reporter: (run) => expect(run.failed ? explain(run) : "").toBe("") },
        );
    },
    10 * 60_000,
);

/** The smallest failing walk, as commands. */
function explain(run: fc.RunDetails<[Given]>): string {
    const g = run.counterexample?.[0];
    return `seed ${run.seed}, path ${run.counterexamplePath}\n${g === undefined ? "" : walk(g)}`;
}

test("the walks go where it matters: every kind of command is drawn", () => {
    const all = KINDS.flatMap(({ arity, text }) => Array.from({ length: arity }, (_, arg) => text(arg)));
    const drawn = new Set(
        fc.sample(fc.nat(PLACES - 1), { numRuns: 20_000, seed: SEED }).map((p) => say(kindsOf(-1), p)),
    );
    expect(drawn).toEqual(new Set(all));
});
