/** The project that a run of `rbd-dr` works on: its folder, its pulumi, and the stacks of its two sites. */
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { CliError } from "../errors.js";
import type { EventBus } from "../events.js";
import { Pulumi } from "./pulumi.js";
import { SiteStack } from "./stack.js";
import { readProjectFile, readStackFile, type ProjectFile } from "./stack-config.js";

/** A project with two sites. */
export interface Project {
    /** Absolute folder that holds Pulumi.yaml and the stack files. */
    readonly dir: string;
    readonly file: ProjectFile;
    readonly pulumi: Pulumi;
    /** Told of what happens. */
    readonly bus: EventBus;
    /** Both sites' stacks, by name. */
    readonly sites: readonly [SiteStack, SiteStack];
    /** URL of the backend, for example `file:///home/me/state`. */
    readonly backend: () => Promise<string>;
    /** Names of the stacks that the backend does not have yet; asked when it is called, as a look at both sites can do without. */
    readonly missing: () => Promise<readonly string[]>;
}

/** What to open. */
export interface OpenOptions {
    /** Id of this run, which everything that is started carries. */
    readonly runId: string;
    /** Told of every plain command that a step amounts to. */
    readonly bus: EventBus;
    /** One of the two stacks, where the folder holds more than one pair. */
    readonly stack?: string;
}

/**
 * Opens the project in a folder.
 *
 * @param cwd folder with Pulumi.yaml and the stack files
 * @throws CliError where the folder is no project of two sites
 */
export async function openProject(cwd: string, options: OpenOptions): Promise<Project> {
    const dir = resolve(cwd);
    const file = await readProjectFile(dir);
    const names = await findPair(dir, file, options.stack);
    const { bus, runId } = options;
    const pulumi = new Pulumi(runId);
    const open = (name: string) => new SiteStack({ name, dir, file, pulumi, bus });
    const sites = [open(names[0]), open(names[1])] as const;
    const backend = () => backendOf(pulumi, dir);
    const missing = async () => {
        const there = await stacksThere(pulumi, dir);
        return names.filter((name) => !there.includes(name));
    };
    return { dir, file, pulumi, bus, sites, backend, missing };
}

/** The stack of a site, by its name. @throws CliError naming the two there are */
export function siteOf(project: Project, name: string): SiteStack {
    const site = project.sites.find((each) => each.name === name);
    if (site === undefined)
        throw new CliError(
            "usage",
            `${name} is neither of this project's sites. They are ${project.sites.map((s) => s.name).join(" and ")}.`,
        );
    return site;
}

/** The other site. */
export function peerOf(project: Project, name: string): SiteStack {
    return project.sites.find((each) => each.name !== name)!;
}

/** Two stacks whose files name each other as `peer`; the one that is named first in the alphabet comes first. */
async function findPair(dir: string, file: ProjectFile, wanted?: string): Promise<readonly [string, string]> {
    const files = (await readdir(dir)).flatMap((name) => /^Pulumi\.(.+)\.ya?ml$/.exec(name) ?? []);
    const names = [...new Set(files.filter((name) => !/\.ya?ml$/.test(name)))].sort();
    const peers = new Map<string, string | undefined>();
    for (const name of names) peers.set(name, (await readStackFile(stackFilePath(dir, name), file.name)).plain["peer"]);
    const pairs = names.flatMap((name): [string, string][] => {
        const peer = peers.get(name);
        return peer !== undefined && name < peer && peers.get(peer) === name ? [[name, peer]] : [];
    });
    const fitting = wanted === undefined ? pairs : pairs.filter((pair) => pair.includes(wanted));
    if (fitting.length === 1) return fitting[0]!;
    const seen = names.map((name) => `${name} (peer: ${peers.get(name) ?? "not set"})`).join(", ") || "none";
    if (fitting.length === 0)
        throw new CliError(
            "usage",
            `${dir} has no two stack files that name each other as ${file.name}:peer${wanted === undefined ? "" : `, one of them ${wanted}`}. Stack files there: ${seen}. ` +
                `Set it in both: pulumi config set peer OTHER -s STACK`,
        );
    throw new CliError(
        "usage",
        `${dir} has more than one pair of sites: ${fitting.map((p) => p.join(" and ")).join("; ")}. Name one of the two stacks: rbd-dr --stack NAME`,
    );
}

function stackFilePath(dir: string, name: string): string {
    return join(dir, `Pulumi.${name}.yaml`);
}

const listSchema = z.array(z.object({ name: z.string() }));

async function stacksThere(pulumi: Pulumi, dir: string): Promise<string[]> {
    const { stdout } = await pulumi.run(["stack", "ls", "--json"], dir);
    return listSchema.parse(JSON.parse(stdout)).map(({ name }) => name.split("/").at(-1)!);
}

/** The backend's URL: from where the CLI takes it, without asking it, where it is named; else from the CLI. */
async function backendOf(pulumi: Pulumi, dir: string): Promise<string> {
    const named = process.env.PULUMI_BACKEND_URL;
    if (named !== undefined && named !== "") return named;
    const { stdout } = await pulumi.run(["whoami", "--json"], dir);
    return whoamiSchema.parse(JSON.parse(stdout)).url ?? "";
}

const whoamiSchema = z.object({ url: z.string().optional() });
