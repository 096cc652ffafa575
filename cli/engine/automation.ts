/**
 * Pulumi's Automation API, and with it Pulumi's SDK: loading it takes longer than a look at both sites. Nothing else in `cli/`
 * imports more of the SDK than types, and this file is imported when pulumi is to carry something out, not before.
 */
import * as automation from "@pulumi/pulumi/automation/index.js";
import { COMMAND, notThere, type Pulumi } from "./pulumi.js";

/** A stack as the Automation API has it, as far as it is used here. */
export type AutomatedStack = Pick<automation.Stack, "up" | "destroy" | "preview">;

/** The version of the CLI, once it has been found to fit: the one on PATH stays the same for as long as this process runs. */
let version: Promise<automation.PulumiCommand["version"]> | undefined;

/**
 * The Automation API's stack.
 *
 * @param env what runs on it see beside the environment of this process
 * @throws CliError where there is no pulumi, or one that does not fit
 */
export async function automate(
    stack: { readonly name: string; readonly dir: string; readonly pulumi: Pulumi },
    env: Readonly<Record<string, string>> = {},
): Promise<AutomatedStack> {
    const workspace = await automation.LocalWorkspace.create({
        workDir: stack.dir,
        pulumiCommand: await commandOf(stack.pulumi),
        envVars: { ...env },
    });
    const automated = await automation.Stack.select(stack.name, workspace);
    // After each run it would ask the CLI three times for outputs and history: seconds between two legs of a move, in
    // which no application runs, for what nobody reads.
    return Object.assign(automated, { outputs: () => Promise.resolve({}), info: () => Promise.resolve(undefined) });
}

/** Our pulumi as the Automation API wants it; its class there has a private constructor, and only `run` is called. */
async function commandOf(pulumi: Pulumi): Promise<automation.PulumiCommand> {
    version ??= automation.PulumiCommand.get().then((found) => found.version);
    const found = await version.catch((error: unknown) => {
        throw notThere(error instanceof Error ? error.message.split("\n")[0]! : String(error));
    });
    const command = { command: COMMAND, version: found, run: pulumi.run.bind(pulumi) };
    return command as unknown as automation.PulumiCommand;
}
