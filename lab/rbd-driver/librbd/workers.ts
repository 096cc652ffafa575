import { pythonWithRbd } from "../../agent/programs/python.js";
import { Worker, type Login, type Question } from "./worker.js";

/** The driver's connections to Ceph: one a cluster and user, opened by the first question. */
export class Workers {
    readonly #workers = new Map<string, Worker>();

    /**
     * @param confFile a ceph.conf without anything site specific, so that the machine's own is not read
     * @param signal ends all workers
     * @param python finds a Python that has librbd's binding
     */
    constructor(
        private readonly confFile: string,
        private readonly signal: AbortSignal,
        private readonly python: () => Promise<string> = pythonWithRbd,
    ) {}

    /**
     * Asks as a user of a cluster.
     * @throws CephError for what Ceph refuses
     * @throws Error when the worker ends before it has answered, or cannot be started
     */
    async ask(login: Login, question: Question): Promise<unknown> {
        return this.#workerFor(login, await this.python()).ask(question);
    }

    /** A worker that has ended is replaced, and so is one that logged in with another key. */
    #workerFor(login: Login, python: string): Worker {
        const place = `${login.monitors} ${login.user}`;
        const known = this.#workers.get(place);
        if (known?.usable && known.login.key === login.key) return known;
        known?.retire();
        const worker = new Worker(login, { python, confFile: this.confFile, signal: this.signal });
        this.#workers.set(place, worker);
        return worker;
    }
}
