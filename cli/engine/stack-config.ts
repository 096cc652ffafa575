/** Reads a stack's config from its file, as the program would see it, without the CLI and without decrypting anything. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { CliError } from "../errors.js";

/** What Pulumi.yaml says, as far as the CLI needs it. */
export interface ProjectFile {
    readonly name: string;
    /** Absolute folder in which the program runs: relative paths in config start there. */
    readonly programDir: string;
    /** Defaults of the config keys, as the strings that Pulumi hands over. */
    readonly defaults: Readonly<Record<string, string>>;
}

/** What a stack's file says. */
export interface StackFile {
    /** Config keys of the project without its prefix, as the strings that Pulumi hands over; secret ones left out. */
    readonly plain: Readonly<Record<string, string>>;
    /** Names of the secret keys, without the prefix. */
    readonly secret: readonly string[];
    /** Whether config comes from somewhere else as well (Pulumi ESC). */
    readonly imports: boolean;
}

const projectSchema = z.looseObject({
    name: z.string(),
    main: z.string().optional(),
    config: z.record(z.string(), z.unknown()).optional(),
});

const stackSchema = z.looseObject({
    config: z.record(z.string(), z.unknown()).nullish(),
    environment: z.unknown().optional(),
});

/**
 * Reads Pulumi.yaml.
 *
 * @param dir folder that holds it
 * @throws CliError where there is none, or it cannot be read
 */
export async function readProjectFile(dir: string): Promise<ProjectFile> {
    const file = ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(dir, name)).find((path) => existsSync(path));
    if (file === undefined)
        throw new CliError(
            "usage",
            `${dir} has no Pulumi.yaml. Give the folder of the project and its stack files: rbd-dr --cwd DIR`,
        );
    const project = projectSchema.safeParse(await readYaml(file));
    if (!project.success)
        throw new CliError("usage", `${file} is not a Pulumi project: ${z.prettifyError(project.error)}`);
    const { name, main, config = {} } = project.data;
    const base = main === undefined ? dir : resolve(dir, main);
    return {
        name,
        programDir: /\.[cm]?[jt]s$/.test(base) ? resolve(base, "..") : base,
        defaults: Object.fromEntries(
            Object.entries(config).flatMap(([key, value]) => {
                const standard = defaultOf(value);
                return standard === undefined ? [] : [[withoutPrefix(key, name), asPulumiSays(standard)]];
            }),
        ),
    };
}

/** A key of Pulumi.yaml's `config` is a type with a default, an object with a value, or the value itself. */
function defaultOf(value: unknown): unknown {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const { default: standard, value: fixed } = value as { default?: unknown; value?: unknown };
    return fixed ?? standard;
}

/**
 * Reads a stack's file.
 *
 * @param file its path
 * @param project name of the project, whose prefix the keys carry
 * @throws CliError when it is no YAML
 */
export async function readStackFile(file: string, project: string): Promise<StackFile> {
    const stack = stackSchema.safeParse((await readYaml(file)) ?? {});
    if (!stack.success) throw new CliError("usage", `${file} is not a stack file: ${z.prettifyError(stack.error)}`);
    const plain: Record<string, string> = {};
    const secret: string[] = [];
    for (const [key, value] of Object.entries(stack.data.config ?? {})) {
        if (!key.startsWith(`${project}:`)) continue;
        const bare = withoutPrefix(key, project);
        if (hasSecret(value)) secret.push(bare);
        else plain[bare] = asPulumiSays(value);
    }
    return { plain, secret, imports: stack.data.environment !== undefined };
}

/** Config keys that are paths: relative ones start where the program runs. */
const PATH_KEYS = ["kubeconfig", "peerKubeconfig", "rbdConf", "peerRbdConf"];

/** A stack's config with the project's defaults filled in and paths made absolute. */
export function completeConfig(
    config: Readonly<Record<string, string>>,
    project: ProjectFile,
): Readonly<Record<string, string>> {
    const all: Record<string, string> = { ...project.defaults, ...config };
    for (const key of PATH_KEYS) {
        const path = all[key];
        if (path !== undefined && path !== "" && !isAbsolute(path)) all[key] = resolve(project.programDir, path);
    }
    return all;
}

/** Of each file what it held last: the same text is not parsed again, which takes as long as pulumi takes to start. */
const parsed = new Map<string, { readonly text: string; readonly value: unknown }>();

async function readYaml(file: string): Promise<unknown> {
    try {
        const text = await readFile(file, "utf8");
        const last = parsed.get(file);
        if (last?.text === text) return last.value;
        const value = parse(text) as unknown;
        parsed.set(file, { text, value });
        return value;
    } catch (error) {
        throw new CliError("usage", `${file} cannot be read: ${(error as Error).message}`, { cause: error });
    }
}

function withoutPrefix(key: string, project: string): string {
    return key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key;
}

/** A value as Pulumi hands it to a program: text as it is, everything else as JSON. */
function asPulumiSays(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}

function hasSecret(value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    if (Array.isArray(value)) return value.some(hasSecret);
    return "secure" in value || Object.values(value).some(hasSecret);
}
