/** The contenders of a run. */
import type { Arena, Contender } from "./contender.js";
import { byHand } from "./by-hand.js";
import type { ContenderName } from "./names.js";
import { Ours } from "./ours.js";
import { raw } from "./raw.js";

/** Makes the contenders; nothing is set up yet. Our stacks come first in any case, as they bring Ceph and Rook together. */
export function contendersOf(names: readonly ContenderName[], arena: Arena): { stacks: Ours; contenders: Contender[] } {
    const ours = new Ours(arena);
    const all: Readonly<Record<ContenderName, () => Contender>> = {
        "by-hand": () => byHand(arena),
        raw: () => raw(arena),
        ours: () => ours.contender("ours", (from, to) => [ours.up(from), ours.up(to)]),
        "ours-together": () => ours.contender("ours-together", (from, to) => [[ours.up(from), ours.up(to)]]),
        "ours-previewed": () =>
            ours.contender("ours-previewed", (from, to) =>
                [from, to].flatMap((stack) => [ours.preview(stack), ours.up(stack)]),
            ),
        "rbd-dr": () =>
            ours.contender("rbd-dr", (_, to) => [ours.rbdDr("failover", "--to", to, "--yes")], {
                flips: false,
                disaster: (lost, to) => ours.rbdDr("failover", "--to", to, "--disaster", "--lost", lost, "--yes"),
            }),
    };
    return { stacks: ours, contenders: names.map((name) => all[name]()) };
}
