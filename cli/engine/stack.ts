/** One site's stack: its config, its outputs, its checkpoint, and the runs of pulumi on it. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { join } from "node:path";
import { z } from "zod";
import { parseConfig, type SiteConfig } from "../../config.js";
import { readOutputs, type ReadStack } from "../../observe/outputs.js";
import { engineEnvironment, operationsAtOnce, parallelFlag } from "../../many-volumes.js";
import type { VolumeKey } from "../../dr/model.js";
import { CliError } from "../errors.js";
import type { EventBus } from "../events.js";
import type { AutomatedStack } from "./automation.js";
import { PulumiError, type Pulumi, type PulumiRun } from "./pulumi.js";
import { completeConfig, readStackFile, type ProjectFile } from "./stack-config.js";

/** What a run on a stack may be given. */
export interface RunOptions {
    readonly onEvent?: (event: EngineEvent) => void;
    /** Its first abort is Ctrl-C to pulumi: the step at hand is ended, and no other begun. */
    readonly signal?: AbortSignal;
    /** Another file in place of the stack's own. */
    readonly configFile?: string;
    /** Variables for this run alone. */
    readonly env?: Readonly<Record<string, string>>;
}

/** How pulumi runs on a stack. */
export interface EngineRun extends Pick<RunOptions, "onEvent" | "signal"> {
    /** The leg of a sequence that it is, for the record. */
    readonly leg?: number;
    /** The volumes that there are, for as many operations at once; none by default, which is pulumi's own choice. */
    readonly volumes?: readonly VolumeKey[];
}

/** What a stack is opened from. */
export interface StackArgs {
    readonly name: string;
    readonly dir: string;
    readonly file: ProjectFile;
    readonly pulumi: Pulumi;
    readonly bus: EventBus;
}

/** Secret keys whose values nothing outside of the program needs. */
const NOT_NEEDED = ["externalCephAdminKey"];

/** An edit of a stack's config. */
export interface ConfigEdit {
    readonly key: string;
    /** Absent where the key is removed. */
    readonly value?: string;
}

const checkpointSchema = z.looseObject({
    deployment: z.looseObject({
        pending_operations: z
            .array(z.looseObject({ type: z.string(), resource: z.looseObject({ urn: z.string() }) }))
            .nullish(),
    }),
});

/** What `pulumi config --json` prints. */
const configSchema = z.record(z.string(), z.object({ value: z.string().default("") }));

/** A site's stack. */
export class SiteStack {
    private automated?: Promise<AutomatedStack>;

    /** Whether the backend has the stack is not asked. */
    constructor(private readonly args: StackArgs) {}

    /**
     * Gets ready for runs that change something: what they need is then not loaded between two legs of a move, in which no
     * application runs.
     *
     * @throws CliError where there is no pulumi, or one that does not fit
     */
    async prepare(): Promise<void> {
        await this.automatedIn({});
    }

    /** Name of the stack, and of the site. */
    get name(): string {
        return this.args.name;
    }

    /** Path of the stack's file. */
    get configFile(): string {
        return join(this.args.dir, `Pulumi.${this.name}.yaml`);
    }

    /**
     * The stack's config, checked as the program checks it. Secrets are not decrypted unless something here needs one.
     *
     * @throws CliError with everything that is wrong in it
     */
    async config(): Promise<SiteConfig> {
        const { file, name } = this.args;
        const raw = await this.rawConfig();
        try {
            return parseConfig(completeConfig(raw, file), {
                project: file.name,
                organization: "organization",
                stack: name,
            });
        } catch (error) {
            throw new CliError("usage", (error as Error).message, { cause: error });
        }
    }

    /** Groups to which config gives a state of their own; the others follow the stack's. */
    async pinnedGroups(): Promise<string[]> {
        const groups = z
            .record(z.string(), z.looseObject({ replicationState: z.string().optional() }))
            .safeParse(JSON.parse((await this.rawConfig())["groups"] ?? "{}"));
        if (!groups.success) return [];
        return Object.entries(groups.data).flatMap(([name, { replicationState }]) => (replicationState ? [name] : []));
    }

    private async rawConfig(): Promise<Readonly<Record<string, string>>> {
        const stack = await readStackFile(this.configFile, this.args.file.name);
        const hidden = Object.fromEntries(stack.secret.map((key) => [key, "[secret]"]));
        const opaque = !stack.imports && stack.secret.every((key) => NOT_NEEDED.includes(key));
        return opaque ? { ...stack.plain, ...hidden } : this.decryptedConfig();
    }

    private async decryptedConfig(): Promise<Record<string, string>> {
        const prefix = `${this.args.file.name}:`;
        const { stdout } = await this.run(["config", "--show-secrets", "--json"]);
        const all = configSchema.parse(JSON.parse(stdout));
        return Object.fromEntries(
            Object.entries(all).flatMap(([key, { value }]) =>
                key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
            ),
        );
    }

