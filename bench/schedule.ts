/** Which contender runs when: every round has all of them, and each round begins with another one. */

/** One contender's turn: a failover and a failback. */
export interface Turn<Name extends string = string> {
    /** From 1. */
    readonly round: number;
    readonly contender: Name;
}

/** All turns, in order. No contender always profits from a warm cache, or always suffers from a busy neighbour. */
export function schedule<Name extends string>(contenders: readonly Name[], rounds: number): Turn<Name>[] {
    return Array.from({ length: rounds }, (_, i) => i).flatMap((i) =>
        contenders.map((_, k) => ({ round: i + 1, contender: contenders[(i + k) % contenders.length]! })),
    );
}
