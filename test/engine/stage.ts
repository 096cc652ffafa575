/** The stage of the engine tests: a lab of their own, its Pulumi workspace, and the questions that the tests ask of it. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readAcks, waitForAcks } from "../../lab/demo/acks.js";
import { labDown, labUp, readSite, type SiteInfo, type SiteName } from "../../lab/index.js";
import { imageOf, imageSeen } from "../../lab/program/images.js";
import type { PulumiCli } from "../../lab/program/pulumi-cli.js";
import { openWorkspace } from "../../lab/program/workspace.js";
import { ackLogPath, verify } from "../../lab/writer/index.js";

export const VOLUME = "default/rbd-pvc";

/** A lab with both stacks' config set, nothing brought up yet. */
export interface Stage {
    readonly lab: string;
    readonly cli: PulumiCli;
    readonly site: (name: SiteName) => SiteInfo;
    /** Path of the demo volume's acknowledgement log. */
    readonly acks: string;
}

/** Brings a fresh lab up. `RBD_DR_KEEP=1` leaves it (and finds it again), for working on a test. */
export async function openStage(lab: string): Promise<Stage> {
    if (!process.env.RBD_DR_KEEP) await labDown(lab);
    await labUp({ lab, onProgress: (line) => process.stderr.write(`    ${line}\n`) });
    const cli = await openWorkspace(lab);
    cli.onRun = (line) => process.stderr.write(`    ${line}\n`);
    return { lab, cli, site: (name) => readSite(lab, name), acks: ackLogPath(lab, VOLUME) };
}

export async function closeStage(stage: Stage | undefined): Promise<void> {
    if (stage && !process.env.RBD_DR_KEEP) await labDown(stage.lab);
}

/** `mirroring primary` of the volume's image on each site, from `rbd info`. */
export async function primaries(
    stage: Stage,
    seenOn: SiteName,
    volume = VOLUME,
): Promise<{ cluster1?: boolean; cluster2?: boolean }> {
    const ref = await imageOf(stage.site(seenOn), volume);
    const primary = async (name: SiteName) => {
        const image = await imageSeen(stage.site(name), ref);
        if (image === undefined) throw new Error(`Ceph of ${name} does not answer.`);
        return image.mirroring === "enabled" ? image.primary : undefined;
    };
    const [cluster1, cluster2] = await Promise.all([primary("cluster1"), primary("cluster2")]);
    return { cluster1, cluster2 };
}

/** Every acknowledged write, read back on a site. */
export async function lostOn(
    stage: Stage,
    name: SiteName,
    volume = VOLUME,
): Promise<{ acknowledged: number; lost: number }> {
    const ref = await imageOf(stage.site(name), volume);
    const report = await verify(stage.site(name), ref, ackLogPath(stage.lab, volume));
    return { acknowledged: report.acknowledged, lost: report.lost.length };
}

/** Waits for more writes on a site, and says how many there are in all. */
export async function moreWrites(stage: Stage, name: SiteName, count: number): Promise<number> {
    await waitForAcks(stage.acks, name, count);
    return (await readAcks(stage.acks)).length;
}

/** Kind and name of each changing step, sorted: what a preview shows. */
export async function previewOf(stage: Stage, stack: SiteName): Promise<string[]> {
    const steps = await stage.cli.changes(stack);
    return steps.map((s) => `${s.op} ${s.type.split(":").at(-1)} ${s.name}`).sort();
}

/** The texts of all files below a folder. */
export function textsBelow(folder: string): { file: string; text: string }[] {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
        .map((name) => join(folder, name))
        .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
        .map((file) => ({ file, text: readFileSync(file, "latin1") }));
}

/** Tries an assertion again until it holds; its own error when time is up. */
export async function eventually(assertion: () => Promise<void>, seconds = 120): Promise<void> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        try {
            return await assertion();
        } catch (error) {
            if (Date.now() > end) throw error;
            await sleep(1000);
        }
    }
}
