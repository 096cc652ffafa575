/**
 * A Pulumi workspace for the lab: the program of this checkout, with stack files, state and plugins of the lab's own, so
 * that a rehearsal never touches the stack files of the checkout.
 */
import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { parseDocument, stringify } from "yaml";
import { writePrivate } from "../../host/files.js";
import { labDir, REPO_ROOT, SITES, type SiteName } from "../paths.js";
import { readSite, type SiteInfo } from "../site.js";
import { moduleDir, toolPath } from "../toolchain/index.js";
import { ackLogPath } from "../writer/index.js";
import { PulumiCli } from "./pulumi-cli.js";

/** How the lab differs from a user's stack files; all of it is config that users have too. */
export interface WorkspaceOptions {
    /** Mirror snapshot interval; a minute is the shortest that Ceph schedules. */
    readonly schedulingInterval?: string;
    /** Volumes of both sites. Default: the program's own default. */
    readonly volumes?: readonly { name: string; namespace?: string; size: string }[];
    /** Folder below the lab's, for a second pair of stacks. Default: `workspace`. */
    readonly folder?: string;
    /** Config keys that differ from the lab's usual ones, as they stand in a stack file. */
    readonly settings?: Readonly<Record<string, unknown>>;
}

/**
 * Makes (or finds) the workspace of a running lab, with both stacks' config set.
 *
 * @returns the CLI bound to it
 */
export async function openWorkspace(lab: string, options: WorkspaceOptions = {}): Promise<PulumiCli> {
    const dir = join(labDir(lab), options.folder ?? "workspace");
    for (const folder of [dir, join(dir, "state"), join(dir, "home")])
        await mkdir(folder, { recursive: true, mode: 0o700 });
    keepNoLogs(join(dir, "home"));
    const passphrase = join(dir, "passphrase");
    if (!existsSync(passphrase)) writePrivate(passphrase, randomBytes(24).toString("base64"));
    await writeProject(dir);
    const cli = new PulumiCli(dir, environment(dir, passphrase));
    writeEnvironmentFile(dir, cli.env);
    await writeFile(join(dir, "rbd-dr-drill.yaml"), drillFile(lab, options));
    for (const site of SITES) await prepareStack(cli, lab, site, options);
    return cli;
}

/**
 * Pulumi logs every value that passes its engine, compressed and encrypted, and has no switch for that (3.259, `StartLogging`): 40 % of
 * its processor time, and 7 MB for a run with one volume. It goes without where it cannot make the folder.
 */
function keepNoLogs(home: string): void {
    const logs = join(home, "logs");
    if (!existsSync(logs)) writeFileSync(logs, "");
}

/** The checkout's Pulumi.yaml, with its program found from elsewhere. */
async function writeProject(dir: string): Promise<void> {
    const project = parseDocument(await readFile(join(REPO_ROOT, "Pulumi.yaml"), "utf8"));
    project.set("main", REPO_ROOT);
    await writeFile(join(dir, "Pulumi.yaml"), project.toString());
}

