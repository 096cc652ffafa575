/**
 * The model check of both stacks' `up` side by side, with `handoverWait`: the promotion is planned ahead, and whatever
 * comes in between, in any order, it makes no second primary and drops no acknowledged write.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { startUp, step } from "./stack.js";
import { KINDS } from "./commands.js";
import { newWalk, type Walk } from "./walk.js";

const WALKS = Number(process.env["RBD_DR_WALKS"] ?? 100_000) / 4;
const SEED = Number(process.env["RBD_DR_SEED"] ?? 20_260_301);

/** Faults and time; people who meddle by hand are the other walks' matter. */
const AROUND = [
    "up",
    "step",
    "kill",
    "write",
    "snapshot",
    "mirror",
    "csi",
    "pods",
    "time",
    "site",
    "link",
    "rbd-mirror",
];

interface Command {
    readonly text: string;
    readonly run: (walk: Walk) => void;
}

/** One site is to be primary and the other secondary, and both runs begin; which of them first is chance. */
const together: readonly Command[] = [0, 1, 2, 3].map((a) => {
    const [to, first] = [a & 1, a >> 1];
    return {
        text: `cluster${to + 1} is to be primary, the other secondary: pulumi up of both, that of cluster${first + 1} begins`,
        run: ({ w, stacks, sight }) => {
            [stacks[to]!.state, stacks[1 - to]!.state] = ["primary", "secondary"];
            for (const s of [first, 1 - first]) startUp(w, stacks, s, sight, true);
        },
    };
});

/** Both runs go on by turns while time passes. */
const goOn: readonly Command[] = [1, 4].map((steps) => ({
    text: `  both go on (${steps} steps), and time passes`,
    run: (walk) => {
        const { w, stacks, sight } = walk;
        for (let i = 0; i < steps; i++) for (const s of [0, 1]) step(w, stacks, s, sight);
        KINDS.find((kind) => kind.name === "time")!.run(walk, 0);
    },
}));

const COMMANDS: readonly Command[] = [
    ...Array.from({ length: 8 }, () => together).flat(),
    ...Array.from({ length: 24 }, () => goOn).flat(),
    ...KINDS.filter((kind) => AROUND.includes(kind.name)).flatMap((kind) =>
        Array.from({ length: kind.weight }, (_, i) => i % kind.arity).map((arg) => ({
            text: kind.text(arg),
            run: (walk: Walk) => kind.run(walk, arg),
        })),
    ),
];

/** How often a promotion that was planned ahead was seen to be carried out: a check that never gets there proves nothing. */
let carriedOut = 0;

test(
    `${WALKS} walks keep the invariants`,
    () => {
        const places = fc.array(fc.nat(COMMANDS.length - 1), { minLength: 5, maxLength: 40, size: "max" });
        fc.assert(
            fc.property(places, fc.boolean(), (commands, images) => {
                const walk = newWalk("running", { peerContext: true, images });
                for (const [i, place] of commands.entries()) {
                    const ahead = walk.stacks.map((stack) => stack.run?.pending === true);
                    COMMANDS[place]!.run(walk);
                    carriedOut += walk.stacks.filter((s, k) => ahead[k] && s.ended === "done" && !s.run).length;
                    if (walk.w.violations.length === 0) continue;
                    const before = commands.slice(0, i + 1).map((p) => COMMANDS[p]!.text);
                    throw new Error([...before, "=>", ...walk.w.violations].join("\n"));
                }
            }),
            { numRuns: WALKS, seed: SEED },
        );
    },
    10 * 60_000,
);

test("promotions that were planned ahead are carried out in them, often", () => {
    expect(carriedOut).toBeGreaterThan(WALKS / 40);
});
