/** The contenders of a run. */
import type { SiteName } from "../../lab/index.js";
import { parallelFlag } from "../../many-volumes.js";
import type { Arena, Contender } from "./contender.js";
import { byHand } from "./by-hand.js";
import type { ContenderName } from "./names.js";
import { Ours } from "./ours.js";
import { raw } from "./raw.js";

/** Makes the contenders; nothing is set up yet. Our stacks come first in any case, as they bring Ceph and Rook together. */
export function contendersOf(names: readonly ContenderName[], arena: Arena): { stacks: Ours; contenders: Contender[] } {
    const ours = new Ours(arena);
    const parallel = parallelFlag(ours.volumes.length);
    const up = ["up", "--yes", "--skip-preview", ...parallel] as const;
    const disaster = (_lost: string, to: SiteName) => ours.command(to, ...up);
    const all: Readonly<Record<ContenderName, () => Contender>> = {
        "by-hand": () => byHand(arena),
        raw: () => raw(arena),
        ours: () =>
            ours.contender("ours", (from, to) => [ours.command(from, ...up), ours.command(to, ...up)], { disaster }),
        "ours-together": () =>
            ours.contender("ours-together", (from, to) => [[ours.command(from, ...up), ours.command(to, ...up)]], {
                disaster,
            }),
        "ours-previewed": () =>
            ours.contender(
                "ours-previewed",
                (from, to) =>
                    [from, to].flatMap((stack) => [
                        ours.command(stack, "preview", ...parallel),
                        ours.command(stack, ...up),
                    ]),
                { disaster },
            ),
        "rbd-dr": () =>
            ours.contender("rbd-dr", (_, to) => [ours.rbdDr("failover", "--to", to, "--yes")], {
                flips: false,
                disaster: (lost, to) => ours.rbdDr("failover", "--to", to, "--disaster", "--lost", lost, "--yes"),
            }),
    };
    return { stacks: ours, contenders: names.map((name) => all[name]()) };
}