function environment(dir: string, passphrase: string): Record<string, string> {
    const tools = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes", "kubectl"] as const;
    const folders = new Set(tools.map((tool) => dirname(toolPath(tool))));
    return {
        PATH: [...folders, process.env.PATH ?? ""].join(delimiter),
        PULUMI_HOME: join(dir, "home"),
        // Without it each state file has another beside it that is not written in one go: empty after a kill, it locks everybody out.
        PULUMI_BACKEND_URL: `file://${join(dir, "state")}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
        PULUMI_SKIP_UPDATE_CHECK: "1",
        // The plugins are on PATH; looking for newer ones would only cost time.
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
    };
}

/** What a drill is to know of the lab: its writers, how their blocks are read back, and how a site is lost. */
function drillFile(lab: string, { volumes = [{ name: "rbd-pvc", size: "1Gi" }] }: WorkspaceOptions): string {
    const run = (...words: string[]) => [process.execPath, join(REPO_ROOT, "lab/bootstrap.mjs"), ...words];
    const cli = (...words: string[]) => run(join(REPO_ROOT, "lab/cli.ts"), ...words, "{site}");
    return stringify({
        application: {
            description: "the lab's writer: numbered, checksummed, flushed blocks through librbd",
            volumes: volumes.map(({ name, namespace = "default" }) => {
                const claim = `${namespace}/${name}`;
                return { claim, acks: ackLogPath(lab, claim) };
            }),
            verify: run(join(REPO_ROOT, "lab/writer/verify-cli.ts"), "{site}", "{volume}"),
        },
        faults: {
            stop: { description: "{site} stopped without warning", inject: cli("stop"), restore: cli("start") },
            freeze: {
                description: "{site} frozen: no answer, sockets open",
                inject: cli("freeze"),
                restore: cli("thaw"),
            },
        },
        env: { RBD_DR_LAB: lab },
        cwd: REPO_ROOT,
    });
}

/** For a person: `. <workspace>/env` makes plain `pulumi` commands work there. */
function writeEnvironmentFile(dir: string, env: Readonly<Record<string, string>>): void {
    const lines = Object.entries(env).map(([key, value]) => `export ${key}=${quote(value)}`);
    writePrivate(join(dir, "env"), `${lines.join("\n")}\n`);
}

function quote(text: string): string {
    return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A list of objects as paths of pulumi's config: `volumes[0].name` and so on. */
export function listSettings(key: string, items: readonly object[]): Record<string, string> {
    const settings = items.flatMap((item, i) =>
        Object.entries(item).map(([field, value]) => [`${key}[${i}].${field}`, String(value)]),
    );
    return Object.fromEntries(settings) as Record<string, string>;
}

async function prepareStack(cli: PulumiCli, lab: string, site: SiteName, options: WorkspaceOptions): Promise<void> {
    await cli.run(["stack", "select", "--create", site]);
    if ((await cli.configKeys(site)).includes("rbd-dr:peer")) return;
    const info = readSite(lab, site);
    const { adminKey, ...ceph } = await cephOf(info);
    const [rook, csiAddons] = await Promise.all([
        moduleDir("rook", "github.com/rook/rook"),
        moduleDir("csi-addons", "github.com/csi-addons/kubernetes-csi-addons"),
    ]);
    const settings: Record<string, string> = {
        replicationState: site === SITES[0] ? "primary" : "secondary",
        peer: SITES.find((s) => s !== site)!,
        kubeconfig: info.kubernetes.kubeconfig,
        context: info.kubernetes.context,
        rookManifests: join(rook, "deploy/examples"),
        csiAddonsManifests: join(csiAddons, "deploy/controller"),
        poolReplicas: "1",
        mirrorStatusInterval: "10s",
        schedulingInterval: options.schedulingInterval ?? "1m",
        rbdConf: info.ceph.conf,
        ...ceph,
    };
    await cli.setAllConfig(site, { ...settings, ...listSettings("volumes", options.volumes ?? []) });
    await cli.setSecret(site, "externalCephAdminKey", adminKey);
    if (options.settings !== undefined) await editStackFile(cli, site, options.settings);
}

/** Lists, an empty one above all, cannot be set on the command line. */
async function editStackFile(
    cli: PulumiCli,
    site: SiteName,
    settings: Readonly<Record<string, unknown>>,
): Promise<void> {
    const file = join(cli.dir, `Pulumi.${site}.yaml`);
    const stack = parseDocument(await readFile(file, "utf8"));
    for (const [key, value] of Object.entries(settings)) stack.setIn(["config", `rbd-dr:${key}`], value);
    await writeFile(file, stack.toString());
}

/** The keys of a stack that say which Ceph is behind its site. */
async function cephOf(
    info: SiteInfo,
): Promise<Record<"externalCeph.fsid" | "externalCeph.monEndpoints" | "adminKey", string>> {
    const external = JSON.parse(await readFile(join(info.dir, "ceph", "external.json"), "utf8")) as {
        fsid: string;
        monEndpoints: string;
        adminKey: string;
    };
    return {
        "externalCeph.fsid": external.fsid,
        "externalCeph.monEndpoints": external.monEndpoints,
        adminKey: external.adminKey,
    };
}

/**
 * Tells a stack of the Ceph cluster that a rebuilt site has.
 *
 * @returns the keys that were set, without the secret one
 */
export async function followRebuiltSite(cli: PulumiCli, lab: string, site: SiteName): Promise<[string, string][]> {
    const { adminKey, ...ceph } = await cephOf(readSite(lab, site));
    await cli.setAllConfig(site, ceph);
    await cli.setSecret(site, "externalCephAdminKey", adminKey);
    return Object.entries(ceph);
}
