/** What many wait for at once is looked at once. */

/**
 * Lets callers share looks without ever being given an old one: whoever asks while a look is under way gets the next one,
 * which begins when that one has ended.
 *
 * @param look looks; its error reaches all who share it
 */
export function sharedLook<T>(look: () => Promise<T>): () => Promise<T> {
    let underWay: Promise<unknown> = Promise.resolve();
    let next: Promise<T> | undefined;
    return () => {
        next ??= underWay.then(() => {
            const started = look();
            next = undefined;
            underWay = started.catch(() => undefined);
            return started;
        });
        return next;
    };
}

/** Lets callers join a wait that is under way: it ends with a look that is newer than any of them needs. */
export function joined<T>(wait: () => Promise<T>): () => Promise<T> {
    let underWay: Promise<T> | undefined;
    return () => (underWay ??= wait().finally(() => (underWay = undefined)));
}
