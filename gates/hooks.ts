/** Config's commands round a flip, run without a shell, each once, in the order of the flip. */
import * as pulumi from "@pulumi/pulumi";
import { execa } from "execa";
import type { SiteConfig } from "../config.js";
import type { Hook, Hooks } from "../config-volumes.js";
import type { Plan, VolumeKey } from "../dr/model.js";

/** Where the hooks of one plan are called from; a call waits for the command, and throws when it fails. */
export interface FlipHooks {
    /** Before the first workload is stopped. */
    readonly beforeStop: () => Promise<void>;
    /**
     * When a volume is out of use: resolves once all of the plan are, and `afterStop` has run. No VR changes before that.
     *
     * @param outOfUse resolves when this volume is; its failure fails all
     */
    readonly afterStop: (key: VolumeKey, outOfUse: Promise<void>) => Promise<void>;
    /** After the VRs have been promoted, before the first workload is started. */
    readonly beforeStart: () => Promise<void>;
    /** After the last workload was started. */
    readonly afterStart: () => Promise<void>;
}

/** Grace between the request to end and the end, in milliseconds. */
const KILL_AFTER = 5_000;

/** Variables that hold the stack's secrets: no business of a command that is run for the application's sake. */
const SECRET_VARIABLES = ["PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS", "PULUMI_CONFIG_PASSPHRASE"];

/** The hooks of a plan; those that it does not run, or config does not have, do nothing. */
export function flipHooks(config: SiteConfig, plan: Plan): FlipHooks {
    const runs = (hook: keyof Hooks, when: Plan["hooks"]) =>
        once(async () => {
            const command = plan.hooks === when ? config.hooks[hook] : undefined;
            if (command !== undefined) await runHook(hook, command, environment(config, plan, hook));
        });
    const beforeStop = runs("beforeStop", "stop");
    const afterStop = runs("afterStop", "stop");
    const beforeStart = runs("beforeStart", "start");
    const afterStart = runs("afterStart", "start");
    const leaving = plan.volumes.filter((v) => v.vr !== undefined && v.vr.replicationState !== "primary");
    const waits = new Map<VolumeKey, Promise<void>>();
    let settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
    const all = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
    // Nobody may be listening, as where there is no hook; then it is no failure of its own.
    all.catch(() => undefined);
    return {
        beforeStop,
        afterStop: async (key, outOfUse) => {
            // It may fail while the hook before still runs: it is waited for below.
            outOfUse.catch(() => undefined);
            await beforeStop();
            if (plan.hooks !== "stop" || config.hooks.afterStop === undefined) return outOfUse;
            waits.set(key, outOfUse);
            outOfUse.catch((error: unknown) => settle?.reject(error));
            if (waits.size === leaving.length)
                Promise.all(waits.values())
                    .then(() => afterStop())
                    .then(settle?.resolve, settle?.reject);
            return all;
        },
        beforeStart,
        afterStart: async () => {
            await beforeStart();
            await afterStart();
        },
    };
}

/** The hooks that an `up` of this plan runs, in words, for a preview. */
export function describeHooks({ hooks }: SiteConfig, plan: Plan): string[] {
    const names =
        plan.hooks === "stop" ? (["beforeStop", "afterStop"] as const) : (["beforeStart", "afterStart"] as const);
    if (plan.hooks === undefined) return [];
    return names.flatMap((name) => {
        const hook = hooks[name];
        return hook === undefined ? [] : [`${name} runs ${quoted(hook)}, for at most ${hook.timeout} s`];
    });
}

/**
 * Runs one command; each line of its output is shown.
 *
 * @throws Error naming the hook, the command and how it ended
 */
export async function runHook(name: keyof Hooks, hook: Hook, env: Readonly<Record<string, string>>): Promise<void> {
    const [command, ...args] = hook.command as [string, ...string[]];
    await pulumi.log.info(`${name}: ${quoted(hook)}`);
    const child = execa(command, args, {
        env,
        extendEnv: false,
        all: true,
        reject: false,
        stdin: "ignore",
        timeout: hook.timeout * 1000,
        forceKillAfterDelay: KILL_AFTER,
    });
    let last = "";
    for await (const line of child.iterable({ from: "all" })) {
        last = line;
        await pulumi.log.info(`${name}: ${line}`);
    }
    const result = await child;
    if (result.exitCode === 0 && !result.timedOut) return;
    const how = result.timedOut
        ? `did not end within ${hook.timeout} s`
        : result.exitCode === undefined
          ? `could not be run (${result.originalMessage ?? result.shortMessage})`
          : `ended with ${result.exitCode}`;
    throw new Error(
        `The hook ${name}, ${quoted(hook)}, ${how}${last === "" ? "" : `; its last line: ${last}`}. ` +
            `The flip stops here; mend it and run the same command again, which runs the hooks of the flip again.`,
    );
}

function quoted({ command }: Hook): string {
    return command.map((arg) => (/^[\w./:=@%+-]+$/.test(arg) ? arg : JSON.stringify(arg))).join(" ");
}

function environment({ intent, access }: SiteConfig, plan: Plan, hook: keyof Hooks): Record<string, string> {
    const inherited = Object.entries(process.env).filter(
        (e): e is [string, string] => e[1] !== undefined && !SECRET_VARIABLES.includes(e[0]),
    );
    return {
        ...Object.fromEntries(inherited),
        RBD_DR_HOOK: hook,
        RBD_DR_SITE: intent.site,
        RBD_DR_PEER: intent.peer,
        RBD_DR_OPERATION: plan.operation,
        RBD_DR_VOLUMES: plan.volumes.map((v) => v.key).join(" "),
        RBD_DR_CONTEXT: access.context,
        ...(access.kubeconfig === undefined ? {} : { RBD_DR_KUBECONFIG: access.kubeconfig }),
    };
}

/** However often it is called, it runs once. */
function once(step: () => Promise<void>): () => Promise<void> {
    let running: Promise<void> | undefined;
    return () => (running ??= step());
}
