/** Many who may not all go at once: they go in turns. */

/** Lets at most so many through at a time. */
export interface Turns {
    /** Waits for a turn: it begins when all of the one before it are done. */
    readonly enter: () => Promise<void>;
    /** Says that one who was let through is done. */
    readonly leave: () => void;
}

/**
 * Makes turns of so many. Those of a turn begin together, so that they can share what they look at.
 *
 * @param size the most that go in one turn
 */
export function turnsOf(size: number): Turns {
    const waiting: (() => void)[] = [];
    let going = 0;
    const next = (): void => {
        if (going > 0) return;
        const turn = waiting.splice(0, size);
        going = turn.length;
        for (const go of turn) go();
    };
    return {
        enter: () =>
            new Promise((resolve) => {
                waiting.push(resolve);
                // Whoever comes at the same moment is of the same turn.
                setImmediate(next);
            }),
        leave: () => {
            going--;
            next();
        },
    };
}
