/** Opens what a drill or a verification works with. */
import { join, resolve } from "node:path";
import { lookAtBoth } from "../look.js";
import type { Project } from "../engine/project.js";
import { CliError } from "../errors.js";
import type { DrillApp } from "./app.js";
import { readDrillFile, type DrillFile } from "./drill-file.js";
import { externalApp } from "./external-app.js";
import { inClusterApp, podsOf } from "./in-cluster-app.js";

/** Options that drill and verify share. */
export interface AppFlags {
    readonly app?: string;
    readonly report?: string;
}

/** Folder of the reports, in the project's folder unless it is named. */
export function reportsFolder(project: Project, flags: AppFlags): string {
    return flags.report === undefined ? join(project.dir, "reports") : resolve(flags.report);
}

/** The drill file of a project. */
export function drillFileOf(project: Project, flags: AppFlags): Promise<DrillFile> {
    return readDrillFile(project.dir, flags.app);
}

/**
 * The application: the one that the drill file describes, else the program's demo application.
 *
 * @throws CliError where there is neither
 */
export async function openApp(project: Project, file: DrillFile, reports: string): Promise<DrillApp> {
    if (file.application !== undefined) return externalApp(file);
    const configs = await Promise.all(project.sites.map((site) => site.config()));
    const without = configs.filter((config) => !config.demoApp);
    if (without.length > 0)
        throw new CliError(
            "usage",
            `A drill needs an application whose writes can be read back. ${without.map((c) => c.intent.site).join(" and ")} has demoApp: false, ` +
                `and there is no rbd-dr-drill.yaml that describes yours. See docs/drill.md, "Which application".`,
        );
    const volumes = configs[0]!.intent.volumes.map((v) => `${v.namespace}/${v.name}`);
    return inClusterApp(volumes, configs.map(podsOf), join(reports, "acks.jsonl"));
}

/**
 * The site that serves now: its VolumeReplications are primary, and it answers.
 *
 * @throws CliError where neither or both are
 */
export async function primaryOf(project: Project): Promise<string> {
    const looks = Object.values(await lookAtBoth(project));
    const primaries = looks.filter(
        ({ input: { own } }) =>
            own.reach === "observed" &&
            Object.values(own.volumes).some((volume) => volume.vr?.status.state === "Primary"),
    );
    if (primaries.length === 1) return primaries[0]!.site;
    const names = looks.map((look) => look.site).join(" or --site ");
    throw new CliError(
        "usage",
        `${primaries.length === 0 ? "Neither site serves" : "Both sites are primary"} now. Name the one to read: --site ${names}`,
    );
}