    /** The stack's last outputs, as the other stack's program reads them. */
    async outputs(): Promise<ReadStack> {
        try {
            const { stdout } = await this.run(["stack", "output", "--json", "--show-secrets"]);
            return readOutputs(JSON.parse(stdout) as Record<string, unknown>);
        } catch (error) {
            if (error instanceof PulumiError && /no stack named .* found/i.test(error.run.stderr))
                return { state: { found: "none" } };
            throw error;
        }
    }

    /**
     * Edits the stack's file as a person does, by `pulumi config`, which keeps comments.
     *
     * @param edits in order; without a value the key is removed
     */
    async edit(edits: readonly ConfigEdit[], leg?: number): Promise<void> {
        for (const { key, value } of edits) {
            const args = value === undefined ? ["rm", key] : ["set", key, value];
            await this.recorded(["config", ...args, ...(key.includes(".") ? ["--path"] : [])], leg);
            this.args.bus.emit({ type: "config", stack: this.name, key, value, ...atLeg(leg) });
        }
    }

    /** `pulumi up`, without a preview: what it does has been decided and confirmed. */
    up(run?: EngineRun): Promise<void> {
        return this.carryOut("up", run);
    }

    /** `pulumi destroy`. */
    destroy(run?: EngineRun): Promise<void> {
        return this.carryOut("destroy", run);
    }

    /** `pulumi preview`; changes nothing. */
    async preview(options: RunOptions & Pick<EngineRun, "volumes"> = {}): Promise<void> {
        const stack = await this.automatedIn(options.env ?? {});
        await stack.preview({
            onEvent: options.onEvent,
            signal: options.signal,
            parallel: operationsAtOnce(options.volumes?.length ?? 0),
            ...(options.configFile === undefined ? {} : { configFile: options.configFile }),
        });
    }

    /** Takes the stack's lock away, which only a run that is dead may have left. */
    async cancel(): Promise<void> {
        await this.recorded(["cancel", "--yes"]);
    }

    /** `pulumi stack init`, without selecting it. */
    async create(): Promise<void> {
        const args = ["stack", "init", this.name, "--no-select"];
        this.args.bus.emit({ type: "command", argv: ["pulumi", ...args] });
        await this.args.pulumi.run(args, this.args.dir);
    }

    /** URNs of creates that a run began and did not write down, though the objects may be there. */
    async pendingCreates(): Promise<string[]> {
        const { stdout } = await this.run(["stack", "export"]);
        const { deployment } = checkpointSchema.parse(JSON.parse(stdout));
        return (deployment.pending_operations ?? [])
            .filter((operation) => operation.type === "creating")
            .map((operation) => operation.resource.urn);
    }

    /** Forgets pending creates of resources that a later `up` has adopted; only those are looked at. */
    async clearPendingCreates(urns: readonly string[]): Promise<void> {
        const targets = urns.flatMap((urn) => ["--target", urn]);
        await this.recorded(["refresh", "--yes", "--skip-preview", "--clear-pending-creates", ...targets]);
    }

    private async carryOut(
        action: "up" | "destroy",
        { leg, onEvent, signal, volumes = [] }: EngineRun = {},
    ): Promise<void> {
        this.record([action, "--yes", "--skip-preview", ...parallelFlag(volumes.length)], leg);
        const stack = await this.automatedIn(engineEnvironment(volumes.length));
        await stack[action]({ onEvent, signal, parallel: operationsAtOnce(volumes.length) });
    }

    /** The Automation API's stack, in an environment that has this besides. */
    private automatedIn(env: Readonly<Record<string, string>>): Promise<AutomatedStack> {
        return Object.keys(env).length === 0 ? (this.automated ??= automate(this.args)) : automate(this.args, env);
    }

    private async recorded(args: readonly string[], leg?: number): Promise<void> {
        this.record(args, leg);
        await this.run(args);
    }

    /** Tells what a person would type. */
    private record(args: readonly string[], leg?: number): void {
        this.args.bus.emit({ type: "command", argv: ["pulumi", ...args, "--stack", this.name], ...atLeg(leg) });
    }

    /** Runs pulumi on this stack; `--stack` is added. */
    run(args: readonly string[], options: RunOptions = {}): Promise<PulumiRun> {
        const { pulumi, dir } = this.args;
        return pulumi.run([...args, "--stack", this.name], dir, options.env, undefined, undefined, options.signal);
    }
}

function atLeg(leg: number | undefined): { leg?: number } {
    return leg === undefined ? {} : { leg };
}

/** See automation.ts for why it is imported so late. */
async function automate(args: StackArgs, env?: Readonly<Record<string, string>>): Promise<AutomatedStack> {
    return (await import("./automation.js")).automate(args, env);
}
