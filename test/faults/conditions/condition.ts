/** Faults that begin while a step is under way, last a while, and are mended. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SiteName } from "../../../lab/paths.js";
import { kubectl } from "../../../lab/program/kubectl.js";
import type { PulumiResult } from "../../../lab/program/pulumi-cli.js";
import { readSite } from "../../../lab/site.js";
import { describeOutcome, doAsTold, readOutcome, type Outcome, type Restart } from "../operator.js";
import type { Fault, Scene, Step, StepAccount } from "../model.js";

/** What goes wrong, and how it is mended. */
export interface Condition {
    readonly name: string;
    readonly title: string;
    readonly siteWide: boolean;
    /** `start`: before the command; `under way`: when the VolumeReplication begins to change. */
    readonly from: "start" | "under way";
    /** Seconds that it lasts at most; it ends with the command in any case. */
    readonly lasts: number;
    /** @param site the site that it befalls */
    readonly inject: (scene: Scene, site: SiteName) => Promise<void>;
    readonly mend: (scene: Scene, site: SiteName) => Promise<void>;
}

/** Which of the two sites a condition befalls, as seen from the step's stack. */
export type Side = "own" | "peer";

/** Seconds between two tries of the same command, and in which it must be completed after the fault is mended. */
const PAUSE = 8;
const DEADLINE = 900;
/** Seconds that a refusal stands before a daemon is restarted as it tells: by itself it passes in half a minute. */
const STANDS = 60;

/** A condition as a row of the matrix. @param side which site it befalls at a step */
export function asFault(condition: Condition, side: (step: Step) => Side): Fault {
    return {
        name: condition.name,
        title: condition.title,
        siteWide: condition.siteWide,
        around: (scene) => underCondition(condition, side(scene.step), scene),
    };
}

async function underCondition(condition: Condition, side: Side, scene: Scene): Promise<StepAccount> {
    const site = side === "own" ? scene.step.site : other(scene.step.site);
    let injected: Promise<void> | undefined;
    const begin = () => {
        scene.onProgress(`${condition.name} on ${site}`);
        return condition.inject(scene, site);
    };
    const inject = () => (injected ??= begin());
    if (condition.from === "start") await inject();
    const run = scene.command({
        mayFail: true,
        onEvent: (event) => {
            if (event.phase === "pre" && event.op !== "same" && /VolumeReplication$/.test(event.type))
                // Its failure is met where it is awaited, below.
                inject().catch(() => undefined);
        },
    });
    const held = waitInjected(() => injected, run).then(() => sleep(condition.lasts * 1000, undefined, { ref: false }));
    await Promise.race([run, held]);
    let first: PulumiResult;
    try {
        await injected;
    } finally {
        if (injected !== undefined) await condition.mend(scene, site);
        first = await run;
    }
    const where = injected === undefined ? "not reached" : side;
    return complete(scene, readOutcome(first), `${where}: `);
}

/** Resolves once the condition is there; never, when the run ends before. */
async function waitInjected(injected: () => Promise<void> | undefined, run: Promise<unknown>): Promise<void> {
    let over = false;
    run.then(
        () => (over = true),
        () => (over = true),
    );
    while (injected() === undefined && !over) await sleep(100);
    await injected();
}

/** Types the same command until it completes. */
export async function complete(scene: Scene, first: Outcome, prefix = ""): Promise<StepAccount> {
    const outcomes = [first];
    const typed: string[] = [];
    const begun = Date.now();
    const end = begun + DEADLINE * 1000;
    let restarted = false;
    while (outcomes.at(-1)!.kind !== "completed" && Date.now() < end) {
        const last = outcomes.at(-1)!;
        scene.onProgress(`${describeOutcome(last)}; the same command again`);
        typed.push(...(await doAsTold(scene.cli, scene.step.site, last)));
        if (!restarted && last.restarts.length > 0 && Date.now() > begun + STANDS * 1000) {
            typed.push(...(await restartAsTold(scene, last.restarts)));
            restarted = true;
        }
        if (last.kind !== "locked" && outcomes.length > 1) await sleep(PAUSE * 1000);
        outcomes.push(readOutcome(await scene.command({ mayFail: true })));
    }
    return {
        outcome: prefix + outcomes.map(describeOutcome).filter(unlikePrevious).join(", then "),
        completed: outcomes.at(-1)!.kind === "completed",
        typed,
        runs: outcomes.length,
    };
}

async function restartAsTold({ lab, onProgress }: Scene, restarts: readonly Restart[]): Promise<string[]> {
    const typed: string[] = [];
    for (const { deployment, site } of restarts) {
        const args = ["-n", "rook-ceph", "rollout", "restart", `deployment/${deployment}`];
        await kubectl(readSite(lab, site), args);
        typed.push(`kubectl ${args.join(" ")}, on ${site}`);
        onProgress(typed.at(-1)!);
    }
    return typed;
}

function unlikePrevious(text: string, i: number, all: readonly string[]): boolean {
    return text !== all[i - 1];
}

/** The other one of the two sites. */
export function other(site: SiteName): SiteName {
    return site === "cluster1" ? "cluster2" : "cluster1";
}
