/** Ours: config flips of two stacks, carried out by the plain pulumi CLI. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { SITES, type SiteName } from "../../lab/index.js";
import { REPO_ROOT } from "../../lab/paths.js";
import type { PulumiCli } from "../../lab/program/pulumi-cli.js";
import { listSettings, openWorkspace } from "../../lab/program/workspace.js";
import { apply, kubectl } from "../../lab/program/kubectl.js";
import { application, namespace } from "../manifests.js";
import { load } from "../machine.js";
import type { StackRun } from "../stack-run.js";
import { alongside, measured, together, type Command, type Usage } from "../usage.js";
import { appOf, benchVolumes, imagesOf, namespacesOf, type BenchVolume } from "../volumes.js";
import type { Arena, Contender } from "./contender.js";
import type { ContenderName } from "./names.js";
import { engineEnvironment, parallelFlag } from "../../many-volumes.js";

const NAMESPACE = "ours";
/** The first site is told twice: the second one's token is there only once that one is up. */
const SET_UP = [
    ["up, from nothing", SITES[0]],
    ["up, from nothing", SITES[1]],
    ["up, takes the other's token up", SITES[0]],
] as const;

/** Two stacks and their volumes; the contenders that move them differ in the commands that they type. */
export class Ours {
    private cli: PulumiCli | undefined;
    readonly volumes;

    constructor(private readonly arena: Arena) {
        this.volumes = benchVolumes(NAMESPACE, arena.volumes, arena.writers, arena.perNamespace);
    }

    /** The CLI in the stacks' workspace. */
    get pulumi(): PulumiCli {
        if (this.cli === undefined) throw new Error("the stacks are used before they are set up");
        return this.cli;
    }

    /**
     * Both sites with everything on them, which the other contenders' volumes use too.
     *
     * @param onRun called with what each step cost, once it is done
     */
    async setUp(onRun: (run: StackRun) => Promise<void>): Promise<void> {
        const { arena, volumes } = this;
        const written = volumes.filter((v) => v.written);
        for (const name of SITES)
            await apply(arena.site(name), [...namespacesOf(volumes).map(namespace), ...written.map(application)]);
        const asConfig = (some: readonly BenchVolume[]) =>
            some.map(({ name, namespace, size }) => ({ name, namespace, size }));
        this.cli = await openWorkspace(arena.lab, {
            // csi-addons asks for the other site's report of a volume again and again until there is one: hundreds of volumes
            // come when the sites are peers.
            volumes: asConfig(written),
            // The shortest that Ceph takes would keep hundreds of images busy with snapshots of nothing.
            schedulingInterval: arena.volumes > 10 ? "1h" : "5m",
        });
        const workloads = written.map((v) => ({
            kind: "Deployment",
            namespace: NAMESPACE,
            name: appOf(v),
            replicas: 1,
        }));
        for (const name of SITES)
            await this.cli.setAllConfig(name, {
                demoApp: "false",
                handoverWait: "10m",
                ...listSettings("workloads", workloads),
            });
        // A set-up that was stopped goes on with the volumes that it has asked for.
        if (!(await this.asksFor(volumes.length)))
            for (const [what, stack] of SET_UP) await onRun(await this.runUp(what, stack, written.length));
        if (volumes.length === written.length) return;
        for (const name of SITES) await this.cli.setAllConfig(name, listSettings("volumes", asConfig(volumes)));
        for (const stack of SITES) await onRun(await this.runUp("up, the other volumes come", stack, volumes.length));
    }

    /**
     * What it costs to find nothing to do.
     *
     * @throws Error when there was something
     */
    async unchanged(onRun: (run: StackRun) => Promise<void>): Promise<void> {
        const count = this.volumes.length;
        const expected = "--expect-no-changes";
        for (const stack of SITES) {
            await onRun(await this.run("preview, nothing to do", stack, count, this.preview(stack, expected)));
            await onRun(await this.run("up, nothing to do", stack, count, this.up(stack, count, expected)));
        }
    }

    /** Whether the stacks ask for all of so many volumes already, and not for the written ones alone. */
    private async asksFor(volumes: number): Promise<boolean> {
        const { stdout } = await this.pulumi.run(["config", "get", "volumes", "--stack", SITES[1]]);
        return volumes > this.arena.writers && (JSON.parse(stdout) as unknown[]).length === volumes;
    }

