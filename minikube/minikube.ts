/** The minikube CLI, typed. Every call is idempotent on minikube's side; no call goes through a shell. */
import { PROFILE_NOT_FOUND, MinikubeError } from "./errors.js";
import type { MinikubeEvent } from "./events.js";
import { isStatusBits, parseProfileList, parseStatus, type ClusterStatus, type Profile } from "./profile.js";
import { quote } from "../host/shell.js";
import { runMinikube, type RunOptions } from "./run.js";
import { startArgs } from "./start-args.js";
import type { MinikubeSettings } from "./config.js";

export interface MinikubeOptions {
    /** Environment on top of this process's own. */
    readonly env?: Readonly<Record<string, string>>;
    /** Called for each event of start, stop and delete. */
    readonly onEvent?: (event: MinikubeEvent) => void;
}

/** A shut-down or removal of a whole cluster takes a minute or two; a hung one must not hang the program. */
const REMOVE_MS = 10 * 60_000;

/** The CLI of the minikube on PATH. All methods throw {@link MinikubeError}. */
export class Minikube {
    constructor(private readonly options: MinikubeOptions = {}) {}

    /** Version of the CLI, for example `1.38.1`. */
    async version(): Promise<string> {
        const { stdout } = await this.run(["version", "--output=json"]);
        const { minikubeVersion } = JSON.parse(stdout) as { minikubeVersion: string };
        return minikubeVersion.replace(/^v/, "");
    }

    /** All profiles with a readable config. Light: the whole list fails when one profile of anybody's is damaged. */
    async profiles(): Promise<Profile[]> {
        const { stdout } = await this.run(["profile", "list", "--output=json", "--light"]);
        return parseProfileList(stdout);
    }

    /** One profile; undefined when there is none of that name. */
    async profile(name: string): Promise<Profile | undefined> {
        return (await this.profiles()).find((p) => p.name === name);
    }

    /** Whether the cluster runs. */
    async status(profile: string): Promise<ClusterStatus> {
        const { stdout, exitCode } = await this.run(["status", `--profile=${profile}`, "--output=json"], {
            accept: (code) => isStatusBits(code) || code === PROFILE_NOT_FOUND,
        });
        if (exitCode === PROFILE_NOT_FOUND) return { state: "absent", nodes: [], complaints: [] };
        return parseStatus(stdout, exitCode);
    }

    /** Creates the cluster, or starts what is there. */
    async start(settings: MinikubeSettings): Promise<void> {
        await this.run(startArgs(settings), { timeoutMs: settings.startTimeout * 1000 });
    }

    /**
     * Has minikube check what `start` would do, without doing it.
     * It needs a driver that works, and leaves an event log behind: give it a MINIKUBE_HOME of its own.
     */
    async dryRun(settings: MinikubeSettings): Promise<void> {
        await this.run([...startArgs(settings), "--dry-run"]);
    }

    /** Stops the cluster and keeps its disks. A profile that does not exist is stopped. */
    async stop(profile: string): Promise<void> {
        await this.run(["stop", `--profile=${profile}`, "--output=json"], {
            timeoutMs: REMOVE_MS,
            accept: (code) => code === PROFILE_NOT_FOUND,
        });
    }

    /** Deletes the cluster with all its data. A profile that does not exist is deleted. */
    async delete(profile: string): Promise<void> {
        await this.run(["delete", `--profile=${profile}`, "--output=json"], { timeoutMs: REMOVE_MS });
    }

    /** Address of the control plane's node. The cluster must run. */
    async ip(profile: string): Promise<string> {
        const { stdout } = await this.run(["ip", `--profile=${profile}`]);
        return stdout.trim();
    }

    /**
     * Runs a program on a node.
     *
     * @param command program and arguments; each arrives as it is, whatever is in it
     * @returns what it wrote to stdout
     */
    async ssh(profile: string, command: readonly string[], timeoutMs = 60_000): Promise<string> {
        // minikube joins the words with blanks and has the node's shell read them.
        const { stdout } = await this.run(["ssh", `--profile=${profile}`, "--", ...command.map(quote)], { timeoutMs });
        return stdout;
    }

    private run(args: readonly string[], options: Omit<RunOptions, "env" | "onEvent"> = {}) {
        return runMinikube(args, { ...options, env: this.options.env, onEvent: this.options.onEvent });
    }
}

export { MinikubeError };
