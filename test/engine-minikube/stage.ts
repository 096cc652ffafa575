/** A stage for the engine test: a copy of the program, a file backend, both doubles on PATH; no cluster, no network. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PulumiCli, type PulumiResult } from "../../lab/program/pulumi-cli.js";
import { toolPath } from "../../lab/toolchain/index.js";
import { scriptedMinikube, type Scripted } from "./scripted.js";

const REPO = fileURLToPath(new URL("../..", import.meta.url));
const STACK = "cluster1";

export interface Stage {
    readonly scripted: Scripted;
    /** Runs `pulumi ARGS -s cluster1`; a failure is a result. */
    pulumi(...args: string[]): Promise<PulumiResult>;
    configure(values: {
        minikube?: object;
        holdsPrimary?: boolean;
        protect?: boolean;
        preflight?: boolean;
        remade?: string;
    }): void;
    outputs(): Promise<Record<string, unknown>>;
    /** Steps of a preview as `op name`. */
    preview(): Promise<string[]>;
    /** The Command as the state has it. */
    command(): Promise<
        { id: string; inputs: Record<string, unknown>; outputs: Record<string, unknown>; protect?: boolean } | undefined
    >;
    remove(): void;
}

export async function openStage(): Promise<Stage> {
    const root = mkdtempSync(join(tmpdir(), "rbd-dr it's a stage "));
    const workspace = join(root, "work space");
    const program = copyProgram(join(root, "the program"));
    for (const dir of [workspace, join(root, "state"), join(root, "home")]) mkdirSync(dir);
    writeFileSync(join(workspace, "Pulumi.yaml"), JSON.stringify({ name: "mk", runtime: "nodejs", main: program }));
    const scripted = scriptedMinikube();
    const tools = (["pulumi", "pulumi-language-nodejs"] as const).map((tool) => dirname(toolPath(tool)));
    const double = fileURLToPath(new URL("../doubles/command-plugin/bin", import.meta.url));
    const cli = new PulumiCli(workspace, {
        ...scripted.env,
        PATH: [double, ...tools, scripted.env["PATH"]].join(delimiter),
        PULUMI_HOME: join(root, "home"),
        PULUMI_BACKEND_URL: `file://${join(root, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_SKIP_UPDATE_CHECK: "1",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    });
    const pulumi = (...args: string[]) => cli.run([...args, "-s", STACK], { mayFail: true });
    await cli.run(["stack", "init", STACK]);
    const stackFile = join(workspace, `Pulumi.${STACK}.yaml`);
    const salt = readFileSync(stackFile, "utf8");
    const values: Record<string, unknown> = { minikube: {}, holdsPrimary: false, protect: true, peer: "cluster2" };
    const configure: Stage["configure"] = (changes) => {
        Object.assign(values, changes);
        const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`mk:${key}`, value]));
        writeFileSync(stackFile, `${salt}\nconfig: ${JSON.stringify(config)}\n`);
    };
    configure({});
    const state = async () => {
        const { stdout } = await cli.run(["stack", "export", "-s", STACK]);
        return JSON.parse(stdout) as { deployment: { resources?: { type: string; id: string }[] } };
    };
    return {
        scripted,
        pulumi,
        configure,
        outputs: async () => JSON.parse((await pulumi("stack", "output", "--json")).stdout) as Record<string, unknown>,
        preview: async () => {
            const { stdout, text } = await pulumi("preview", "--json");
            if (!stdout.startsWith("{")) throw new Error(text);
            const { steps = [] } = JSON.parse(stdout) as { steps?: { op: string; urn: string }[] };
            return steps.map((s) => `${s.op} ${s.urn.split("::").at(-1)}`).filter((s) => !s.startsWith("same"));
        },
        command: async () => {
            const found = (await state()).deployment.resources?.find((r) => r.type === "command:local:Command");
            return found as Awaited<ReturnType<Stage["command"]>>;
        },
        remove: () => {
            scripted.remove();
            rmSync(root, { recursive: true, force: true });
        },
    };
}

/** The parts of the checkout that the program needs, at a path that a shell would stumble over. */
function copyProgram(root: string): string {
    for (const part of [
        "tsconfig.json",
        "minikube",
        "host",
        "components/minikube-cluster.ts",
        "test/engine-minikube/program",
    ])
        cpSync(join(REPO, part), join(root, part), { recursive: true });
    writeFileSync(join(root, "package.json"), JSON.stringify({ type: "module" }));
    symlinkSync(join(REPO, "node_modules"), join(root, "node_modules"));
    return join(root, "test/engine-minikube/program");
}
