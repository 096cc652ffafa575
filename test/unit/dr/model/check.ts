/** One walk from start to judgement. */
import fc from "fast-check";
import { recover } from "./planner.js";
import { kindsOf, perform, performText, PLACES, say } from "./commands.js";
import { newWalk, STARTS, type Start, type Walk } from "./walk.js";

/** All that makes a walk. */
export interface Given {
    readonly commands: readonly number[];
    /** Which kinds of commands they are drawn from. */
    readonly kinds: number;
    readonly start: Start;
    /** Commands, as their texts, that come before the drawn ones. */
    readonly first?: readonly string[];
    readonly peerContext: boolean;
    readonly images: boolean;
    readonly recover: number;
}

/** Share of walks that are followed by the way back: it takes many `up`s. */
const RECOVER_ONE_IN = 40;

/**
 * Walks to draw from.
 *
 * @param fixed what all of them have in common
 */
export function given(fixed: Partial<Given> = {}): fc.Arbitrary<Given> {
    return fc
        .record({
            commands: fc.array(fc.nat(PLACES - 1), { minLength: 5, maxLength: 40, size: "max" }),
            kinds: fc.oneof(fc.constant(-1), fc.integer(), fc.integer()),
            start: fc.constantFrom(...STARTS, "running" as const),
            peerContext: fc.nat(7).map((n) => n !== 0),
            images: fc.boolean(),
            recover: fc.nat(RECOVER_ONE_IN * 2 - 1),
        })
        .map((g) => ({ ...g, ...fixed }));
}

function begin(g: Given): Walk {
    // Two first deployments that cannot see each other can only be told apart by people (docs/adr/0002).
    return newWalk(g.start, { peerContext: g.peerContext || g.start === "empty", images: g.images });
}

/**
 * Walks.
 *
 * @returns what went wrong, as the commands that led there; undefined when nothing did
 */
export function walk(g: Given): string | undefined {
    const state = begin(g);
    const kinds = kindsOf(g.kinds);
    if (state.w.violations.length > 0) return tell(g, 0, state.w.violations);
    for (const text of g.first ?? []) {
        performText(state, text);
        if (state.w.violations.length > 0) return tell(g, 0, state.w.violations);
    }
    for (let i = 0; i < g.commands.length; i++) {
        perform(state, kinds, g.commands[i]!);
        if (state.w.violations.length > 0) return tell(g, i + 1, state.w.violations);
    }
    // Whoever made one volume primary by hand and left the other has to mend that by hand (docs/adr/0002).
    const byHand = state.w.beyondTexts || state.w.asked[0] !== state.w.asked[1];
    if (g.recover > 1 || byHand) return undefined;
    const { healthy, log } = recover(state, g.recover, picker(g.commands));
    if (state.w.violations.length > 0) return tell(g, g.commands.length, [...log, ...state.w.violations]);
    return healthy ? undefined : tell(g, g.commands.length, ["the way back does not lead home:", ...log]);
}

function tell(g: Given, upTo: number, what: readonly string[]): string {
    const sight = `peer ${g.peerContext ? "can" : "cannot"} be looked at, images ${g.images ? "are" : "are not"} seen`;
    return [
        `start: ${g.start}; ${sight}`,
        ...(g.first ?? []),
        ...g.commands.slice(0, upTo).map((place) => say(kindsOf(g.kinds), place)),
        "=>",
        ...what,
    ].join("\n");
}

/** Choices that depend on the walk alone, so that a failing one fails again. */
function picker(commands: readonly number[]): (n: number) => number {
    let state = commands.reduce((a, b) => (Math.imul(a, 31) + b) | 0, 7) || 1;
    return (n) => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return (state >>> 0) % n;
    };
}
