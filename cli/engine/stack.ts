/** One site's stack: its config, its outputs, its checkpoint, and the runs of pulumi on it. */
import * as automation from "@pulumi/pulumi/automation/index.js";
import { join } from "node:path";
import { parseConfig, type SiteConfig } from "../../config.js";
import { readOutputs, type ReadStack } from "../../observe/outputs.js";
import { CliError } from "../errors.js";
import type { EventBus } from "../events.js";
import { PulumiError, type Pulumi, type PulumiRun } from "./pulumi.js";
import { completeConfig, readStackFile, type ProjectFile } from "./stack-config.js";

/** What a run on a stack may be given. */
export interface RunOptions {
    readonly onEvent?: (event: automation.EngineEvent) => void;
    /** Its first abort is Ctrl-C to pulumi: the step at hand is ended, and no other begun. */
    readonly signal?: AbortSignal;
    /** Another file in place of the stack's own. */
    readonly configFile?: string;
    /** Variables for this run alone. */
    readonly env?: Readonly<Record<string, string>>;
}

/** What a stack is opened from. */
export interface StackArgs {
    readonly name: string;
    readonly dir: string;
    readonly file: ProjectFile;
    readonly pulumi: Pulumi;
    readonly workspace: automation.LocalWorkspace;
    readonly bus: EventBus;
}

/** Secret keys whose values nothing outside of the program needs. */
const NOT_NEEDED = ["externalCephAdminKey"];

/** A site's stack. */
export class SiteStack {
    private constructor(
        private readonly args: StackArgs,
        private readonly automated: automation.Stack,
    ) {}

    /** Opens a stack; whether the backend has it is not asked. */
    static async open(args: StackArgs): Promise<SiteStack> {
        return new SiteStack(args, await automation.Stack.select(args.name, args.workspace));
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
        const stack = await readStackFile(this.configFile, file.name);
        const hidden = Object.fromEntries(stack.secret.map((key) => [key, "[secret]"]));
        const opaque = !stack.imports && stack.secret.every((key) => NOT_NEEDED.includes(key));
        const raw = opaque ? { ...stack.plain, ...hidden } : await this.decryptedConfig();
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

    private async decryptedConfig(): Promise<Record<string, string>> {
        const prefix = `${this.args.file.name}:`;
        const all = await this.automated.getAllConfig();
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

    /** Runs pulumi on this stack; `--stack` is added. */
    run(args: readonly string[], options: RunOptions = {}): Promise<PulumiRun> {
        const { pulumi, dir } = this.args;
        return pulumi.run([...args, "--stack", this.name], dir, options.env, undefined, undefined, options.signal);
    }
}
