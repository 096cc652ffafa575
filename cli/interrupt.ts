/** Ctrl-C: the first one asks everything to end orderly, the second one ends it. */

/** How the process was asked to stop. */
export interface Interrupt {
    /** Aborted by the first request. */
    readonly signal: AbortSignal;
    /** Called with each request from the second on. */
    onSecond(listener: () => void): void;
    /** Stops listening. */
    dispose(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Listens for requests to stop.
 *
 * @param onFirst told once, to say what happens now
 */
export function listenForInterrupt(onFirst: () => void): Interrupt {
    const controller = new AbortController();
    const seconds: (() => void)[] = [];
    const handler = () => {
        if (controller.signal.aborted) {
            for (const listener of seconds) listener();
            return;
        }
        onFirst();
        controller.abort();
    };
    for (const name of SIGNALS) process.on(name, handler);
    return {
        signal: controller.signal,
        onSecond: (listener) => void seconds.push(listener),
        dispose: () => {
            for (const name of SIGNALS) process.off(name, handler);
        },
    };
}