    private runUp(what: string, stack: SiteName, volumes: number): Promise<StackRun> {
        return this.run(what, stack, volumes, this.up(stack, volumes));
    }

    private async run(what: string, stack: SiteName, volumes: number, command: Command): Promise<StackRun> {
        this.arena.say(`pulumi ${what}: ${stack}, ${volumes} volumes`);
        const before = load();
        return { what, stack, volumes, load: before, ...(await measured(command)) };
    }

    /**
     * The contender that types these commands, those of an inner list at the same time.
     *
     * @param flips whether both stacks' config is flipped before; false where the command does that
     * @param disaster the command by which it moves to a site without the other one, which is lost; by default an `up` of that site
     */
    contender(
        name: ContenderName,
        commands: (from: SiteName, to: SiteName) => readonly (Command | readonly Command[])[],
        {
            flips = true,
            disaster = (_lost, to) => this.up(to),
        }: { readonly flips?: boolean; readonly disaster?: (lost: SiteName, to: SiteName) => Command } = {},
    ): Contender {
        const { arena, volumes } = this;
        const at = async (): Promise<SiteName> => {
            const state = await this.pulumi.run(["config", "get", "replicationState", "--stack", SITES[0]]);
            return state.stdout.trim() === "primary" ? SITES[0] : SITES[1];
        };
        return {
            name,
            volumes,
            at,
            setUp: async () => {
                if (this.cli === undefined) await this.setUp(() => Promise.resolve());
            },
            move: async (from, to) => {
                if (flips) await this.flip(from, to);
                const usages: Usage[] = [];
                for (const step of commands(from, to))
                    usages.push(
                        "file" in step ? await measured(step) : alongside(await Promise.all(step.map(measured))),
                    );
                return together(usages);
            },
            disaster: async (lost, to) => {
                if (flips) await this.pulumi.setAllConfig(to, { replicationState: "primary", lostSite: lost });
                return measured(disaster(lost, to));
            },
            applications: async (run) => {
                const args = ["-n", NAMESPACE, "scale", "deployment", "--all", `--replicas=${run ? 1 : 0}`];
                await kubectl(arena.site(await at()), args);
            },
            images: async () => imagesOf(arena.site(await at()), ...namespacesOf(volumes)),
            stateBytes: () => this.stateBytes(),
            close: () => Promise.resolve(),
        };
    }

    /** An `up` of a stack that asks for so many volumes, without a preview. */
    up(stack: SiteName, volumes = this.volumes.length, ...flags: readonly string[]): Command {
        return this.command(stack, "up", "--yes", "--skip-preview", ...parallelFlag(volumes), ...flags);
    }

    /** A preview of a stack with all of its volumes. */
    preview(stack: SiteName, ...flags: readonly string[]): Command {
        return this.command(stack, "preview", ...parallelFlag(this.volumes.length), ...flags);
    }

    /** A command of the plain CLI on a stack. */
    private command(stack: SiteName, ...args: readonly string[]): Command {
        const { dir, env } = this.pulumi;
        return {
            file: "pulumi",
            args: ["--non-interactive", "--color", "never", ...args, "--stack", stack],
            cwd: dir,
            env: { ...env, ...engineEnvironment(this.arena.volumes) },
        };
    }

    /** A command of `rbd-dr` on both stacks. */
    rbdDr(...args: readonly string[]): Command {
        const { dir, env } = this.pulumi;
        const bin = join(REPO_ROOT, "cli", "bin.mjs");
        return { file: process.execPath, args: [bin, "--cwd", dir, ...args], cwd: dir, env };
    }

    private async flip(from: SiteName, to: SiteName): Promise<void> {
        await this.pulumi.setConfig(from, "replicationState", "secondary");
        await this.pulumi.setConfig(to, "replicationState", "primary");
    }

    /** Bytes of both stacks' checkpoints. */
    private async stateBytes(): Promise<number> {
        const folder = join(this.pulumi.dir, "state", ".pulumi", "stacks", "rbd-dr");
        const sizes = await Promise.all(SITES.map(async (name) => (await stat(join(folder, `${name}.json`))).size));
        return sizes.reduce((sum, size) => sum + size, 0);
    }
}
