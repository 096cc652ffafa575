/** One running worker.py: a connection to a cluster as one user, and the questions that it has not answered yet. */
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { CephError } from "../ceph-error.js";

const PROGRAM = fileURLToPath(new URL("./worker.py", import.meta.url));

/** How a worker is run. */
export interface WorkerOptions {
    /** A Python that has librbd's binding. */
    readonly python: string;
    /** A ceph.conf without anything site specific, so that the machine's own is not read. */
    readonly confFile: string;
    /** Ends it at once. */
    readonly signal: AbortSignal;
}

/** Who connects to which cluster. */
export interface Login {
    /** Comma-separated monitor addresses. */
    readonly monitors: string;
    readonly user: string;
    readonly key: string;
}

/** A function of questions.py, and its arguments. */
export interface Question {
    /** Who refuses it, when it is refused. */
    readonly about: "rbd" | "rados";
    readonly ask: string;
    readonly with: Readonly<Record<string, unknown>>;
}

interface Waiting {
    readonly about: Question["about"];
    readonly resolve: (answer: unknown) => void;
    readonly reject: (error: Error) => void;
}

interface Answer {
    readonly id: number;
    readonly answer?: unknown;
    readonly errno?: number;
    readonly said?: string;
    readonly last?: boolean;
}

/** Answers questions until it is retired, or ends. */
export class Worker {
    readonly #process;
    readonly #waiting = new Map<number, Waiting>();
    #asked = 0;
    #usable = true;

    /** Starts a worker: it connects meanwhile. */
    constructor(
        readonly login: Login,
        { python, confFile, signal }: WorkerOptions,
    ) {
        this.#process = execa(python, [PROGRAM, confFile], {
            reject: false,
            buffer: false,
            stdin: "pipe",
            stderr: "inherit",
            env: { CEPH_ARGS: undefined, CEPH_CONF: undefined },
            cancelSignal: signal,
            forceKillAfterDelay: 1000,
        });
        // Whoever waits is told when it ends: that a line could not be written says nothing more.
        this.#process.stdin.on("error", () => undefined);
        this.#write(login);
        void this.#serve();
    }

    /** False once it has ended, or its connection is of no more use. */
    get usable(): boolean {
        return this.#usable;
    }

    /**
     * Asks; there is no time limit, as librbd has none.
     * @throws CephError for what Ceph refuses
     * @throws Error when the worker ends before it has answered
     */
    async ask(question: Question): Promise<unknown> {
        const id = this.#asked++;
        return new Promise((resolve, reject) => {
            this.#waiting.set(id, { about: question.about, resolve, reject });
            this.#write({ id, ask: question.ask, with: question.with });
        });
    }

    /** Lets it answer what it was asked, and end. */
    retire(): void {
        this.#usable = false;
        if (this.#waiting.size === 0) this.#process.stdin.end();
    }

    #write(line: object): void {
        this.#process.stdin.write(`${JSON.stringify(line)}\n`);
    }

    async #serve(): Promise<void> {
        for await (const line of this.#process) this.#take(line);
        const { shortMessage } = await this.#process;
        this.#usable = false;
        const why = new Error(`the connection to Ceph has ended: ${shortMessage ?? "worker.py ended by itself"}`);
        for (const { reject } of this.#waiting.values()) reject(why);
        this.#waiting.clear();
    }

    #take(line: string): void {
        const { id, answer, errno, said = "", last } = this.#read(line);
        const waiting = this.#waiting.get(id);
        this.#waiting.delete(id);
        if (errno === undefined) waiting?.resolve(answer);
        else waiting?.reject(new CephError(waiting.about, errno, said));
        if (last || !this.#usable) this.retire();
    }

    /** A line that is none of worker.py's leaves a question without its answer: all who wait have to be told. */
    #read(line: string): Answer {
        try {
            return JSON.parse(line) as Answer;
        } catch {
            this.#process.kill("SIGKILL");
            return { id: -1 };
        }
    }
}
