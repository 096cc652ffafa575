/** Brings the processes of one pod to what they should be, one step after the other. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "../api/client.js";
import { listProcesses, startProcess, stopProcess, type ProcessInfo, type ProcessSpec } from "../process.js";
import { Backoff } from "./backoff.js";
import { clearPodDir, makePodDir, podDir, writeIfChanged, type PodDir, type PodOwner } from "./pod-dir.js";
import type { Prepared } from "./program.js";

/** One process that a pod should have. */
export interface Task {
    /** Name of the process: the container's, or `writer-<claim>`. */
    readonly name: string;
    /** Name of another task of the pod that this one cannot do without. */
    readonly needs?: string;
    /** VolumeAttachment that must outlive the process. */
    readonly attachment?: string;
    prepare(dirs: PodDir): Promise<Prepared>;
    /** Called at every sync while the process runs. */
    refresh?(dirs: PodDir): Promise<void>;
}

/** What a pod should have; undefined tasks of a worker mean that the pod is gone. */
export interface PodTasks {
    readonly owner: PodOwner;
    readonly tasks: readonly Task[];
}

/** Name of the file that keeps the VolumeAttachments of a pod's writers across restarts of the agent. */
export const ATTACHMENTS_FILE = "attachments.json";
/** Time that a process has to end by itself, as a pod with a grace period of ten seconds would. */
const STOP_MS = 10_000;

/** A process that starts before the one it needs was started has lost its connection to it; clocks agree to this. */
const CLOCK_SLACK_MS = 500;

/** Owner of one pod's folder. Its syncs never overlap; a wish that comes meanwhile is served right after. */
export class PodWorker {
    private wanted: PodTasks | undefined;
    private running: Promise<void> | undefined;
    private again = false;
    private readonly backoffs = new Map<string, Backoff>();
    private readonly alive = new Set<string>();
    private readonly said = new Map<string, string>();

    /**
     * @param runDir the site's `run` folder
     * @param pod namespace and name; the uid may change over the worker's life
     * @param onIdle called after each sync
     */
    constructor(
        private readonly runDir: string,
        private readonly pod: { namespace: string; name: string },
        private readonly log: (message: string) => void,
        private readonly onIdle: () => void,
    ) {}

    /** Asks for a sync towards these tasks; returns at once. */
    want(tasks: PodTasks | undefined): void {
        this.wanted = tasks;
        if (this.running) {
            this.again = true;
            return;
        }
        this.running = this.sync()
            .catch((error: unknown) => this.say("pod", `failed: ${describeError(error)}`))
            .finally(() => {
                this.running = undefined;
                if (this.again) {
                    this.again = false;
                    this.want(this.wanted);
                } else this.onIdle();
            });
    }

    private async sync(): Promise<void> {
        const wanted = this.wanted;
        const owner = await this.readOwner();
        if (owner && owner.uid !== wanted?.owner.uid) {
            await this.stopAll(owner, wanted ? "a new pod of the same name took its place" : "its pod is gone");
        }
        if (!wanted) return;
        if (wanted.tasks.length === 0 && !owner) return;
        const dirs = await this.ownDir(wanted.owner, owner);
        await this.noteAttachments(dirs, wanted);
        const processes = this.processes(dirs);
        const names = new Set(wanted.tasks.map((task) => task.name));
        await Promise.all(
            [...processes.values()]
                .filter((process) => !names.has(process.name))
                .map((process) => this.stop(process, "its pod no longer asks for it")),
        );
        await Promise.all(wanted.tasks.map((task) => this.ensure(task, dirs, processes)));
    }

    private async ensure(task: Task, dirs: PodDir, processes: ReadonlyMap<string, ProcessInfo>): Promise<void> {
        try {
            const own = processes.get(task.name);
            const needed = task.needs ? processes.get(task.needs) : undefined;
            if (own && own.state !== "dead") {
                if (needed?.since && own.since && own.since.getTime() < needed.since.getTime() - CLOCK_SLACK_MS) {
                    await this.stop(own, `${task.needs} was restarted`);
                } else {
                    if (!this.alive.has(task.name)) this.say(task.name, `runs already, pid ${own.pid}`);
                    this.alive.add(task.name);
                    await task.refresh?.(dirs);
                    return;
                }
            }
            await this.start(task, dirs);
        } catch (error) {
            this.say(task.name, `${describeError(error)}; trying again`);
        }
    }

    private async start(task: Task, dirs: PodDir): Promise<void> {
        const backoff = this.backoffs.get(task.name) ?? new Backoff();
        this.backoffs.set(task.name, backoff);
        if (this.alive.delete(task.name)) {
            const pause = backoff.ended(Date.now());
            this.say(
                task.name,
                `ended by itself (see ${dirs.dir}/${task.name}.log); starts again in ${pause / 1000} s`,
            );
        }
        if (!backoff.mayStart(Date.now())) return;
        const prepared = await task.prepare(dirs);
        if ("wait" in prepared) {
            this.say(task.name, `waits for ${prepared.wait}`);
            return;
        }
        await this.launch(prepared.spec, task.name);
        backoff.started(Date.now());
    }

    private async launch(spec: ProcessSpec, name: string): Promise<void> {
        const pid = await startProcess(spec);
        this.alive.add(name);
        this.say(name, `started, pid ${pid}`);
    }

    private async stopAll(owner: PodOwner, why: string): Promise<void> {
        const { dir } = podDir(this.runDir, owner);
        await Promise.all(listProcesses(dir).map((process) => this.stop(process, why)));
        await clearPodDir(this.runDir, owner);
        this.backoffs.clear();
        this.alive.clear();
    }

    private async stop(process: ProcessInfo, why: string): Promise<void> {
        this.alive.delete(process.name);
        const started = Date.now();
        if (process.state !== "dead") this.say(process.name, `stopping, pid ${process.pid}: ${why}`);
        await stopProcess(process.dir, process.name, { timeoutMs: STOP_MS });
        if (process.state !== "dead") this.say(process.name, `stopped after ${Date.now() - started} ms`);
    }

    private processes({ dir }: PodDir): Map<string, ProcessInfo> {
        return new Map(listProcesses(dir).map((process) => [process.name, process]));
    }

    private async ownDir(wanted: PodOwner, owner: PodOwner | undefined): Promise<PodDir> {
        return owner?.uid === wanted.uid ? podDir(this.runDir, wanted) : await makePodDir(this.runDir, wanted);
    }

    private async noteAttachments({ dir }: PodDir, wanted: PodTasks): Promise<void> {
        const names = wanted.tasks.flatMap((task) => task.attachment ?? []);
        if (names.length > 0) await writeIfChanged(join(dir, ATTACHMENTS_FILE), JSON.stringify(names));
    }

    private async readOwner(): Promise<PodOwner | undefined> {
        const { dir } = podDir(this.runDir, { ...this.pod, uid: "" });
        const text = await readFile(join(dir, "pod.json"), "utf8").catch(() => undefined);
        return text === undefined ? undefined : (JSON.parse(text) as PodOwner);
    }

    /** Logs a line, unless it was the last one said of this name: a wait of minutes is one line. */
    private say(name: string, message: string): void {
        if (this.said.get(name) === message) return;
        this.said.set(name, message);
        this.log(`${this.pod.namespace}/${this.pod.name} ${name}: ${message}`);
    }
}
